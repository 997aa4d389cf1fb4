import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Bind, Cloud } from "../context.ts";
import { SnowflakeError } from "../errors.ts";
import { Execution, type Run } from "../execution.ts";
import type { QueryRecord } from "../history/queries.ts";
import { parameterOf } from "../parameters.ts";
import { isFirst } from "../switches.ts";
import { Attendance, type Detachment } from "./attendance.ts";
import { abortSchema, LARGEST_QUERY_BODY, querySchema } from "./bodies.ts";
import { givenParameters } from "./login.ts";
import { tokenOf } from "./login-routes.ts";
import {
  chunkBody,
  failure,
  inProgress,
  type Reply,
  type ResultFormat,
  resultReply,
  success,
} from "./reply.ts";
import type { OpenSession, Sessions } from "./sessions.ts";

const PYTHON_FORMAT = "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT";

/** Arrow for who reads it and has not asked for JSON; drivers in other languages than Python get JSON here. */
const resultFormat = (open: OpenSession, parameter: string): ResultFormat =>
  open.readsArrow && parameter.toUpperCase() !== "JSON" ? "arrow" : "json";

interface QueryBody {
  sqlText?: string | null;
  asyncExec?: boolean | null;
  describeOnly?: boolean | null;
  bindings?: Record<string, { type?: string | null; value?: unknown }> | null;
  bindStage?: string | null;
  parameters?: Record<string, unknown> | null;
}

interface QuerySettings {
  patienceSeconds: number;
  detachment: Detachment;
}

/** The statements at work. */
class Statements {
  readonly attendance: Attendance;
  readonly #executions = new Map<string, Execution>();
  readonly #cloud: Cloud;
  readonly #sessions: Sessions;
  readonly #run: Run;
  readonly #patienceSeconds: number;

  constructor(cloud: Cloud, sessions: Sessions, run: Run, { patienceSeconds, detachment }: QuerySettings) {
    this.#cloud = cloud;
    this.#sessions = sessions;
    this.#run = run;
    this.#patienceSeconds = patienceSeconds;
    this.attendance = new Attendance(detachment);
  }

  /** Undefined once it has ended. */
  atWork(queryId: string): Execution | undefined {
    return this.#executions.get(queryId);
  }

  /** The statement of a request: new, still running, or the query ID of one that has ended. */
  start(open: OpenSession, requestId: string, body: QueryBody): Execution | string {
    const known = open.requests.get(requestId);
    if (known) return known;
    const cloud = this.#cloud;
    const execution = new Execution(
      cloud,
      open.session,
      {
        sql: body.sqlText ?? "",
        binds: new Map(Object.entries(body.bindings ?? {}).map(([name, bind]) => [name, bindOf(bind)])),
        parameters: new Map(givenParameters(body.parameters)),
        describeOnly: body.describeOnly === true,
        asynchronous: body.asyncExec === true,
      },
      this.#run,
    );
    this.#sessions.remember(open, requestId, execution);
    this.attendance.watch(execution);
    this.#executions.set(execution.queryId, execution);
    cloud.running.set(execution.queryId, execution);
    void execution.outcome.then(() => {
      this.#executions.delete(execution.queryId);
      cloud.running.delete(execution.queryId);
    });
    return execution;
  }

