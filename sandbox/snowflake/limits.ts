import { SnowflakeError } from "./errors.ts";

/** Docs: Query size limits: 1 MB of text in a statement. The error's number and words are not verified. */
const LONGEST_STATEMENT = 1_048_576;

export function requireStatementSize(sql: string): void {
  const bytes = Buffer.byteLength(sql);
  if (bytes <= LONGEST_STATEMENT) return;
  throw new SnowflakeError(
    "000604",
    "42601",
    `SQL compilation error:\nThe statement has ${bytes} bytes; the maximum is ${LONGEST_STATEMENT}.`,
  );
}

/** Some accounts accept more; the manual says nothing of it [snowflake-connector-python #37]. */
const LONGEST_LIST = 16_384;

/** Values of IN (…). */
export function requireListSize(values: number): void {
  if (values <= LONGEST_LIST) return;
  throw new SnowflakeError(
    "001795",
    "42601",
    `SQL compilation error:
maximum number of expressions in a list exceeded, expected at most ${LONGEST_LIST.toLocaleString("en-US")}, got ${values.toLocaleString("en-US")}`,
  );
}

/** Docs: Identifier requirements: up to 255 characters. */
const LONGEST_IDENTIFIER = 255;

export function requireIdentifierLength(name: string): void {
  if (name.length <= LONGEST_IDENTIFIER) return;
  throw new SnowflakeError(
    "000968",
    "42601",
    `SQL compilation error:\nObject name '${name.slice(0, 40)}…' exceeds maximum length limit of ${LONGEST_IDENTIFIER} characters.`,
  );
}

/** Refuses a range of a history that begins before all that the history has (docs: each function's arguments). */
export function requireRecent(functionName: string, from: Date, earliest: Date, what: string): void {
  // A minute more: the argument was computed before now.
  if (from.getTime() >= earliest.getTime() - 60_000) return;
  throw new SnowflakeError(
    "001018",
    "22023",
    `SQL compilation error:\nCannot retrieve data from before ${earliest.toISOString()}: ${functionName} has the last ${what}.`,
  );
}
