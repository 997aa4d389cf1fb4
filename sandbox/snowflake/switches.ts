/**
 * How the local Snowflake may be told to differ from its usual self: to play what a real account does now and then, or
 * to be stricter before everything else is. Every default is the usual behaviour.
 */
interface Switch<Value> {
  readonly usual: Value;
  /** What it takes, in words. */
  readonly takes: string;
  accepts(value: unknown): value is Value;
}

const count = (usual: number): Switch<number> => ({
  usual,
  takes: "a number from 0",
  accepts: (value): value is number => typeof value === "number" && value >= 0,
});

/** The first value is the usual one. */
const oneOf = <const Values extends readonly [string, ...string[]]>(
  ...values: Values
): Switch<Values[number]> => ({
  usual: values[0],
  takes: `one of ${values.join(", ")}`,
  accepts: (value): value is Values[number] => typeof value === "string" && values.includes(value),
});

/** A regular expression, in any case of letters; the usual one matches nothing. */
const pattern = (): Switch<string> => ({
  usual: "",
  takes: "a regular expression",
  accepts: (value): value is string => typeof value === "string" && isPattern(value),
});

function isPattern(text: string): boolean {
  try {
    new RegExp(text, "i");
    return true;
  } catch {
    return false;
  }
}

const definitions = {
  /** Milliseconds for which a session does not see what another one has committed since it logged in. */
  commitsSeenAfterMilliseconds: count(0),
  /** The first UPDATE whose text it matches answers how many rows it has changed, and none is. */
  lostUpdate: pattern(),
  /** The first statement sent asynchronously whose text it matches runs twice, as after a retry; the client hears of one. */
  doubledSubmit: pattern(),
  /** The server is killed as it begins the first statement whose text it matches, one within a block as well. */
  killedAt: pattern(),
  /** Seconds after its end from which on a statement is in QUERY_HISTORY. */
  queryHistoryDelaySeconds: count(0),
  /**
   * What COPY INTO <table> does with a parquet value that does not convert, where ON_ERROR is CONTINUE or SKIP_FILE: the
   * manual says that such conversions are not validated, and its editions differ in what follows (docs: COPY INTO
   * <table>, usage notes, and error logging).
   */
  parquetConversionError: oneOf("reject row", "skip file", "abort statement"),
  /** Whether INFER_SCHEMA tells each type that files have for a column, or one that holds all (not documented). */
  inferredTypes: oneOf("each", "merged"),
  /** Whether an empty string in a parquet column is an error under MATCH_BY_COLUMN_NAME (docs: COPY INTO <table>). */
  emptyParquetText: oneOf("load", "reject"),
  /** Seconds after which a transaction of a client that has gone is rolled back while others wait for its locks. */
  blockingTransactionIdleSeconds: count(300),
  /** Seconds after which it is rolled back though nobody waits for it. */
  idleTransactionSeconds: count(14_400),
  /** Seconds after its load from which on a file is in COPY_HISTORY and LOAD_HISTORY. */
  loadHistoryDelaySeconds: count(0),
};

export type Switches = {
  readonly [Name in keyof typeof definitions]: (typeof definitions)[Name] extends Switch<infer Value>
    ? Value
    : never;
};

const played = new WeakMap<Switches, Set<string>>();

/** Whether a statement is the first that a switch's pattern matches. */
export function isFirst(
  switches: Switches,
  name: "lostUpdate" | "doubledSubmit" | "killedAt",
  sql: string,
): boolean {
  const done = played.get(switches) ?? new Set();
  if (switches[name] === "" || done.has(name) || !new RegExp(switches[name], "i").test(sql)) return false;
  played.set(switches, done.add(name));
  return true;
}

/** All switches, as given or as usual. Throws where a name is not known or a value does not fit. */
export function readSwitches(given: Readonly<Record<string, unknown>> = {}): Switches {
  const known: Readonly<Record<string, Switch<unknown>>> = definitions;
  const wrong = Object.entries(given).flatMap(([name, value]) => {
    if (!Object.hasOwn(known, name)) return [`there is no switch '${name}'`];
    return known[name]?.accepts(value)
      ? []
      : [`${name} takes ${known[name]?.takes}, not ${JSON.stringify(value)}`];
  });
  if (wrong.length > 0) throw new Error(`Switches of the local Snowflake: ${wrong.join("; ")}.`);
  const usual = Object.fromEntries(Object.entries(known).map(([name, each]) => [name, each.usual]));
  return { ...usual, ...given } as Switches;
}
