import fc from "fast-check";
import { SnowflakeError } from "../snowflake/errors.ts";
import { lexemes, splitStatements } from "../snowflake/grammar/lexer.ts";
import { parse } from "../snowflake/grammar/parse.ts";

// What takes quadratic time on texts of this length does not end within hours.
jest.setTimeout(30_000);
const LONG = 500_000;

/** What a text is refused with: a Snowflake error, whatever the text. */
function refusal(sql: string): SnowflakeError {
  try {
    parse(sql);
  } catch (error) {
    if (error instanceof SnowflakeError) return error;
    throw error;
  }
  throw new Error(`${sql.slice(0, 100)} … was taken`);
}

test.each([
  ["a literal", `SELECT '${"x".repeat(LONG)}`],
  ["a literal of quotes", `SELECT ${"''".repeat(LONG)}'`],
  ["a literal after many", `CREATE WAREHOUSE W COMMENT = ${"'".repeat(LONG + 1)}`],
  ["a literal of backslashes", `SELECT '${"\\\\".repeat(LONG)}`],
  ["a name", `CREATE TABLE "${"x".repeat(LONG)}`],
  ["a comment of openings", `SHOW TABLES ${"/* ".repeat(LONG)}`],
  ["dollars", `SELECT 1; SELECT $$${"$ ".repeat(LONG)}`],
])("%s that does not end is told from the end of the text", (_what, sql) => {
  expect(refusal(sql)).toMatchObject({
    code: "001003",
    sqlState: "42000",
    message: `SQL compilation error:\nparse error line 1 at position ${sql.length} near '<EOF>'.`,
  });
});

test.each([
  ["brackets", (levels: number) => `SELECT ${"(".repeat(levels)}1${")".repeat(levels)}`],
  ["brackets in a statement", (levels: number) => `CREATE STAGE S FILE_FORMAT = ${"(".repeat(levels)}`],
  [
    "expressions of a table",
    (levels: number) => `CREATE TABLE T (A INT) CLUSTER BY (${"(".repeat(levels)}${")".repeat(levels)})`,
  ],
  ["AND", (levels: number) => `SELECT TRUE${" AND TRUE".repeat(levels)}`],
  ["sums", (levels: number) => `SELECT 1${" + 1".repeat(levels)}`],
  ["casts", (levels: number) => `SELECT 1${"::INT".repeat(levels)}`],
  ["indexes", (levels: number) => `SELECT A${"[0]".repeat(levels)}`],
  ["sub-queries", (levels: number) => `${"SELECT (".repeat(levels)}1${")".repeat(levels)}`],
])("%s of 10,000 levels are refused by name", (_what, of) => {
  for (const levels of [2_000, 10_000]) {
    expect(refusal(of(levels))).toMatchObject({
      code: "000002",
      message: expect.stringMatching(/brackets within each other|operators in one expression/),
    });
  }
});

test("long lists and long literals are no depth", () => {
  const values = Array.from({ length: 50_000 }, (_, index) => `-${index} + 1`).join(", ");
  const literal = `'${"(-".repeat(100_000)}'`;
  for (const sql of [`SELECT 1 IN (${values})`, `SELECT ${literal}`, `INSERT INTO T VALUES (${literal})`]) {
    expect(parse(sql)).toMatchObject({ sql });
  }
});

test("the lexemes of any text that can be taken apart are the whole text", () => {
  const pieces = fc.constantFrom(..."'|''|\"|$$|--|//|/*|*/|\n| |;|a|É1|_x$|1.5e3|(|]|,|\\|😀|@|".split("|"));
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const sql = parts.join("");
      let whole = "";
      try {
        for (const { start, end } of lexemes(sql)) {
          expect(start).toBe(whole.length);
          whole += sql.slice(start, end);
        }
      } catch (error) {
        expect(error).toMatchObject({ code: "001003" });
        return;
      }
      expect(whole).toBe(sql);
      // Taking apart what was taken apart changes nothing.
      const statements = splitStatements(sql);
      for (const statement of statements) expect(splitStatements(statement)).toEqual([statement]);
    }),
  );
});
