/** A session parameter: its type decides what ALTER SESSION takes. */
export interface ParameterDefinition {
  type: "STRING" | "NUMBER" | "BOOLEAN";
  /** As SHOW PARAMETERS prints it. */
  default: string;
  description: string;
  /** What it takes, where that is not everything of its type: the least and most of a number, the length of a text. */
  limits?: { least?: number; most?: number };
  /** The words that it takes, in any case, where there are only some. */
  words?: readonly string[];
  /** Whether another value than the default is refused by name: what it would change does not follow it here. */
  onlyDefault?: true;
}

const text = (value: string, description: string): ParameterDefinition => ({
  type: "STRING",
  default: value,
  description,
});
const number = (value: number, description: string): ParameterDefinition => ({
  type: "NUMBER",
  default: String(value),
  description,
});
/** With limits. */
export const within = <Definition extends ParameterDefinition>(
  limits: { least?: number; most?: number },
  definition: Definition,
): Definition => ({ ...definition, limits });
export const words = <Definition extends ParameterDefinition>(
  some: readonly string[],
  definition: Definition,
): Definition => ({ ...definition, words: some });
export const onlyDefault = <Definition extends ParameterDefinition>(definition: Definition): Definition => ({
  ...definition,
  onlyDefault: true,
});
const flag = (value: boolean, description: string): ParameterDefinition => ({
  type: "BOOLEAN",
  default: String(value),
  description,
});

/** The session parameters that the local Snowflake knows; defaults and limits are the manual's (docs: Parameters). Those it only keeps for clients have no effect here. */
export const sessionParameters: Readonly<Record<string, ParameterDefinition>> = {
  ABORT_DETACHED_QUERY: flag(false, "Abort a running query when its client has gone"),
  AUTOCOMMIT: flag(true, "Commit each statement that is not in an explicit transaction"),
  BINARY_INPUT_FORMAT: text("HEX", "Input format of binary values"),
  BINARY_OUTPUT_FORMAT: text("HEX", "Output format of binary values"),
  CLIENT_MEMORY_LIMIT: number(1536, "Megabytes a client may use for results"),
  CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX: flag(false, "Limit metadata requests to the current database"),
  CLIENT_PREFETCH_THREADS: within({ least: 1, most: 10 }, number(4, "Threads a client fetches results with")),
  CLIENT_RESULT_CHUNK_SIZE: number(160, "Largest result chunk in megabytes"),
  CLIENT_RESULT_COLUMN_CASE_INSENSITIVE: flag(false, "Match result columns by name in any case"),
  CLIENT_SESSION_KEEP_ALIVE: flag(false, "Keep the session alive without activity"),
  CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY: within(
    { least: 900, most: 3_600 },
    number(3_600, "Seconds between heartbeats"),
  ),
  CLIENT_STAGE_ARRAY_BINDING_THRESHOLD: number(
    1_000_000_000,
    "Bound values from which a client stages them; so high that they always come with the statement",
  ),
  CLIENT_TELEMETRY_ENABLED: flag(false, "Have clients send telemetry"),
  CLIENT_TIMESTAMP_TYPE_MAPPING: words(
    ["TIMESTAMP_LTZ", "TIMESTAMP_NTZ"],
    text("TIMESTAMP_LTZ", "Type of timestamps that are bound"),
  ),
  DATE_INPUT_FORMAT: text("AUTO", "Input format of dates"),
  DATE_OUTPUT_FORMAT: text("YYYY-MM-DD", "Output format of dates"),
  ERROR_ON_NONDETERMINISTIC_MERGE: flag(true, "Refuse a MERGE in which several rows change one"),
  ERROR_ON_NONDETERMINISTIC_UPDATE: flag(false, "Refuse an UPDATE in which several rows change one"),
  JDBC_QUERY_RESULT_FORMAT: text("JSON", "Format of results for JDBC"),
  JS_TREAT_INTEGER_AS_BIGINT: flag(false, "Node driver: integers as BigInt"),
  JSON_INDENT: onlyDefault(within({ most: 16 }, number(2, "Spaces of indentation of JSON output"))),
  LOCK_TIMEOUT: number(43_200, "Seconds to wait for a lock"),
  MULTI_STATEMENT_COUNT: number(1, "Statements in one request"),
  PYTHON_CONNECTOR_QUERY_RESULT_FORMAT: text("ARROW", "Format of results for Python"),
  QUERY_TAG: within({ most: 2_000 }, text("", "Tag of the session's statements in the query history")),
  QUOTED_IDENTIFIERS_IGNORE_CASE: flag(false, "Fold quoted identifiers to upper case"),
  ROWS_PER_RESULTSET: number(0, "Most rows of a result; 0 for no limit"),
  // Nothing waits for a warehouse here.
  STATEMENT_QUEUED_TIMEOUT_IN_SECONDS: number(
    0,
    "Seconds a statement may wait for a warehouse; 0 for no limit",
  ),
  STATEMENT_TIMEOUT_IN_SECONDS: within(
    { most: 604_800 },
    number(172_800, "Seconds after which a running statement is cancelled"),
  ),
  STRICT_JSON_OUTPUT: onlyDefault(flag(false, "Only standard JSON in output")),
  TIMESTAMP_DAY_IS_ALWAYS_24H: onlyDefault(
    flag(false, "A day is 24 hours, whatever daylight saving time does"),
  ),
  TIMESTAMP_INPUT_FORMAT: text("AUTO", "Input format of timestamps"),
  TIMESTAMP_LTZ_OUTPUT_FORMAT: text("", "Output format of TIMESTAMP_LTZ"),
  TIMESTAMP_NTZ_OUTPUT_FORMAT: text("YYYY-MM-DD HH24:MI:SS.FF3", "Output format of TIMESTAMP_NTZ"),
  TIMESTAMP_OUTPUT_FORMAT: text("YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM", "Output format of timestamps"),
  TIMESTAMP_TYPE_MAPPING: text("TIMESTAMP_NTZ", "What TIMESTAMP means"),
  TIMESTAMP_TZ_OUTPUT_FORMAT: text("", "Output format of TIMESTAMP_TZ"),
  TIMEZONE: text("America/Los_Angeles", "Time zone of the session"),
  TIME_INPUT_FORMAT: text("AUTO", "Input format of times"),
  TIME_OUTPUT_FORMAT: text("HH24:MI:SS", "Output format of times"),
  TRANSACTION_ABORT_ON_ERROR: flag(false, "Abort the transaction when a statement in it fails"),
  USE_CACHED_RESULT: flag(true, "Answer repeated queries from stored results"),
  WEEK_OF_YEAR_POLICY: within({ most: 1 }, number(0, "How weeks of a year are counted")),
  WEEK_START: within({ most: 7 }, number(0, "First day of the week; 0 and 1 for Monday, 7 for Sunday")),
};

/** What says what is set in a session. */
interface Parametrised {
  readonly parameters: ReadonlyMap<string, string>;
}

/** A session's value of a parameter: its own, or the user's and account's it took over at login, or the default. */
export const parameterOf = (session: Parametrised, name: string): string =>
  session.parameters.get(name) ?? sessionParameters[name]?.default ?? "";

/** A session's value of a parameter that is a number. */
export const numberParameterOf = (session: Parametrised, name: string): number =>
  Number(parameterOf(session, name));

/** A value as the drivers' protocol carries it: a JSON string, number or boolean by the parameter's type. */
export function protocolValue(name: string, value: string): string | number | boolean {
  const type = sessionParameters[name]?.type;
  if (type === "NUMBER") return Number(value);
  return type === "BOOLEAN" ? value.toLowerCase() === "true" : value;
}
