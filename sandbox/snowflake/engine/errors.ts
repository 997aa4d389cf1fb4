import { cannotWrite, SnowflakeError, unsupported } from "../errors.ts";
import { parquetFailure } from "./parquet-errors.ts";

/** The text that was parsed, to say where in it a name stands. */
interface Source {
  text: string;
  /** The stages that it reads files of. */
  stages?: readonly string[];
}

type Maker = (match: RegExpExecArray, source: Source | undefined) => SnowflakeError;

/** What DuckDB says of a statement, as Snowflake says it: the first that fits. */
const known: readonly (readonly [RegExp, Maker])[] = [
  [/No space left on device|Disk quota exceeded/, () => cannotWrite({ code: "ENOSPC" })],
  [
    /^Out of Memory Error/,
    () =>
      new SnowflakeError(
        "000603",
        "XX000",
        "SQL execution internal error:\nProcessing aborted: the statement needs more memory than the local Snowflake has for it.",
      ),
  ],
  // What the macros say of themselves.
  [
    /^Invalid Input Error: SNOWFLAKE (\d{6}) (\w{5}) ([\s\S]*)/,
    ([, code = "", state = "", message = ""]) => new SnowflakeError(code, state, message),
  ],
  [
    /(?:Referenced column "(?<a>[^"]+)" (?:was )?not found|does not have a column named "(?<b>[^"]+)"|Referenced table "(?<c>[^"]+)" not found)/,
    (match, source) => {
      return unknownColumn(match.groups?.a ?? match.groups?.b ?? match.groups?.c ?? "", source);
    },
  ],
  [
    /Ambiguous reference to column name "([^"]+)"/,
    ([, name = ""]) =>
      new SnowflakeError("002028", "42601", `SQL compilation error:\nambiguous column name '${name}'`),
  ],
  [
    /column "([^"]+)" must appear in the GROUP BY clause/,
    ([, name = ""]) =>
      new SnowflakeError(
        "000979",
        "42601",
        `SQL compilation error:\n[${name}] is not a valid group by expression`,
      ),
  ],
  [
    /NOT NULL constraint failed: (?:\w+\.)*"?([^".]+)"?/,
    () => new SnowflakeError("100072", "22000", "NULL result in a non-nullable column"),
  ],
  [
    /Could not convert string ['"]([\s\S]*)['"] to (?:INT|DECIMAL|DOUBLE|FLOAT|UINT|HUGEINT)/,
    ([, value = ""]) => new SnowflakeError("100038", "22018", `Numeric value '${value}' is not recognized`),
  ],
  [
    /(?:invalid|Invalid) date field format: "([\s\S]*?)"/,
    ([, value = ""]) => new SnowflakeError("100040", "22007", `Date '${value}' is not recognized`),
  ],
  [
    /(?:(?:invalid|Invalid) timestamp field format|time field value out of range): "([\s\S]*?)"|Could not parse string "([\s\S]*?)" according/,
    ([, one, other]) =>
      new SnowflakeError("100035", "22007", `Timestamp '${one ?? other ?? ""}' is not recognized`),
  ],
  [
    /More than one row returned by a subquery/,
    () => new SnowflakeError("090150", "22000", "Single-row subquery returns more than one row."),
  ],
  [
    /Malformed JSON|Invalid JSON/i,
    () => new SnowflakeError("100069", "22P02", "Error parsing JSON: the text is not a JSON value"),
  ],
  [
    /^Conversion Error: .*?(?:value "?(-?[\d.eE+]+)"? |out of range|can't be cast because)/,
    ([, value]) => outOfRange(value),
  ],
  [/^Out of Range Error/, () => outOfRange()],
  [
    /^TransactionContext Error: .*[Cc]onflict/,
    () =>
      new SnowflakeError(
        "000625",
        "57014",
        "Statement aborted because of a conflict with another transaction.",
      ),
  ],
  [
    /^Binder Error: No function matches the given name and argument types '(?:sf_)?([^(]+)\((.*?)\)'\./,
    ([, name = "", types = ""]) => invalidTypes(name, types),
  ],
  [
    /^Binder Error: Cannot (?:compare|mix) values of type (.+?) (?:and type|in \w+(?: operator)? - and type|and) (.+?)(?: in |$| -)/,
    ([, left = "", right = ""]) => invalidTypes("=", `${left}, ${right}`),
  ],
  [
    /^(?:Binder|Parser|Catalog|Not implemented) Error: /,
    ({ input }) => {
      process.stderr.write(`${input}\n`);
      return unsupported("a form in this statement");
    },
  ],
];

/** 000904, with the place where the name stands in the statement. */
export function unknownColumn(name: string, source: Source | undefined): SnowflakeError {
  const { line, position, full } = find(name, source);
  return new SnowflakeError(
    "000904",
    "42000",
    `SQL compilation error: error line ${line} at position ${position}\ninvalid identifier '${full}'`,
  );
}

/** Whether DuckDB has refused a statement for what another one has done meanwhile. */
export const isConflict = (error: unknown): boolean =>
  error instanceof Error &&
  /^TransactionContext Error: [\s\S]*conflict|write-write conflict/i.test(error.message);

const outOfRange = (value?: string) =>
  new SnowflakeError(
    "100046",
    "22003",
    `Number out of representable range: type FIXED[SB16](38,0){nullable}${value === undefined ? "" : `, value ${value}`}`,
  );

/** 001044, with DuckDB's names of types in Snowflake's words. */
const invalidTypes = (name: string, types: string) =>
  new SnowflakeError(
    "001044",
    "42P13",
    `SQL compilation error:\nInvalid argument types for function '${name.toUpperCase()}': (${types
      .replace(/STRUCT\("at" TIMESTAMP, "offset" SMALLINT\)/g, "TIMESTAMP_TZ(9)")
      .replace(/\b(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)(?:_LITERAL)?\b/g, "NUMBER(38,0)")
      .replace(/\bDECIMAL\b/g, "NUMBER")
      .replace(/\bDOUBLE\b/g, "FLOAT")
      .replace(/\bTIMESTAMP WITH TIME ZONE\b/g, "TIMESTAMP_LTZ(9)")
      .replace(/\bTIMESTAMP(?:_NS)?(?![\w(])/g, "TIMESTAMP_NTZ(9)")
      .replace(/\bJSON\b/g, "VARIANT")
      .replace(/\bBLOB\b/g, "BINARY")
      .replace(/\bSTRING_LITERAL\b/g, "VARCHAR")})`,
  );

/** DuckDB's error as Snowflake's. What is no error of DuckDB's, or none that is expected, stays what it is. */
export function asSnowflakeError(error: unknown, source?: Source): unknown {
  if (!(error instanceof Error) || error instanceof SnowflakeError) return error;
  for (const [pattern, make] of known) {
    const match = pattern.exec(error.message);
    if (match) return make(match, source);
  }
  // What a statement reads of files in a stage is read while its rows are fetched.
  if (source?.stages?.length && /^(?:Invalid|IO|Invalid Input|Serialization) Error/.test(error.message)) {
    return new SnowflakeError(
      "100152",
      "22000",
      parquetFailure(error.message, `a file of ${source.stages.join(", ")}`),
    );
  }
  return error;
}

/** Where a name stands in a text, with the qualifier before it. */
function find(name: string, source: Source | undefined): { line: number; position: number; full: string } {
  const pattern = new RegExp(
    `((?:"[^"]+"|[\\w$]+)\\.)*"?${name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}"?(?![\\w$])`,
    "i",
  );
  const match = source && pattern.exec(source.text);
  if (!match) return { line: 1, position: 0, full: name };
  const before = source.text.slice(0, match.index).split("\n");
  return {
    line: before.length,
    position: (before.at(-1) ?? "").length,
    full: match[0].includes('"') ? match[0] : match[0].toUpperCase(),
  };
}
