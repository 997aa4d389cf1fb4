import fc from "fast-check";
import { parseName, quoteIdentifier } from "../snowflake/grammar/identifiers.ts";
import { splitStatements } from "../snowflake/grammar/lexer.ts";
import { parse } from "../snowflake/grammar/parse.ts";
import type { Show } from "../snowflake/grammar/show-statements.ts";
import { text } from "../snowflake/result.ts";
import { filterShown } from "../snowflake/statements/shown.ts";

function failure(sql: string): { code: string; message: string } {
  try {
    parse(sql);
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error(`no error from: ${sql}`);
}

describe("syntax errors", () => {
  test.each([
    ["FOO BAR", 1, 0, "FOO"],
    ["CREATE TABL t (a int)", 1, 7, "TABL"],
    ["CREATE WAREHOUSE w SIZE", 1, 23, "<EOF>"],
    ["CREATE TABLE t (a int,", 1, 22, "<EOF>"],
    ["DROP TABLE IF EXISTS", 1, 20, "<EOF>"],
    ["GRANT SELECT ON TABLE t TOO ROLE r", 1, 24, "TOO"],
    ["SHOW TABLES LIKE x", 1, 17, "x"],
    ["CREATE STAGE s\n  URL = 's3://b/'\n  FILE_FORMAT == x", 3, 15, "="],
    ["ALTER WAREHOUSE w SET -- a comment\n /* and another */ 12 = 3", 2, 19, "12"],
    ["COPY INTO t FROM @s/x ON_ERROR CONTINUE", 1, 31, "CONTINUE"],
    ["CREATE TABLE t (a int) 'x'", 1, 23, "'x'"],
    ["USE SELECT", 1, 4, "SELECT"],
  ])("%s", (sql, line, position, found) => {
    expect(failure(sql)).toMatchObject({
      code: "001003",
      sqlState: "42000",
      message: `SQL compilation error:\nsyntax error line ${line} at position ${position} unexpected '${found}'.`,
    });
  });
});

describe("what is known but not done", () => {
  test.each([
    ["CREATE PIPE p AS COPY INTO t FROM @s", "CREATE PIPE"],
    [
      "CREATE OR REPLACE MASKING POLICY p AS (v string) RETURNS string -> v",
      "CREATE OR REPLACE MASKING POLICY",
    ],
    ["CREATE EXTERNAL TABLE t", "CREATE EXTERNAL TABLE"],
    ["SHOW PIPES", "SHOW PIPES"],
    ["PUT file:///tmp/x @s", "PUT"],
  ])("%s", (sql, what) => {
    expect(failure(sql)).toMatchObject({ code: "000002" });
    expect(failure(sql).message).toContain(`'${what}'`);
  });
});

describe("several statements", () => {
  test("more than one is refused with its count", () => {
    expect(failure("select 1; select 2;")).toMatchObject({
      code: "000008",
      message: "Actual statement count 2 did not match the desired statement count 1.",
    });
  });

  test("semicolons in literals, names and comments are no ends", () => {
    const texts = ["select ';'", ' select ";" -- ;\n', " select $$;$$ /* ; */"];
    expect(splitStatements(`${texts.join(";")}; -- last;\n`)).toEqual(texts);
  });

  test("a statement ends in a semicolon and the provider's comment", () => {
    const tail = ' --terraform_provider_usage_tracking {"version":"v1.2.1"}';
    expect(parse(`DROP ROLE IF EXISTS "R1";${tail}`)).toEqual(parse('DROP ROLE IF EXISTS "R1"'));
    expect(parse(`SHOW ROLES LIKE 'R1'${tail}`)).toEqual(parse("show roles like 'R1'"));
  });
});

describe("queries and DML keep their text", () => {
  test.each([
    ["select a -- b\nfrom t;", { kind: "query", sql: "select a -- b\nfrom t" }],
    ["select 1 --tracking {}", { kind: "query", sql: "select 1" }],
    ["(SELECT 1) UNION (SELECT 2)", { kind: "query" }],
    ["WITH x AS (SELECT 1) SELECT * FROM x", { kind: "query" }],
    ["insert into t values (';')", { kind: "dml", verb: "INSERT", sql: "insert into t values (';')" }],
    ["Merge into t using s on a = b when matched then delete", { kind: "dml", verb: "MERGE" }],
    ["call p(1)", { kind: "call", sql: "call p(1)" }],
  ])("%s", (sql, expected) => {
    expect(parse(sql)).toMatchObject(expected);
  });

  test("CREATE TABLE AS takes the query apart from its definition", () => {
    expect(
      parse("create or replace table a.b.c (x, y) cluster by (x) comment = 'c' as select 1, 2"),
    ).toMatchObject({
      kind: "createTableAs",
      name: ["A", "B", "C"],
      columns: [{ name: "X" }, { name: "Y" }],
      clusterBy: ["x"],
      query: "select 1, 2",
      orReplace: true,
    });
  });
});

describe("loading", () => {
  test("COPY INTO with options in any order", () => {
    expect(
      parse(`COPY INTO db.s.t (a, "b") FROM @db.s.st/path/to/
        FORCE = TRUE PATTERN = '.*[.]parquet' ON_ERROR = 'SKIP_FILE_10%'
        FILE_FORMAT = (FORMAT_NAME = 'db.s.f' USE_LOGICAL_TYPE = TRUE, NULL_IF = ('', 'NULL'))
        SIZE_LIMIT = 1000 PURGE = FALSE MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE
        INCLUDE_METADATA = (file = METADATA$FILENAME)`),
    ).toEqual({
      kind: "copyIntoTable",
      table: ["DB", "S", "T"],
      columns: ["A", "b"],
      source: { type: "stage", stage: ["DB", "S", "ST"], path: "path/to/" },
      options: {
        force: true,
        pattern: ".*[.]parquet",
        onError: { action: "SKIP_FILE", limit: 10, unit: "percent" },
        fileFormat: {
          formatName: ["DB", "S", "F"],
          written: "db.s.f",
          options: { USE_LOGICAL_TYPE: true, NULL_IF: ["", "NULL"] },
        },
        sizeLimit: 1000,
        purge: false,
        matchByColumnName: "CASE_INSENSITIVE",
        includeMetadata: { FILE: "METADATA$FILENAME" },
      },
    });
  });

  test.each([
    ["CONTINUE", { action: "CONTINUE" }],
    ["'continue'", { action: "CONTINUE" }],
    ["abort_statement", { action: "ABORT_STATEMENT" }],
    ["SKIP_FILE", { action: "SKIP_FILE" }],
    ["SKIP_FILE_7", { action: "SKIP_FILE", limit: 7, unit: "rows" }],
    ["SKIP_FILE_7%", { action: "SKIP_FILE", limit: 7, unit: "percent" }],
  ])("ON_ERROR = %s", (written, onError) => {
    expect(parse(`COPY INTO t FROM @s ON_ERROR = ${written}`)).toMatchObject({ options: { onError } });
  });

  test.each([
    ["COPY INTO t FROM @s ON_ERROR = SOMETIMES", "001008", "ON_ERROR"],
    ["COPY INTO t FROM @s NO_SUCH = 1", "001420", "NO_SUCH"],
    ["COPY INTO t FROM @s FORCE = TRUE FORCE = FALSE", "001421", "FORCE"],
    ["COPY INTO t FROM @s FILE_FORMAT = (TYPE = PARQUET FIELD_DELIMITER = ',')", "001420", "FIELD_DELIMITER"],
    ["COPY INTO t FROM @s VALIDATION_MODE = RETURN_SOME", "001008", "VALIDATION_MODE"],
  ])("%s", (sql, code, named) => {
    expect(failure(sql)).toMatchObject({ code, message: expect.stringContaining(named) });
  });

  test.each([
    ["FROM @s", { type: "stage", stage: ["S"], path: "" }],
    ['FROM @"My Stage"/a/b', { type: "stage", stage: ["My Stage"], path: "a/b" }],
    ["FROM '@db.s.st/with space/x'", { type: "stage", stage: ["DB", "S", "ST"], path: "with space/x" }],
    ["FROM @~/x", { type: "userStage", path: "x" }],
    ["FROM @%t/x", { type: "tableStage", table: ["T"], path: "x" }],
    ["FROM 's3://b/x'", { type: "url", url: "s3://b/x" }],
    [
      "FROM (SELECT $1:a FROM @s (PATTERN => ')'))",
      { type: "query", sql: "SELECT $1:a FROM @s (PATTERN => ')')" },
    ],
    ["", { type: "tableStage", table: ["T"], path: "" }],
  ])("COPY INTO t %s", (from, source) => {
    expect(parse(`COPY INTO t ${from}`)).toMatchObject({ source });
  });

  test("unloading is told from loading", () => {
    expect(parse("COPY INTO @s/x FROM (SELECT 1)")).toEqual({ kind: "copyIntoLocation" });
    expect(parse("COPY INTO 's3://b/x' FROM t HEADER = TRUE")).toEqual({ kind: "copyIntoLocation" });
  });

  test("LIST in its spellings", () => {
    const expected = {
      kind: "list",
      location: { type: "stage", stage: ["DB", "S", "ST"], path: "a/" },
      pattern: ".*parquet",
    };
    expect(parse("LIST @db.s.st/a/ PATTERN='.*parquet';")).toEqual(expected);
    expect(parse("ls '@db.s.st/a/' pattern = '.*parquet'")).toEqual(expected);
  });
});

describe("names and literals", () => {
  test("unquoted names fold, quoted ones stay", () => {
    expect(parse('USE SCHEMA my_db."my schema"')).toEqual({
      kind: "useSchema",
      name: ["MY_DB", "my schema"],
    });
    expect(parse("USE ROLE IDENTIFIER('\"r 1\"')")).toEqual({ kind: "useRole", name: "r 1" });
  });

  test("any text is a name in quotes", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "binary" }), (name) => {
        expect(parse(`DROP ROLE ${quoteIdentifier(name)}`)).toMatchObject({ name: [name] });
        expect(parseName(`${quoteIdentifier(name)}.x`)).toEqual([name, "X"]);
      }),
    );
  });

  test("any text is a literal with its quotes and backslashes doubled", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const literal = `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
        expect(parse(`CREATE ROLE r COMMENT = ${literal}`)).toMatchObject({
          properties: [{ name: "COMMENT", value: { type: "string", value } }],
        });
      }),
    );
  });

  test("escapes in literals, none between dollars", () => {
    expect(parse("SHOW ROLES LIKE 'a\\tb\\n\\'c''\\x41\\u00e9\\\\'")).toMatchObject({
      like: "a\tb\n'c'Aé\\",
    });
    expect(parse("SHOW ROLES LIKE $$it's \\n$$")).toMatchObject({ like: "it's \\n" });
  });

  test("keywords in any case, comments anywhere", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }), (upper) => {
        const sql = [..."create or replace stage s"]
          .map((letter, at) => (upper[at] ? letter.toUpperCase() : letter))
          .join("")
          .replaceAll(" ", "/* x */ -- y\n");
        expect(parse(sql)).toMatchObject({
          kind: "createObject",
          type: "STAGE",
          name: ["S"],
          orReplace: true,
        });
      }),
    );
  });
});

describe("column types", () => {
  test.each([
    ["VARCHAR", { type: "text", length: 16777216 }],
    ["character varying (20)", { type: "text", length: 20 }],
    ["CHAR", { type: "text", length: 1 }],
    ["NUMBER(22,0)", { type: "fixed", precision: 22, scale: 0 }],
    ["decimal(10)", { type: "fixed", precision: 10, scale: 0 }],
    ["INT", { type: "fixed", precision: 38, scale: 0 }],
    ["DOUBLE PRECISION", { type: "real" }],
    ["TIMESTAMP", { type: "timestamp_ntz", scale: 9 }],
    ["TIMESTAMP_NTZ(3)", { type: "timestamp_ntz", scale: 3 }],
    ["timestamp with time zone", { type: "timestamp_tz", scale: 9 }],
    ["TIMESTAMP_LTZ", { type: "timestamp_ltz", scale: 9 }],
    ["VARIANT", { type: "variant" }],
    ["BINARY(16)", { type: "binary", length: 16 }],
  ])("%s", (written, type) => {
    expect(parse(`CREATE TABLE t (a ${written} NOT NULL COMMENT 'c', timestamp date)`)).toMatchObject({
      columns: [
        { name: "A", type, notNull: true, comment: "c" },
        { name: "TIMESTAMP", type: { type: "date" } },
      ],
    });
  });

  test.each([
    ["NUMBER(39)", "002068"],
    ["NUMBER(10,11)", "002068"],
    ["WIDGET", "002040"],
  ])("%s is no type", (written, code) => {
    expect(failure(`CREATE TABLE t (a ${written})`).code).toBe(code);
  });
});

describe("blocks among statements", () => {
  test.each([
    ["begin; select 1; commit", ["begin", " select 1", " commit"]],
    ["begin transaction; delete from t; commit;", ["begin transaction", " delete from t", " commit"]],
    [
      "declare x int; begin if (x = 1) then x := case when true then 2 end; end if; case x when 1 then null; end case; begin null; end; end; select 1",
      [
        "declare x int; begin if (x = 1) then x := case when true then 2 end; end if; case x when 1 then null; end case; begin null; end; end",
        " select 1",
      ],
    ],
    [
      "begin begin transaction; commit; end; select 'end;'",
      ["begin begin transaction; commit; end", " select 'end;'"],
    ],
    [
      "execute immediate $$begin null; end;$$; select 1",
      ["execute immediate $$begin null; end;$$", " select 1"],
    ],
  ])("%s", (sql, statements) => {
    expect(splitStatements(sql)).toEqual(statements);
  });
});

test("SHOW has ten thousand rows at most (docs: SHOW TABLES, usage notes)", () => {
  const rows = Array.from({ length: 10_001 }, (_, n) => ({ name: `T${n}` }));
  for (const sql of ["SHOW TABLES", "SHOW TABLES LIMIT 10001"]) {
    expect(filterShown({ columns: [text("name")], rows }, parse(sql) as Show).rows).toHaveLength(10_000);
  }
});