  /** The answer once the statement has ended, or that it is in progress when that takes too long. */
  async answer(request: FastifyRequest, open: OpenSession, execution: Execution): Promise<Reply> {
    const detached = new AbortController();
    const onClose = () => detached.abort();
    request.raw.socket.once("close", onClose);
    this.attendance.begin(execution);
    try {
      const outcome = await withPatience(execution, this.#patienceSeconds, detached.signal);
      if (!outcome) return inProgress(execution, false);
      if ("error" in outcome) return failure(outcome.error, { queryId: execution.queryId });
      const format = resultFormat(open, execution.parameter(PYTHON_FORMAT));
      return await resultReply(
        this.#cloud,
        open.session,
        execution.record,
        outcome.result,
        baseOf(request),
        format,
      );
    } finally {
      this.attendance.end(execution);
      request.raw.socket.off("close", onClose);
    }
  }

  /** The answer of a statement that has ended, from what was kept of it. */
  async stored(request: FastifyRequest, open: OpenSession, queryId: string): Promise<Reply> {
    const record = readable(this.#cloud, open, queryId);
    if (record.errorCode !== null) {
      const error = new SnowflakeError(record.errorCode, record.sqlState ?? "", record.errorMessage ?? "");
      return failure(error, { queryId: record.queryId });
    }
    const result = await this.#cloud.results.load(record.queryId);
    if (!result) throw resultGone(record.queryId);
    return await resultReply(
      this.#cloud,
      open.session,
      record,
      result,
      baseOf(request),
      resultFormat(open, parameterOf(open.session, PYTHON_FORMAT)),
    );
  }
}

/** Statements: start, wait, ask for status and result, cancel. */
export function queryRoutes(
  server: FastifyInstance,
  cloud: Cloud,
  sessions: Sessions,
  run: Run,
  settings: QuerySettings,
): void {
  const statements = new Statements(cloud, sessions, run, settings);
  startRoute(server, cloud, sessions, statements);
  lookRoutes(server, cloud, sessions, statements);
  cancelRoutes(server, sessions, statements);
  chunkRoute(server, cloud);
}

function startRoute(server: FastifyInstance, cloud: Cloud, sessions: Sessions, statements: Statements): void {
  server.post<{ Body: QueryBody | null; Querystring: { requestId?: string } }>(
    "/queries/v1/query-request",
    {
      schema: querySchema,
      bodyLimit: LARGEST_QUERY_BODY,
      // Before anything of a large body is read.
      onRequest: async (request) => {
        sessions.find(tokenOf(request));
      },
    },
    async (request) => {
      const open = sessions.find(tokenOf(request));
      const body = request.body ?? {};
      if (body.bindStage) {
        throw new SnowflakeError(
          "000002",
          "0A000",
          "Unsupported feature 'staged bind values' in the local Snowflake.",
        );
      }
      if (body.asyncExec && isFirst(cloud.switches, "doubledSubmit", body.sqlText ?? "")) {
        statements.start(open, crypto.randomUUID(), body);
      }
      const execution = statements.start(open, request.query.requestId ?? crypto.randomUUID(), body);
      if (typeof execution === "string") return await statements.stored(request, open, execution);
      if (!body.asyncExec) return await statements.answer(request, open, execution);
      statements.attendance.glance(execution);
      return inProgress(execution, true);
    },
  );
}

/** Result and status. */
function lookRoutes(server: FastifyInstance, cloud: Cloud, sessions: Sessions, statements: Statements): void {
  server.get<{ Params: { queryId: string } }>("/queries/:queryId/result", async (request) => {
    const open = sessions.find(tokenOf(request));
    const execution = statements.atWork(request.params.queryId);
    if (execution && mayRead(open, execution.record))
      return await statements.answer(request, open, execution);
    return await statements.stored(request, open, request.params.queryId);
  });

  server.get<{ Params: { queryId: string } }>("/monitoring/queries/:queryId", (request) => {
    const open = sessions.find(tokenOf(request));
    const record = cloud.queries.get(request.params.queryId);
    const execution = statements.atWork(request.params.queryId);
    if (execution) statements.attendance.glance(execution);
    return success({ queries: record?.account === open.session.account ? [monitoringEntry(record)] : [] });
  });
}

function cancelRoutes(server: FastifyInstance, sessions: Sessions, statements: Statements): void {
  server.post<{ Params: { queryId: string } }>("/queries/:queryId/abort-request", (request) => {
    const open = sessions.find(tokenOf(request));
    const execution = statements.atWork(request.params.queryId);
    if (execution && mayRead(open, execution.record)) execution.cancel();
    return success(null);
  });

  server.post<{ Body: { requestId?: string | null } | null }>(
    "/queries/v1/abort-request",
    { schema: abortSchema },
    (request) => {
      const open = sessions.find(tokenOf(request));
      const execution = open.requests.get(request.body?.requestId ?? "");
      if (typeof execution === "object") execution.cancel();
      return success(null);
    },
  );
}

/** Parts of a large result. */
function chunkRoute(server: FastifyInstance, cloud: Cloud): void {
  server.get<{ Params: { queryId: string; index: string }; Querystring: { key?: string; format?: string } }>(
    "/results/:queryId/:index",
    async (request, reply) => {
      const { queryId, index } = request.params;
      const { key, format } = request.query;
      const allowed = cloud.results.isChunkKey(queryId, key ?? "");
      const chunk = allowed ? await cloud.results.chunk(queryId, Number(index)) : undefined;
      if (!chunk) return reply.status(404).send();
      return reply
        .header("content-encoding", "gzip")
        .type("application/octet-stream")
        .send(await chunkBody(chunk, format === "arrow" ? "arrow" : "json"));
    },
  );
}

/** A bound value as drivers send it: text, or null. */
const bindOf = ({ type, value }: { type?: string | null; value?: unknown }): Bind => ({
  type: type ?? "TEXT",
  value: Array.isArray(value) ? value.map(textOf) : textOf(value),
});

const textOf = (value: unknown): string | null =>
  value === null || value === undefined ? null : typeof value === "string" ? value : JSON.stringify(value);

async function withPatience(execution: Execution, seconds: number, detached: AbortSignal) {
  let timer: NodeJS.Timeout | undefined;
  const impatience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), seconds * 1_000);
    detached.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  try {
    return await Promise.race([execution.outcome, impatience]);
  } finally {
    clearTimeout(timer);
  }
}

/** Results belong to the user who ran the statement, whatever session asks. */
const mayRead = (open: OpenSession, record: QueryRecord): boolean =>
  record.account === open.session.account && record.user === open.session.user;

function readable(cloud: Cloud, open: OpenSession, queryId: string): QueryRecord {
  const record = cloud.queries.get(queryId);
  if (!record || !mayRead(open, record)) throw resultGone(queryId);
  return record;
}

const resultGone = (queryId: string) =>
  new SnowflakeError(
    "000709",
    "02000",
    `Statement ${queryId} not found: it was not run by this user, or its result is older than 24 hours.`,
  );

const baseOf = (request: FastifyRequest): string => `${request.protocol}://${request.headers.host}`;

const monitoringEntry = (record: QueryRecord) => ({
  id: record.queryId,
  status: record.status,
  state: record.status === "RUNNING" ? "RUNNING" : "SUCCEEDED",
  client_send_time: record.startTime,
  startTime: record.startTime,
  endTime: record.endTime ?? 0,
  totalDuration: (record.endTime ?? Date.now()) - record.startTime,
  sqlText: record.sql,
  queryTag: record.tag,
  queryType: record.queryType,
  sessionId: record.sessionId,
  userName: record.user,
  warehouseName: record.warehouse,
  warehouseExternalSize: record.warehouseSize,
  errorCode: record.errorCode,
  errorMessage: record.errorMessage,
  stats: { scanBytes: record.bytesScanned, producedRows: record.rowsProduced ?? 0 },
});
