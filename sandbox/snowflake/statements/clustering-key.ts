import type { TableColumn } from "../catalog/model.ts";
import type { Execution } from "../context.ts";
import { asSnowflakeError } from "../engine/errors.ts";
import { duckdbType } from "../engine/types.ts";
import { SnowflakeError } from "../errors.ts";
import { displayIdentifier, parseName, quoteIdentifier } from "../grammar/identifiers.ts";
import { lexemes } from "../grammar/lexer.ts";
import { newTranslation } from "../translate/query.ts";
import { innerScope } from "../translate/query-scope.ts";

/** Refuses a clustering key that is not made of the table's columns, or of functions that there are not. */
export async function requireClusteringKey(
  execution: Execution,
  columns: readonly TableColumn[],
  key: readonly string[],
): Promise<void> {
  const isColumn = (name: string | undefined) => columns.some((column) => column.name === name);
  // Plain columns need no parser.
  const expressions = key.filter((expression) => !isColumn(parseName(expression)?.join(".")));
  if (expressions.length === 0) return;
  const t = await newTranslation(execution, `SELECT ${expressions.join(", ")}`);
  const scope = innerScope(undefined);
  scope.relations.push({ alias: "", columns: columns.map(({ name, type }) => ({ name, type })) });
  const { tree } = t.parsed;
  tree.select.expressions = await t.expression(tree.select.expressions, scope);
  const empty = columns.map(({ name, type }) => `NULL::${duckdbType(type)} AS ${quoteIdentifier(name)}`);
  try {
    const connection = await execution.connection();
    await connection.run(`${await t.sql(tree)} FROM (SELECT ${empty.join(", ")}) LIMIT 0`, t.values);
  } catch (error) {
    throw asSnowflakeError(error, t.parsed);
  } finally {
    await t.release();
  }
}

/** Refuses to drop columns that a table's key needs (the words as clients report them, snowflake-jdbc #309; the number is not verified). */
export async function requireNotInKey(
  execution: Execution,
  rest: readonly TableColumn[],
  key: readonly string[],
  dropped: readonly string[],
): Promise<void> {
  try {
    await requireClusteringKey(execution, rest, key);
  } catch (error) {
    if (!(error instanceof SnowflakeError && error.code === "000904")) throw error;
    const name = dropped.find((each) => error.message.includes(`'${displayIdentifier(each)}'`)) ?? dropped[0];
    throw new SnowflakeError(
      "002022",
      "42601",
      `SQL compilation error:\nCannot drop column '${displayIdentifier(name as string)}' which belongs to a clustering key`,
    );
  }
}

/** A key's expression after a column has another name (that the key follows is not verified). */
export function renamedInKey(expression: string, from: string, to: string): string {
  const all = [...lexemes(expression)];
  return all
    .map(({ kind, start, end }, index) => {
      const written = expression.slice(start, end);
      const isColumn = (kind === "word" || kind === "name") && parseName(written)?.[0] === from;
      const next = all.slice(index + 1).find((each) => each.kind !== "blank");
      return isColumn && expression[next?.start ?? -1] !== "(" ? displayIdentifier(to) : written;
    })
    .join("");
}
