/** Runs the examples by two clients, and says of each what the local Snowflake makes of it. */
import { Clients } from "../support/clients.ts";
import type { LocalServer } from "../support/local-server.ts";
import { TestSession } from "../support/standalone-server.ts";
import type { Example } from "./example.ts";
import { statements } from "./statements.ts";
import { conformance } from "./values.ts";

type Cell = string | null;

/** What a client got: rows, or the code of an error. */
export type Answer = { rows: Cell[][] } | { error: string };

export interface Verdict {
  example: Example;
  /** right: as the manual says; refused: 000002, "Unsupported feature"; deviates: anything else. */
  verdict: "right" | "refused" | "deviates";
  node: Answer;
  python: Answer;
}

export const examples: readonly Example[] = [...statements, ...conformance];

const UNSUPPORTED = "000002";

/** Where the examples run: each client in a database of its own. */
const setUp = (database: string) => [
  `CREATE OR REPLACE DATABASE ${database}`,
  "CREATE WAREHOUSE IF NOT EXISTS CONFORMANCE",
  "USE WAREHOUSE CONFORMANCE",
  "CREATE TABLE READINGS (METER_ID VARCHAR(20) NOT NULL, AT TIMESTAMP_NTZ, KWH NUMBER(10,3))",
  `INSERT INTO READINGS VALUES ('M1', '2026-01-01 00:00:00', 0.25), ('M1', '2026-01-01 00:15:00', 0.5),
    ('M2', '2026-01-01 00:00:00', 1.125), ('M2', '2026-01-01 00:15:00', NULL)`,
];

/** Runs all examples on a server that has been started. */
export async function runExamples(server: LocalServer): Promise<Verdict[]> {
  const clients = new Clients(server);
  try {
    const [node, python] = await Promise.all([byNode(server), byPython(clients)]);
    return examples.map((example, index) => judge(example, node[index], python[index]));
  } finally {
    clients.remove();
  }
}

async function byNode(server: LocalServer): Promise<Answer[]> {
  const session = await TestSession.open(server.login);
  try {
    await session.run("ALTER SESSION SET TIMEZONE = 'UTC'");
    for (const sql of setUp("CONFORMANCE_NODE")) await session.run(sql);
    const answers: Answer[] = [];
    for (const { sql } of examples) answers.push(await nodeAnswer(session, sql));
    return answers;
  } finally {
    await session.close();
  }
}

const fetchAsString = ["Number", "Date", "JSON", "Boolean", "Buffer"] as never;

async function nodeAnswer(session: TestSession, sql: string): Promise<Answer> {
  try {
    const { rows } = await session.run(sql, { fetchAsString, rowMode: "array" } as never);
    return { rows: (rows as unknown as unknown[][]).map((row) => row.map(cell)) };
  } catch (error) {
    return { error: String((error as { code?: unknown }).code) };
  }
}

async function byPython(clients: Clients): Promise<Answer[]> {
  const first = setUp("CONFORMANCE_PYTHON");
  const outcomes = await clients.statements([...first, ...examples.map(({ sql }) => sql)], {
    session_parameters: { TIMEZONE: "UTC" },
  });
  return outcomes
    .slice(first.length)
    .map(({ rows, error }) => (rows ? { rows: rows.map((row) => row.map(cell)) } : { error: error ?? "" }));
}

/** A cell's text; drivers lay JSON out, each in its way, and the Node driver shows NULL as a word. */
function cell(value: unknown): Cell {
  if (value === "NULL" || value === null || value === undefined) return null;
  if (typeof value === "object") return JSON.stringify(value);
  const text = String(value);
  return /^[[{]/.test(text) ? JSON.stringify(JSON.parse(text)) : text;
}

function judge(example: Example, node?: Answer, python?: Answer): Verdict {
  if (!node || !python) throw new Error(`no answer to ${example.sql}`);
  const both = (wanted: Answer) => same(node, wanted) && same(python, wanted);
  const expected: Answer | undefined = example.rows
    ? { rows: example.rows as Cell[][] }
    : example.error === undefined
      ? undefined
      : { error: example.error };
  const verdict =
    expected && both(expected) ? "right" : both({ error: UNSUPPORTED }) ? "refused" : "deviates";
  return { example, verdict, node, python };
}

const same = (one: Answer, other: Answer): boolean => JSON.stringify(one) === JSON.stringify(other);
