import type { Handler } from "../context.ts";
import { asSnowflakeError } from "../engine/errors.ts";
import { unsupported } from "../errors.ts";
import { parse } from "../grammar/parse.ts";
import type { StatementOf } from "../grammar/statement.ts";
import { fixed, type ResultSet, text } from "../result.ts";
import { ROW_GROUP } from "../translate/clustering.ts";
import { newTranslation } from "../translate/query.ts";
import { translateChange } from "../translate/translate-dml.ts";
import type { Translation } from "../translate/translation.ts";
import { tableSize } from "./table-storage.ts";

/**
 * EXPLAIN compiles a statement, as its names, rights and types are found, and needs no warehouse (docs: EXPLAIN). Of the
 * plan there is what is known here: the result and the scans of tables, with DuckDB's row groups for micro-partitions.
 */
export const explain: Handler<StatementOf<"explain">> = async ({ sql }, execution) => {
  const [, form = "TABULAR", inner] = /^\s*EXPLAIN\s+(?:USING\s+(\w+)\s+)?(.*)$/is.exec(sql) ?? [];
  const shape = shapes[form.toUpperCase()];
  if (!shape) throw unsupported(`EXPLAIN USING ${form.toUpperCase()}`);
  const statement = parse(inner ?? "", execution.variables, undefined, execution.binds);
  if (statement.kind !== "query" && statement.kind !== "dml")
    throw unsupported("EXPLAIN of other statements than queries and DML");

  const t = await newTranslation(execution, statement.sql);
  t.compilesOnly();
  try {
    const change = statement.kind === "dml" ? await translateChange(t) : undefined;
    const query = change ? undefined : await t.query(t.parsed.tree, undefined, true);
    const connection = await execution.connection();
    await connection.all(`EXPLAIN ${change?.sql ?? (await t.sql(query?.tree))}`, t.values);
    const names = query?.columns.map(({ name }) => name).join(", ") ?? "";
    const operation = statement.kind === "dml" ? capitalised(statement.verb) : "Result";
    return shape([{ operation, expressions: names }, ...(await scans(t))]);
  } catch (error) {
    throw asSnowflakeError(error, t.parsed);
  } finally {
    await t.release();
  }
};

const capitalised = (verb: string): string => verb.charAt(0) + verb.slice(1).toLowerCase();

interface Operation {
  operation: string;
  expressions: string;
  objects?: string;
  alias?: string;
  partitions?: number;
  bytes?: number;
}

async function scans(t: Translation): Promise<Operation[]> {
  const operations: Operation[] = [];
  for (const { table, database, fullName, alias } of t.scans) {
    const { rows, bytes } = await tableSize(t.execution, database.id, table.id);
    operations.push({
      operation: "TableScan",
      objects: fullName,
      ...(alias !== table.name && { alias }),
      expressions: table.columns.map(({ name }) => name).join(", "),
      partitions: Math.ceil(rows / ROW_GROUP),
      bytes,
    });
  }
  return operations;
}

const globals = (operations: readonly Operation[]) => ({
  partitionsTotal: operations.reduce((sum, { partitions }) => sum + (partitions ?? 0), 0),
  partitionsAssigned: operations.reduce((sum, { partitions }) => sum + (partitions ?? 0), 0),
  bytesAssigned: operations.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
});

function tabular(operations: readonly Operation[]): ResultSet {
  const { partitionsTotal, partitionsAssigned, bytesAssigned } = globals(operations);
  const cell = (value: number | string | undefined): string | null =>
    value === undefined || value === "" ? null : String(value);
  return {
    columns: [
      fixed("step"),
      fixed("id"),
      text("parentOperators"),
      text("operation"),
      text("objects"),
      text("alias"),
      text("expressions"),
      fixed("partitionsTotal"),
      fixed("partitionsAssigned"),
      fixed("bytesAssigned"),
    ],
    rows: [
      [
        null,
        null,
        null,
        "GlobalStats",
        null,
        null,
        null,
        ...[partitionsTotal, partitionsAssigned, bytesAssigned].map(String),
      ],
      ...operations.map(({ operation, objects, alias, expressions, partitions, bytes }, id) => [
        "1",
        String(id),
        id === 0 ? null : "[0]",
        operation,
        ...[objects, alias, expressions, partitions, partitions, bytes].map(cell),
      ]),
    ],
  };
}

function json(operations: readonly Operation[]): ResultSet {
  const plan = {
    GlobalStats: globals(operations),
    Operations: [
      operations.map(({ operation, objects, alias, expressions, partitions, bytes }, id) => ({
        id,
        operation,
        ...(id > 0 && { parentOperators: [0] }),
        ...(objects !== undefined && { objects: [objects] }),
        ...(alias !== undefined && { alias }),
        ...(expressions !== "" && { expressions: expressions.split(", ") }),
        ...(partitions !== undefined && {
          partitionsTotal: partitions,
          partitionsAssigned: partitions,
          bytesAssigned: bytes,
        }),
      })),
    ],
  };
  return { columns: [text("content")], rows: [[JSON.stringify(plan)]] };
}

function lines(operations: readonly Operation[]): ResultSet {
  const { partitionsTotal, partitionsAssigned, bytesAssigned } = globals(operations);
  const rows = [
    "GlobalStats:",
    `    partitionsTotal=${partitionsTotal}`,
    `    partitionsAssigned=${partitionsAssigned}`,
    `    bytesAssigned=${bytesAssigned}`,
    "Operations:",
    ...operations.map(
      ({ operation, objects = "", expressions }, id) =>
        `1:${id} ${id === 0 ? "    " : "         ->"}${[operation, objects, expressions].filter(Boolean).join("  ")}`,
    ),
  ];
  return { columns: [text("content")], rows: [[rows.join("\n")]] };
}

const shapes: Readonly<Record<string, (operations: readonly Operation[]) => ResultSet>> = {
  TABULAR: tabular,
  JSON: json,
  TEXT: lines,
};
