import { createServer, request as forwardTo, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gunzipSync } from "node:zlib";

/** A request of a Snowflake client. */
export interface Seen {
  method: string;
  path: string;
  /** The statement it carries; empty when it is none. */
  sql: string;
}

/** What happens to the next request that matches: before it reaches Snowflake, or when its answer comes back. */
interface Fault {
  matches: (seen: Seen) => boolean;
  phase: "before" | "after";
  /**
   * Does the harm. Its result says what becomes of the request (before) or of the answer (after): it is dropped together
   * with its connection, passed on, or answered with this text.
   */
  act: () => Outcome | Promise<Outcome>;
}
type Outcome = "drop" | "pass" | { answer: object; status?: number };

export interface FaultProxy {
  port: number;
  /** Arms a fault; the returned promise resolves once it has struck. Each strikes once. */
  arm(fault: Fault): Promise<void>;
  /** Takes back the faults that have not struck. */
  disarm(): void;
  /** Breaks every connection and accepts none for so long. */
  cut(milliseconds: number): void;
  /** Statements that passed, oldest first. */
  readonly statements: string[];
  stop(): Promise<void>;
}

/** Stands between a client and Snowflake, and breaks things at the very moment a given statement passes. */
export async function startFaultProxy(snowflakePort: () => number): Promise<FaultProxy> {
  const armed: { fault: Fault; struck: () => void }[] = [];
  const sockets = new Set<Socket>();
  const statements: string[] = [];
  let cutUntil = 0;

  const strike = async (seen: Seen, phase: Fault["phase"]): Promise<Outcome> => {
    const index = armed.findIndex(({ fault }) => fault.phase === phase && fault.matches(seen));
    const found = armed[index];
    if (!found) return "pass";
    armed.splice(index, 1);
    try {
      return await found.fault.act();
    } finally {
      found.struck();
    }
  };

  const serve = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body = Buffer.concat(await incoming.toArray());
    const seen = seenOf(incoming, body);
    if (seen.sql !== "") statements.push(seen.sql);
    if (!settle(await strike(seen, "before"), response)) return;
    const answer = await forward(snowflakePort(), incoming, body);
    if (!settle(await strike(seen, "after"), response)) return;
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => response.destroy());
  });
  server.on("connection", (socket: Socket) => {
    if (Date.now() < cutUntil) return socket.destroy();
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    statements,
    arm: (fault) => new Promise((struck) => armed.push({ fault, struck })),
    disarm: () => {
      armed.length = 0;
    },
    cut: (milliseconds) => {
      cutUntil = Date.now() + milliseconds;
      breakAll();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        breakAll();
      }),
  };
}

/** Carries an outcome out; true when the request goes on its way. */
function settle(outcome: Outcome, response: ServerResponse): boolean {
  if (outcome === "pass") return true;
  if (outcome === "drop") response.destroy();
  else
    response
      .writeHead(outcome.status ?? 200, { "content-type": "application/json" })
      .end(JSON.stringify(outcome.answer));
  return false;
}

function seenOf({ method = "", url = "", headers }: IncomingMessage, body: Buffer): Seen {
  const path = url.split("?")[0] as string;
  let sql = "";
  if (path.startsWith("/queries/v1/query-request")) {
    const text = headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
    sql = (JSON.parse(text.toString("utf8")) as { sqlText?: string }).sqlText ?? "";
  }
  return { method, path, sql };
}

function forward(port: number, incoming: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; headers: IncomingMessage["headers"]; body: Buffer }>(
    (resolve, reject) => {
      const { method, url: path, headers } = incoming;
      const outgoing = forwardTo(
        { host: "127.0.0.1", port, method, path, headers, agent: false },
        async (answer) => {
          try {
            resolve({
              status: answer.statusCode ?? 502,
              headers: answer.headers,
              body: Buffer.concat(await answer.toArray()),
            });
          } catch (error) {
            reject(error);
          }
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    },
  );
}
