import { DuckDBScalarFunction, VARCHAR } from "@duckdb/node-api";

type Value = string | number | boolean | null | { rawJSON: string } | Value[] | { [key: string]: Value };

/** What newer JavaScript knows, and TypeScript's library not yet. */
interface ExactJson {
  parse(text: string, reviver: (key: string, value: Value, context: { source?: string }) => Value): Value;
  rawJSON(text: string): { rawJSON: string };
  isRawJSON(value: Value): value is { rawJSON: string };
}
const json = JSON as unknown as ExactJson;

/**
 * Compact JSON with the keys of every object in order, as a VARIANT shows them. Numbers keep their digits. DuckDB keeps
 * keys in the order they were written, and has no function that sorts them.
 */
function sortedJson(text: string): string {
  if (!text.includes("{")) return text.trim();
  const value = json.parse(text, (_key, item, { source }) =>
    typeof item === "number" && source !== undefined ? json.rawJSON(source) : item,
  );
  return print(value);
}

function print(value: Value): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (json.isRawJSON(value)) return value.rawJSON;
  if (Array.isArray(value)) return `[${value.map(print).join(",")}]`;
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, item]) => `${JSON.stringify(key)}:${print(item)}`).join(",")}}`;
}

/** sf_sorted(text), for the macros. */
export const sortedJsonFunction = (): DuckDBScalarFunction =>
  DuckDBScalarFunction.create({
    name: "sf_sorted_text",
    parameterTypes: [VARCHAR],
    returnType: VARCHAR,
    mainFunction: (info, input, output) => {
      const texts = input.getColumnVector(0);
      try {
        for (let row = 0; row < input.rowCount; row++) {
          const text = texts.getItem(row) as string | null;
          output.setItem(row, text === null ? null : sortedJson(text));
        }
        output.flush();
      } catch {
        info.setError("SNOWFLAKE 100069 22P02 Error parsing JSON");
      }
    },
  });
