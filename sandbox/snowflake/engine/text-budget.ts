import { BIGINT, DuckDBScalarFunction } from "@duckdb/node-api";

/** How many characters long texts that are made at once, of up to 2,048 rows, may have together. */
const MOST_CHARACTERS = 134_217_728n;

/**
 * sf_budget(length), for the macros: the lengths as they are. DuckDB makes the texts of a whole vector before anything
 * looks at them, in memory that its limit does not count.
 */
export const textBudgetFunction = (): DuckDBScalarFunction =>
  DuckDBScalarFunction.create({
    name: "sf_budget",
    parameterTypes: [BIGINT],
    returnType: BIGINT,
    mainFunction: (info, input, output) => {
      const lengths = input.getColumnVector(0);
      let total = 0n;
      for (let row = 0; row < input.rowCount; row++) {
        const length = lengths.getItem(row) as bigint | null;
        total += length ?? 0n;
        output.setItem(row, length);
      }
      output.flush();
      if (total > MOST_CHARACTERS) {
        info.setError(
          "SNOWFLAKE 000603 XX000 SQL execution internal error:\nProcessing aborted: the statement makes more long texts at once than the local Snowflake has memory for.",
        );
      }
    },
  });
