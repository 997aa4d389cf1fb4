import type { Handler } from "../context.ts";
import { asSnowflakeError } from "../engine/errors.ts";
import { fetchResult } from "../engine/fetch.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import type { StatementOf } from "../grammar/statement.ts";
import { statusResult } from "../result.ts";
import { translate } from "../translate/query.ts";
import { typeOnly } from "./column-type.ts";

/** Docs: SET, usage notes (older editions: 256 bytes; the error is not verified). */
const LONGEST_VALUE = 16_384;
const RESERVED = new Set(["CURRENT", "PUBLIC"]);

const isLong = (value: string | null, type: string | undefined): boolean =>
  value !== null &&
  (type === "text" || type === "binary") &&
  Buffer.byteLength(value) > LONGEST_VALUE * (type === "binary" ? 2 : 1);

const tooLong = () =>
  new SnowflakeError(
    "001070",
    "22023",
    `Assignment to a variable not done because value exceeds size limit for variables. Its limit is ${LONGEST_VALUE} bytes.`,
  );

/** SET name = expression, and SET (a, b) = (x, y). */
export const setVariables: Handler<StatementOf<"setVariables">> = async (statement, execution) => {
  const { names, expressions } = statement;
  if (names.length !== expressions.length) {
    throw new SnowflakeError(
      "001045",
      "42601",
      `SQL compilation error:\nSET has ${names.length} names and ${expressions.length} values.`,
    );
  }
  const reserved = names.find((name) => RESERVED.has(name));
  if (reserved !== undefined) throw unsupported(`a variable of the name ${reserved}`);
  const connection = await execution.connection();
  const { sql, values, columns, translation, release } = await translate(
    execution,
    `SELECT ${expressions.map((expression) => `(${expression})`).join(", ")}`,
  );
  try {
    const result = await fetchResult(connection, sql, values, columns, {
      path: execution.cloud.results.file(execution.queryId),
      spill: () => execution.cloud.engine.connect(),
    });
    const [row = []] = result.rows;
    if (row.some((cell, index) => isLong(cell, result.columns[index]?.type))) throw tooLong();
    for (const [index, name] of names.entries()) {
      const column = result.columns[index];
      if (!column) continue;
      execution.session.variables.set(name, {
        type: typeOnly(column),
        value: row[index] ?? null,
      });
    }
  } catch (error) {
    throw asSnowflakeError(error, translation.parsed);
  } finally {
    await release();
  }
  return statusResult("Statement executed successfully.");
};

export const unsetVariables: Handler<StatementOf<"unsetVariables">> = (statement, { session }) => {
  for (const name of statement.names) session.variables.delete(name);
  return statusResult("Statement executed successfully.");
};
