import { parser, type Tree } from "./ast.ts";
import { innerScope } from "./query-scope.ts";
import type { Translation } from "./translation.ts";

export type Argument = string | number | bigint | boolean | Date | null;

/** The value of an expression that reads no table, such as an argument of a table function. */
export async function evaluate(t: Translation, tree: Tree): Promise<Argument> {
  const { parse, Dialect } = await parser();
  const own = t.apart();
  const [select] = parse("SELECT 1", Dialect.Snowflake).ast as Tree[];
  select.select.expressions = [await own.expression(structuredClone(tree), innerScope(undefined))];
  const connection = await t.execution.connection();
  const [row] = await connection.all<Record<string, Argument>>(await own.sql(select), own.values);
  return Object.values(row ?? {})[0] ?? null;
}
