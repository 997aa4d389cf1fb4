/** Requests that no driver sends: each has an answer of the protocol's, and the server goes on. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { standaloneServer } from "./support/standalone-server.ts";

jest.setTimeout(300_000);

/** The same requests every time, and others for who asks for them. */
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const server = standaloneServer();
let token: string;

interface Answer {
  status: number;
  body: {
    success: boolean;
    code: string | null;
    message: string | null;
    data: Record<string, unknown> | null;
  };
}

async function send(
  path: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${server.login.accessUrl}${path}`, {
    method: "POST",
    body: body as never,
    headers,
  });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}
const loggedIn = () => ({ authorization: `Snowflake Token="${token}"` });
const login = {
  data: { ACCOUNT_NAME: "FLUX-OPERATIONS", LOGIN_NAME: "DEPLOYER", PASSWORD: server.login.password },
};
const query = (sqlText: string) =>
  send(`/queries/v1/query-request?requestId=${crypto.randomUUID()}`, JSON.stringify({ sqlText }), loggedIn());

beforeAll(async () => {
  await server.start("--memory-mb", "512");
  token = String((await send("/session/v1/login-request", JSON.stringify(login))).body.data?.token);
  for (const sql of [
    "CREATE WAREHOUSE WH",
    "CREATE DATABASE DB",
    "CREATE TABLE T (A INT, B VARCHAR, C TIMESTAMP_NTZ)",
    "ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 5",
  ])
    expect(await query(sql)).toMatchObject({ body: { success: true } });
});
afterAll(() => server.stop());

/** Words of what this server is made of: none of a client's business. */
const INTERNAL =
  /DuckDB|(?:Type|Range|Reference|Binder|Parser|Catalog|Conversion|Internal) ?Error|Cannot read|is not a function|undefined|\.ts:|\[object/;

function expectProper({ status, body }: Answer) {
  expect(typeof body.success).toBe("boolean");
  if (body.success) {
    expect(status).toBe(200);
    return;
  }
  expect(body.code).toMatch(/^\d{6}$/);
  expect(body.message).toEqual(expect.any(String));
  expect(body.message).not.toMatch(INTERNAL);
  expect(status).toBeLessThan(500);
}

/** Something like one of the things that are right, with a few pieces cut out, doubled, exchanged or put in. */
const mutated = (right: readonly string[], pieces: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...right),
      fc.array(
        fc.record({
          how: fc.constantFrom("cut", "double", "put", "end"),
          at: fc.double({ min: 0, max: 1, noNaN: true }),
          length: fc.integer({ min: 1, max: 12 }),
          piece: fc.constantFrom(...pieces),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    )
    .map(([text, changes]) =>
      changes.reduce((before, { how, at, length, piece }) => {
        const from = Math.floor(at * before.length);
        const [head, middle, tail] = [
          before.slice(0, from),
          before.slice(from, from + length),
          before.slice(from + length),
        ];
        if (how === "cut") return head + tail;
        if (how === "double") return head + middle + middle + tail;
        return how === "put" ? head + piece + middle + tail : head + piece;
      }, text),
    );

const STATEMENTS = [
  "SELECT A, COUNT(*) FROM T WHERE B LIKE 'x%' AND C >= '2025-01-01'::TIMESTAMP_NTZ GROUP BY A HAVING COUNT(*) > 1 ORDER BY 1 LIMIT 3",
  "WITH X AS (SELECT * FROM T QUALIFY ROW_NUMBER() OVER (PARTITION BY A ORDER BY C DESC) = 1) SELECT X.*, IFF(A > 1, 'a', NULL) FROM X LEFT JOIN T ON X.A = T.A",
  "INSERT INTO T (A, B) VALUES (1, 'it''s'), (2, NULL)",
  "UPDATE T SET B = UPPER(B), A = A + 1 WHERE A IN (SELECT A FROM T)",
  "MERGE INTO T USING (SELECT 1 AS A) S ON T.A = S.A WHEN MATCHED THEN UPDATE SET B = 'm' WHEN NOT MATCHED THEN INSERT (A) VALUES (S.A)",
  "DELETE FROM T WHERE A BETWEEN 1 AND 2",
  'CREATE OR REPLACE TABLE "u" ("a b" NUMBER(10,2) NOT NULL DEFAULT 1, V VARIANT COMMENT \'v\') CLUSTER BY ("a b")',
  "CREATE TABLE IF NOT EXISTS W AS SELECT SEQ4() N, DATEADD('day', SEQ4(), '2025-01-01'::DATE) D FROM TABLE(GENERATOR(ROWCOUNT => 10))",
  "ALTER TABLE T ADD COLUMN IF NOT EXISTS D DATE",
  "CREATE STAGE IF NOT EXISTS ST URL = 's3://bucket/path/' FILE_FORMAT = (TYPE = PARQUET)",
  "COPY INTO T FROM @ST/a FILES = ('b.parquet') ON_ERROR = 'SKIP_FILE_10%' FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)",
  "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA DB.PUBLIC TO ROLE SYSADMIN",
  "SHOW TABLES LIKE 'T%' IN SCHEMA DB.PUBLIC STARTS WITH 'T' LIMIT 5",
  "SHOW GRANTS ON TABLE DB.PUBLIC.T",
  "DESCRIBE TABLE DB.PUBLIC.T",
  "SELECT * FROM TABLE(DB.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 5)) WHERE QUERY_TEXT ILIKE '%x%'",
  "SELECT PARSE_JSON('{\"a\": [1, {\"b\": null}]}'):a[1].b::VARCHAR, OBJECT_CONSTRUCT('k', 1), FLATTEN.VALUE FROM TABLE(FLATTEN(INPUT => PARSE_JSON('[1,2]')))",
  "SET (X, Y) = (1, 'two')",
  "BEGIN TRANSACTION; COMMIT",
  "DECLARE N INTEGER; BEGIN SELECT COUNT(*) INTO :N FROM T; IF (N > 0) THEN RETURN 'some'; END IF; RETURN N; EXCEPTION WHEN OTHER THEN RAISE; END;",
  "CREATE USER IF NOT EXISTS U1 PASSWORD = 'p' DEFAULT_ROLE = 'R' COMMENT = $$c$$",
  "COMMENT ON TABLE T IS 'comment'",
];
const PIECES =
  "'|\"|$$|(|)|()|,|;|--|/*|*/|::|:|.|..|@|@~/|%|\\|\0|\u{1F600}| |\n|NULL|SELECT|FROM|WHERE|CASE WHEN|END|BEGIN|TABLE(|1e400|-1|99999999999999999999999999999999999999999|?|:1|$1|$X|=>|[0]|{}|IDENTIFIER('T')|\u00a0".split(
    "|",
  );

test("statements that are almost right are run or refused, each with a proper answer", async () => {
  await fc.assert(
    fc.asyncProperty(mutated(STATEMENTS, PIECES), async (sql) => {
      const answer = await query(sql);
      expectProper(answer);
      // An incident is a fault of this server.
      expect(answer.body.message ?? "").not.toMatch(/incident \d+/);
    }),
    { seed: SEED, numRuns: Number(process.env.FUZZ_RUNS ?? 300) },
  );
});

const BODIES = [
  JSON.stringify(login),
  JSON.stringify({
    sqlText: "SELECT ?",
    asyncExec: false,
    sequenceId: 1,
    bindings: { 1: { type: "FIXED", value: "1" } },
    parameters: { QUERY_TAG: "t" },
  }),
  JSON.stringify({ sqlText: "SELECT 1", describeOnly: true, queryContextDTO: { entries: [] } }),
  JSON.stringify({ requestId: crypto.randomUUID() }),
];
const JSON_PIECES = 'null|true|[]|{}|""|"|{|}|[|]|,|:|-1|1e999|"a":|\\u0000|__proto__'.split("|");
const PATHS = [
  "/session/v1/login-request",
  "/session/v1/login-request?roleName=PUBLIC&roleName=OTHER&warehouse[]=x",
  "/session/token-request",
  "/session/heartbeat",
  "/session",
  "/queries/v1/query-request",
  "/queries/v1/query-request?requestId=a&requestId=b",
  "/queries/v1/abort-request",
  "/queries/no-such-query/abort-request",
  "/telemetry/send",
  "/no/such/address",
  "/queries/%ff/abort-request",
];

test("requests that are almost right have a proper answer", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...PATHS),
      mutated(BODIES, JSON_PIECES),
      fc.constantFrom("none", "garbage", "right"),
      fc.constantFrom("plain", "gzip", "torn"),
      async (path, body, who, encoding) => {
        const zipped = gzipSync(body);
        const sent = encoding === "plain" ? body : encoding === "gzip" ? zipped : zipped.subarray(0, -9);
        const headers = {
          ...(who === "right" && loggedIn()),
          ...(who === "garbage" && { authorization: 'Snowflake Token="garbage' }),
          ...(encoding !== "plain" && { "content-encoding": "gzip" }),
        };
        expectProper(await send(path, sent, headers));
      },
    ),
    { seed: SEED, numRuns: Number(process.env.FUZZ_RUNS ?? 300) },
  );
});

test("what inflates to hundreds of megabytes is refused before and after the login, and takes no memory", async () => {
  const peak = () =>
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1]) / 1_000;
  const bomb = gzipSync(Buffer.alloc(300_000_000, " "));
  expect(bomb.length).toBeLessThan(400_000);
  const before = peak();
  for (const path of ["/session/v1/login-request", "/telemetry/send"]) {
    const answer = await send(path, bomb, { "content-encoding": "gzip" });
    expect(answer).toMatchObject({ status: 413, body: { success: false, code: "000413" } });
  }
  expect(await send("/queries/v1/query-request", bomb, { "content-encoding": "gzip" })).toMatchObject({
    body: { code: "390111" },
  });
  const inside = { ...loggedIn(), "content-encoding": "gzip" };
  expect(await send("/queries/v1/query-request", bomb, inside)).toMatchObject({ status: 413 });
  expect(peak() - before).toBeLessThan(200);
});

test("a large batch of bound values is taken", async () => {
  await query("ALTER SESSION UNSET STATEMENT_TIMEOUT_IN_SECONDS");
  const values = Array.from({ length: 50_000 }, (_, index) => String(index));
  const answer = await send(
    "/queries/v1/query-request",
    gzipSync(
      JSON.stringify({
        sqlText: "INSERT INTO T (A, B) VALUES (?, ?)",
        bindings: { 1: { type: "FIXED", value: values }, 2: { type: "TEXT", value: values } },
      }),
    ),
    { ...loggedIn(), "content-encoding": "gzip" },
  );
  expect(answer.body.data).toMatchObject({ rowset: [["50000"]] });
});
