import type { ColumnHint } from "../engine/fetch.ts";
import { duckdbType } from "../engine/types.ts";
import { quoteIdentifier, quoteLiteral } from "../grammar/identifiers.ts";
import type { Column, ResultSet } from "../result.ts";
import { decoded } from "./encoded.ts";
import type { Translation } from "./translation.ts";

/** Puts a result where the statement's query can read it: a temporary table or view of its connection. */
export async function materialise(
  t: Translation,
  { columns, rows, file }: ResultSet,
): Promise<{ name: string; columns: ColumnHint[] }> {
  const name = t.temporaryName();
  const relation = `temp.main.${quoteIdentifier(name)}`;
  const connection = await t.execution.connection();
  const names = uniqueNames(columns);
  const hints = columns.map((column, index) => ({
    name: names[index] as string,
    type: column,
    nullable: column.nullable,
  }));
  if (file) {
    const selection = columns.map(
      (column, index) => `${stored(column, index)} AS ${quoteIdentifier(names[index] as string)}`,
    );
    await connection.run(
      `CREATE TEMP VIEW ${quoteIdentifier(name)} AS SELECT ${selection.join(", ")} FROM read_parquet(${quoteLiteral(file.path)})`,
    );
    t.whenDone(async () => {
      await connection.run(`DROP VIEW IF EXISTS ${relation}`);
    });
    return { name, columns: hints };
  }
  const encoded = `temp.main.${quoteIdentifier(`${name}_text`)}`;
  await connection.run(
    `CREATE TEMP TABLE ${encoded} (${columns.map((_, index) => `c${index} VARCHAR`).join(", ")})`,
  );
  await connection.use(async (duckdb) => {
    const appender = await duckdb.createAppender(`${name}_text`, "main", "temp");
    for (const row of rows) {
      for (const cell of row) {
        if (cell === null) appender.appendNull();
        else appender.appendVarchar(cell);
      }
      appender.endRow();
    }
    appender.closeSync();
  });
  const selection = columns.map(
    (column, index) => `${decoded(`c${index}`, column)} AS ${quoteIdentifier(names[index] as string)}`,
  );
  await connection.run(`CREATE TEMP TABLE ${relation} AS SELECT ${selection.join(", ")} FROM ${encoded}`);
  await connection.run(`DROP TABLE ${encoded}`);
  t.whenDone(async () => {
    await connection.run(`DROP TABLE IF EXISTS ${relation}`);
  });
  return { name, columns: hints };
}

/** A column of a spilled result: JSON is plain text in Parquet. */
const stored = (column: Column, index: number): string =>
  duckdbType(column) === "JSON" ? `CAST(c${index} AS JSON)` : `c${index}`;

/** A relation cannot have two columns of one name: later ones get a number. */
function uniqueNames(columns: readonly Column[]): string[] {
  const seen = new Set<string>();
  return columns.map(({ name }) => {
    let unique = name;
    for (let count = 2; seen.has(unique.toUpperCase()); count++) unique = `${name}_${count}`;
    seen.add(unique.toUpperCase());
    return unique;
  });
}
