import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import Fastify, { type FastifyInstance } from "fastify";
import type { Cloud } from "../context.ts";
import { SnowflakeError } from "../errors.ts";
import type { Run } from "../execution.ts";
import type { Detachment } from "./attendance.ts";
import { loginRoutes } from "./login-routes.ts";
import { queryRoutes } from "./query-routes.ts";
import { failure } from "./reply.ts";
import { Sessions, type TokenLifetimes } from "./sessions.ts";

const decompress = promisify(gunzip);

/** Bound values come with the statement, whole batches of them. */
const LARGEST_BODY = 512 * 1024 * 1024;

/** How often sessions that have expired are looked for. */
const SWEEP = 60_000;

export interface ServerOptions {
  lifetimes: TokenLifetimes;
  /** How long an answer is held back for a statement that has not ended. Snowflake holds it for 45 s. */
  patienceSeconds: number;
  detachment: Detachment;
}

/** The HTTP side of the local Snowflake, as drivers use it. */
export const createServer = (cloud: Cloud, run: Run, options: ServerOptions): FastifyInstance => {
  const server = Fastify({ bodyLimit: LARGEST_BODY, keepAliveTimeout: 120_000, forceCloseConnections: true });
  const sessions = new Sessions(cloud, options.lifetimes);
  const sweep = setInterval(() => void sessions.sweep(), SWEEP);
  sweep.unref();
  server.addHook("onClose", async () => clearInterval(sweep));

  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    "*",
    { parseAs: "buffer" },
    async (request: { headers: Record<string, unknown> }, body: Buffer) => {
      if (body.length === 0) return {};
      const zipped = request.headers["content-encoding"] === "gzip" || (body[0] === 0x1f && body[1] === 0x8b);
      const content = zipped ? await decompress(body) : body;
      return JSON.parse(content.toString("utf8")) as unknown;
    },
  );

  // Snowflake reports its errors in the body of a 200.
  server.setErrorHandler((error, _request, reply) => {
    if (error instanceof SnowflakeError) return reply.status(200).send(failure(error));
    const { statusCode = 500, message } = error as { statusCode?: number; message: string };
    if (statusCode >= 500) process.stderr.write(`${(error as Error).stack}\n`);
    return reply
      .status(statusCode)
      .send(failure(new SnowflakeError(String(statusCode).padStart(6, "0"), "XX000", message)));
  });

  server.get("/healthcheck", () => ({ ok: true }));
  loginRoutes(server, cloud, sessions);
  queryRoutes(server, cloud, sessions, run, options);
  return server;
};
