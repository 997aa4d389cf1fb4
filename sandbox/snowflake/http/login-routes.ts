import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Cloud } from "../context.ts";
import { SnowflakeError } from "../errors.ts";
import { loginSchema } from "./bodies.ts";
import { authenticate, type LoginData, type LoginQuery, loginAccount } from "./login.ts";
import { failure, parameterList, success } from "./reply.ts";
import type { OpenSession, Sessions } from "./sessions.ts";

/** The token in `Authorization: Snowflake Token="…"`. */
export const tokenOf = (request: FastifyRequest): string | undefined =>
  /Token="([^"]*)"/.exec(request.headers.authorization ?? "")?.[1];

/** The Python connector, and what builds on it, whatever it is called. */
const isPython = ({ CLIENT_ENVIRONMENT: client }: LoginData) => client?.PYTHON_VERSION !== undefined;

/** Login, renewal of tokens, heartbeat, logout, telemetry. */
export function loginRoutes(server: FastifyInstance, cloud: Cloud, sessions: Sessions): void {
  server.post<{ Body: { data?: LoginData | null } | null; Querystring: LoginQuery }>(
    "/session/v1/login-request",
    { schema: loginSchema },
    (request, reply) => {
      const data = request.body?.data ?? {};
      const account = loginAccount(cloud, data.ACCOUNT_NAME);
      if (!account) {
        // On Snowflake the account is the host's name, and an unknown one answers with 403.
        const error = new SnowflakeError(
          "390201",
          "08004",
          `The requested account '${data.ACCOUNT_NAME ?? ""}' does not exist or you are not authorized to access it.`,
        );
        return reply.status(403).send(failure(error));
      }
      const open = sessions.open(authenticate(account, data, request.query), isPython(data));
      return success(loginReply(open, sessions));
    },
  );

  server.post("/session/token-request", (request) => {
    const open = sessions.renew(tokenOf(request));
    return success({
      sessionToken: open.sessionToken,
      validityInSecondsST: sessions.lifetimes.session,
      masterToken: open.masterToken,
      validityInSecondsMT: sessions.lifetimes.master,
      sessionId: open.session.id,
    });
  });

  server.post("/session/heartbeat", (request) => {
    sessions.touch(sessions.find(tokenOf(request)));
    return success(null);
  });

  server.post<{ Querystring: { delete?: string } }>("/session", async (request) => {
    if (request.query.delete === "true") await sessions.close(sessions.find(tokenOf(request)));
    return success(null);
  });

  server.post("/telemetry/send", () => success("Log Received"));
}

const loginReply = ({ session, sessionToken, masterToken }: OpenSession, { lifetimes }: Sessions) => ({
  token: sessionToken,
  validityInSeconds: lifetimes.session,
  masterToken,
  masterValidityInSeconds: lifetimes.master,
  displayUserName: session.user,
  serverVersion: "9.37.0",
  firstLogin: false,
  healthCheckInterval: 45,
  newClientForUpgrade: null,
  sessionId: session.id,
  parameters: parameterList(session),
  sessionInfo: {
    databaseName: session.database,
    schemaName: session.schema,
    warehouseName: session.warehouse,
    roleName: session.role,
  },
});
