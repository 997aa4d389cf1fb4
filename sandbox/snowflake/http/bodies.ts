import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { FastifyInstance, FastifyRequest } from "fastify";

const decompress = promisify(gunzip);

/** Before a login nothing is taken but what a login takes, inflated as well. */
export const LARGEST_FOREIGN_BODY = 262_144;
/** Bound values come with the statement, whole batches of them. */
export const LARGEST_QUERY_BODY = 67_108_864;

/** An error of the request itself, by its HTTP status. */
const fault = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode });

/** Reads JSON, zipped or not, up to the limit of its route. */
export function readBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "buffer" }, async (request: FastifyRequest, body: Buffer) => {
    if (body.length === 0) return {};
    const zipped = request.headers["content-encoding"] === "gzip" || (body[0] === 0x1f && body[1] === 0x8b);
    return parsed(zipped ? await inflated(body, request.routeOptions.bodyLimit) : body);
  });
}

async function inflated(body: Buffer, maxOutputLength: number): Promise<Buffer> {
  try {
    return await decompress(body, { maxOutputLength });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE"
      ? fault(413, "Request body is too large")
      : fault(400, "Request body is not gzip");
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw fault(400, "Request body is not JSON");
  }
}

const text = { type: "string", nullable: true };
const flag = { type: "boolean", nullable: true };
const fields = (properties: object = {}, more: object = {}) => ({
  type: "object",
  nullable: true,
  properties,
  ...more,
});
const strings = (...names: string[]) => Object.fromEntries(names.map((name) => [name, text]));

/** What the routes take, as JSON schemas. Clients send null for what they leave out. */
export const loginSchema = {
  body: fields({
    data: fields({
      ...strings("ACCOUNT_NAME", "LOGIN_NAME", "PASSWORD", "AUTHENTICATOR", "TOKEN"),
      CLIENT_ENVIRONMENT: fields(),
      SESSION_PARAMETERS: fields(),
    }),
  }),
  querystring: fields(strings("roleName", "warehouse", "databaseName", "schemaName")),
};

export const querySchema = {
  body: fields({
    ...strings("sqlText", "bindStage"),
    asyncExec: flag,
    describeOnly: flag,
    parameters: fields(),
    bindings: fields({}, { additionalProperties: { ...fields({ type: text }), nullable: false } }),
  }),
  querystring: fields(strings("requestId")),
};

export const abortSchema = { body: fields(strings("requestId")) };
