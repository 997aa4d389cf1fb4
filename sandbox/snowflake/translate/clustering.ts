import { findTable } from "../catalog/lookup.ts";
import { requirePrivilege } from "../catalog/privileges.ts";
import { physicalTable } from "../engine/engine.ts";
import { doesNotExist, SnowflakeError } from "../errors.ts";
import { parseName } from "../grammar/identifiers.ts";
import { call, number, parser, type Tree } from "./ast.ts";
import { innerScope } from "./query-scope.ts";
import type { Translation } from "./translation.ts";

/** Rows of a row group, which is DuckDB's micro-partition. */
export const ROW_GROUP = 122_880;

/** Of a text only so much counts as a clustering key (docs: Clustering Keys & Clustered Tables). */
const TEXT_KEY = 5;

/**
 * SYSTEM$CLUSTERING_INFORMATION(table [, '(expressions)' | number of errors]): how well a table is sorted by its key, computed from
 * its rows. DuckDB's row groups stand for Snowflake's micro-partitions: they hold more rows than those do.
 */
export const clusteringInformation = async (t: Translation, name: string, keys?: string): Promise<string> =>
  JSON.stringify(
    await measured(t, name, keys !== undefined && /^\d+$/.test(keys) ? undefined : keys),
    null,
    2,
  );

/** SYSTEM$CLUSTERING_DEPTH(table [, '(expressions)']). */
export const clusteringDepth = async (t: Translation, name: string, keys?: string): Promise<string> =>
  String((await measured(t, name, keys)).average_depth);

async function measured(t: Translation, name: string, keys: string | undefined) {
  const parts = parseName(name);
  if (!parts) throw doesNotExist("Table", name);
  const found = findTable(t.context, parts);
  requirePrivilege(t.context, "SELECT", found);
  const expressions =
    keys === undefined ? found.object.clusterBy.join(", ") : keys.trim().replace(/^\((.*)\)$/s, "$1");
  if (expressions === "" || (keys !== undefined && !/^\(.*\)$/s.test(keys.trim()))) {
    throw new SnowflakeError(
      "000005",
      "02000",
      `Invalid clustering keys or table ${found.fullName} is not clustered: give the key expressions as second argument.`,
    );
  }
  await t.execution.useWarehouse();
  await t.execution.cloud.engine.attach(found.database.id);
  const { parse, Dialect } = await parser();
  const parsed = parse(`SELECT ${expressions.replace(/^LINEAR\s*\((.*)\)$/is, "$1")}`, Dialect.Snowflake);
  if (!parsed.success) throw new SnowflakeError("000005", "02000", `Invalid clustering keys: ${expressions}`);
  const [select] = parsed.ast as Tree[];
  const own = t.apart();
  const scope = innerScope(undefined);
  const columns = found.object.columns.map((column) => ({
    name: column.name,
    type: column.type,
  }));
  scope.relations.push({ alias: found.object.name, columns });
  // Text keeps the order of keys only when each part of the key sorts as text does: `row` compares part by part.
  const keyParts: Tree[] = await own.expression(select.select.expressions, scope);
  select.select.expressions = [
    call(
      "row",
      ...keyParts.map((each) =>
        own.typeOf(each)?.type === "text" ? call("left", each, number(TEXT_KEY)) : each,
      ),
    ),
  ];
  const key = (await own.sql(select)).slice("SELECT ".length);
  const connection = await t.execution.connection();
  const ranges = await connection.all<{ low: bigint; high: bigint }>(
    `WITH keys AS (SELECT rowid // ${ROW_GROUP} AS part, ${key} AS key FROM ${physicalTable(found.database.id, found.object.id)}),
      parts AS (SELECT part, min(key) AS low, max(key) AS high FROM keys GROUP BY part),
      ends AS (SELECT low AS key FROM parts UNION SELECT high FROM parts),
      ranks AS (SELECT key, row_number() OVER (ORDER BY key) AS rank FROM ends)
    SELECT l.rank AS low, h.rank AS high FROM parts JOIN ranks l ON l.key = parts.low JOIN ranks h ON h.key = parts.high`,
    own.values,
  );
  const depths = clusteringDepths(ranges.map(({ low, high }) => ({ low: Number(low), high: Number(high) })));
  return {
    cluster_by_keys: `LINEAR(${expressions})`,
    notes: "",
    total_partition_count: ranges.length,
    total_constant_partition_count: ranges.filter(({ low, high }) => low === high).length,
    average_overlaps: rounded(average(depths.map(({ overlaps }) => overlaps))),
    average_depth: rounded(average(depths.map(({ depth }) => depth))),
    partition_depth_histogram: histogram(depths.map(({ depth }) => depth)),
    clustering_errors: [],
  };
}

/** Of each partition: how many others overlap with it, and how many lie over each other at its deepest point. */
const clusteringDepths = (
  ranges: readonly { low: number; high: number }[],
): { overlaps: number; depth: number }[] =>
  ranges.map((range) => {
    const others = ranges.filter(
      (other) => other !== range && other.low <= range.high && other.high >= range.low,
    );
    // The deepest point of overlapping ranges is where one of them begins.
    const points = [
      range.low,
      ...others.map(({ low }) => low).filter((low) => low >= range.low && low <= range.high),
    ];
    const depth = Math.max(
      ...[...new Set(points)].map(
        (point) => 1 + others.filter(({ low, high }) => low <= point && point <= high).length,
      ),
    );
    return { overlaps: others.length, depth };
  });

const average = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

/** Depths 0 to 16 by themselves, then in powers of two. */
function histogram(depths: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let depth = 0; depth <= 16; depth++) counts[String(depth).padStart(5, "0")] = 0;
  for (const depth of depths) {
    let bucket = depth;
    if (depth > 16) for (bucket = 32; bucket < depth; ) bucket *= 2;
    const key = String(bucket).padStart(5, "0");
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
