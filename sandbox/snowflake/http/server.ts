import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import type { Cloud } from "../context.ts";
import { SnowflakeError } from "../errors.ts";
import type { Run } from "../execution.ts";
import type { Detachment } from "./attendance.ts";
import { LARGEST_FOREIGN_BODY, readBodies } from "./bodies.ts";
import { loginRoutes } from "./login-routes.ts";
import { queryRoutes } from "./query-routes.ts";
import { failure } from "./reply.ts";
import { Sessions, type TokenLifetimes } from "./sessions.ts";

/** How often sessions that have expired are looked for. */
const SWEEP = 60_000;
/** Within which a request has to have arrived. */
const SLOWEST_REQUEST = 300_000;

export interface ServerOptions {
  lifetimes: TokenLifetimes;
  /** How long an answer is held back for a statement that has not ended. Snowflake holds it for 45 s. */
  patienceSeconds: number;
  detachment: Detachment;
}

/** The HTTP side of the local Snowflake, as drivers use it. */
export function createServer(cloud: Cloud, run: Run, options: ServerOptions): FastifyInstance {
  const server = Fastify({
    bodyLimit: LARGEST_FOREIGN_BODY,
    requestTimeout: SLOWEST_REQUEST,
    keepAliveTimeout: 120_000,
    forceCloseConnections: true,
    // Addresses that cannot be decoded.
    frameworkErrors: ({ message }, _request, reply) => {
      (reply as FastifyReply).status(400).send(httpFailure(400, message));
    },
  });
  const sessions = new Sessions(cloud, options.lifetimes);
  const sweep = setInterval(() => void sessions.sweep(), SWEEP);
  sweep.unref();
  server.addHook("onClose", async () => clearInterval(sweep));

  readBodies(server);

  // Snowflake reports its errors in the body of a 200.
  server.setErrorHandler((error, _request, reply) => {
    if (error instanceof SnowflakeError) return reply.status(200).send(failure(error));
    const { statusCode = 500, message } = error as { statusCode?: number; message: string };
    if (statusCode >= 500) process.stderr.write(`${(error as Error).stack}\n`);
    return reply
      .status(statusCode)
      .send(httpFailure(statusCode, statusCode >= 500 ? "Internal error" : message));
  });
  server.setNotFoundHandler((request, reply) =>
    reply.status(404).send(httpFailure(404, `There is no ${request.method} of this address`)),
  );

  server.get("/healthcheck", () => ({ ok: true }));
  loginRoutes(server, cloud, sessions);
  queryRoutes(server, cloud, sessions, run, options);
  return server;
}

/** A request that is none of the protocol's: its HTTP status is its code. */
const httpFailure = (statusCode: number, message: string) =>
  failure(new SnowflakeError(String(statusCode).padStart(6, "0"), "XX000", message));
