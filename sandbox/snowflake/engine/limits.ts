import { MAX_TEXT } from "./types.ts";

/** From here on the texts of a vector are counted. */
const LONG_TEXT = 65_536;

/**
 * DuckDB makes texts of any length, and of memory that its own limit does not count: so functions that make long texts
 * of short ones look at the length first. 100078 is what Snowflake says of a text that does not fit.
 */
const tooLong = (text: string) =>
  `error('SNOWFLAKE 100078 22000 String ''' || left(${text}, 20) || '...'' is too long and would be truncated')`;

export const limitMacros: readonly string[] = [
  `sf_within(x, n) AS CASE WHEN n > ${MAX_TEXT} THEN ${tooLong("x")} WHEN n > ${LONG_TEXT} THEN sf_budget(CAST(n AS BIGINT)) ELSE n END`,
  `sf_repeat(x, n) AS repeat(x, CASE WHEN sf_within(x, length(x) * CAST(n AS DOUBLE)) IS NULL THEN NULL ELSE CAST(n AS BIGINT) END)`,
  `sf_lpad(x, n) AS lpad(x, CAST(sf_within(x, n) AS INTEGER), ' '), (x, n, p) AS lpad(x, CAST(sf_within(x, n) AS INTEGER), p)`,
  `sf_rpad(x, n) AS rpad(x, CAST(sf_within(x, n) AS INTEGER), ' '), (x, n, p) AS rpad(x, CAST(sf_within(x, n) AS INTEGER), p)`,
];
