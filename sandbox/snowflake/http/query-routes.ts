import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Bind, Cloud } from "../context.ts";
import { SnowflakeError } from "../errors.ts";
import { Execution, type Run } from "../execution.ts";
import type { QueryRecord } from "../history/queries.ts";
import { tokenOf } from "./login-routes.ts";
import { failure, inProgress, type Reply, resultReply, success } from "./reply.ts";
import type { OpenSession, Sessions } from "./sessions.ts";

interface QueryBody {
  sqlText?: string;
  asyncExec?: boolean;
  describeOnly?: boolean;
  bindings?: Record<string, Bind>;
  bindStage?: string;
  parameters?: Record<string, string | number | boolean>;
}

/** With ABORT_DETACHED_QUERY, how long after its client's last question a statement is cancelled. */
const DETACHED_AFTER = 300_000;

/** Statements: start, wait, ask for status and result, cancel. */
export const queryRoutes = (
  server: FastifyInstance,
  cloud: Cloud,
  sessions: Sessions,
  run: Run,
  patienceSeconds: number,
): void => {
  const executions = new Map<string, Execution>();

  const start = (open: OpenSession, requestId: string, body: QueryBody): Execution => {
    const known = open.requests.get(requestId);
    if (known) return known;
    const execution = new Execution(
      cloud,
      open.session,
      {
        sql: body.sqlText ?? "",
        binds: new Map(Object.entries(body.bindings ?? {})),
        parameters: new Map(
          Object.entries(body.parameters ?? {}).map(([name, value]) => [name.toUpperCase(), String(value)]),
        ),
        describeOnly: body.describeOnly === true,
      },
      run,
    );
    sessions.remember(open, requestId, execution);
    executions.set(execution.queryId, execution);
    cloud.running.set(execution.queryId, execution);
    void execution.outcome.then(() => {
      executions.delete(execution.queryId);
      cloud.running.delete(execution.queryId);
    });
    return execution;
  };

  /** The answer once the statement has ended, or that it is in progress when that takes too long. */
  const answer = async (request: FastifyRequest, open: OpenSession, execution: Execution): Promise<Reply> => {
    const detached = new AbortController();
    const onClose = () => detached.abort();
    request.raw.socket.once("close", onClose);
    try {
      const outcome = await withPatience(execution, patienceSeconds, detached.signal);
      if (!outcome) {
        if (detached.signal.aborted) abandon(execution);
        return inProgress(execution, false);
      }
      if ("error" in outcome) return failure(outcome.error, { queryId: execution.queryId });
      return resultReply(cloud, open.session, execution.record, outcome.result, baseOf(request));
    } finally {
      request.raw.socket.off("close", onClose);
    }
  };

  server.post<{ Body: QueryBody; Querystring: { requestId?: string } }>(
    "/queries/v1/query-request",
    async (request) => {
      const open = sessions.find(tokenOf(request));
      const { body } = request;
      if (body.bindStage !== undefined) {
        throw new SnowflakeError(
          "000002",
          "0A000",
          "Unsupported feature 'staged bind values' in the local Snowflake.",
        );
      }
      const execution = start(open, request.query.requestId ?? crypto.randomUUID(), body);
      return body.asyncExec ? inProgress(execution, true) : await answer(request, open, execution);
    },
  );

  server.get<{ Params: { queryId: string } }>("/queries/:queryId/result", async (request) => {
    const open = sessions.find(tokenOf(request));
    const execution = executions.get(request.params.queryId);
    if (execution && mayRead(open, execution.record)) return await answer(request, open, execution);
    const record = readable(cloud, open, request.params.queryId);
    if (record.errorCode !== null) {
      const error = new SnowflakeError(record.errorCode, record.sqlState ?? "", record.errorMessage ?? "");
      return failure(error, { queryId: record.queryId });
    }
    const result = await cloud.results.load(record.queryId);
    if (!result) throw resultGone(record.queryId);
    return resultReply(cloud, open.session, record, result, baseOf(request));
  });

  server.get<{ Params: { queryId: string } }>("/monitoring/queries/:queryId", (request) => {
    const open = sessions.find(tokenOf(request));
    const record = cloud.queries.get(request.params.queryId);
    return success({ queries: record?.account === open.session.account ? [monitoringEntry(record)] : [] });
  });

  server.post<{ Params: { queryId: string } }>("/queries/:queryId/abort-request", (request) => {
    const open = sessions.find(tokenOf(request));
    const execution = executions.get(request.params.queryId);
    if (execution && mayRead(open, execution.record)) execution.cancel();
    return success(null);
  });

  server.post<{ Body: { requestId?: string } }>("/queries/v1/abort-request", (request) => {
    const open = sessions.find(tokenOf(request));
    open.requests.get(request.body.requestId ?? "")?.cancel();
    return success(null);
  });

  server.get<{ Params: { queryId: string; index: string }; Querystring: { key?: string } }>(
    "/results/:queryId/:index",
    async (request, reply) => {
      const { queryId, index } = request.params;
      const allowed = cloud.results.isChunkKey(queryId, request.query.key ?? "");
      const chunk = allowed ? await cloud.results.chunk(queryId, Number(index)) : undefined;
      if (!chunk) return reply.status(404).send();
      return reply.header("content-encoding", "gzip").type("application/octet-stream").send(chunk);
    },
  );
};

const withPatience = async (execution: Execution, seconds: number, detached: AbortSignal) => {
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
};

/** Nobody waits any longer. Only with ABORT_DETACHED_QUERY does a statement end for that, after a while. */
const abandon = (execution: Execution): void => {
  if (!execution.abortsWhenDetached) return;
  const timer = setTimeout(() => execution.cancel(), DETACHED_AFTER);
  timer.unref();
  void execution.outcome.then(() => clearTimeout(timer));
};

/** Results belong to the user who ran the statement, whatever session asks. */
const mayRead = (open: OpenSession, record: QueryRecord): boolean =>
  record.account === open.session.account && record.user === open.session.user;

const readable = (cloud: Cloud, open: OpenSession, queryId: string): QueryRecord => {
  const record = cloud.queries.get(queryId);
  if (!record || !mayRead(open, record)) throw resultGone(queryId);
  return record;
};

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
