import { type Example, failures, query, values } from "../example.ts";

const NUMBERS = "FROM VALUES (1, 10, 'a'), (1, 20, 'b'), (2, 30, 'c'), (2, NULL, 'd') AS T(G, N, S)";

export const aggregates: Example[] = [
  query("AVG", `SELECT AVG(N), AVG(G) ${NUMBERS}`, ["20.000000", "1.500000"]),
  query("MEDIAN", `SELECT MEDIAN(N), MEDIAN(G) ${NUMBERS}`, ["20.000", "1.500"]),
  query("PERCENTILE_CONT", `SELECT PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY N) ${NUMBERS}`, ["15"]),
  query("PERCENTILE_DISC", `SELECT PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY N) ${NUMBERS}`, ["20"]),
  query("APPROX_PERCENTILE", `SELECT APPROX_PERCENTILE(N, 0.5) ${NUMBERS}`, ["20"]),
  query("MIN_BY", `SELECT MIN_BY(S, N), MAX_BY(S, N) ${NUMBERS}`, ["a", "c"]),
  query("MAX_BY", `SELECT MAX_BY(S, N, 2) ${NUMBERS}`, ['["c","b"]']),
  query(
    "LISTAGG",
    `SELECT G, LISTAGG(S, '-') WITHIN GROUP (ORDER BY S DESC) ${NUMBERS} GROUP BY G ORDER BY G`,
    ["1", "b-a"],
    ["2", "d-c"],
  ),
  query("LISTAGG", `SELECT LISTAGG(S, ',') ${NUMBERS} WHERE FALSE`, [""]),
  query("ARRAY_AGG", `SELECT ARRAY_AGG(N) WITHIN GROUP (ORDER BY N DESC) ${NUMBERS}`, ["[30,20,10]"]),
  query(
    "ARRAY_UNION_AGG",
    "SELECT ARRAY_SIZE(ARRAY_UNION_AGG(A)) FROM (SELECT ARRAY_CONSTRUCT(1, 2) A UNION ALL SELECT ARRAY_CONSTRUCT(2, 3))",
    ["3"],
  ),
  query("OBJECT_AGG", `SELECT OBJECT_AGG(S, N::VARIANT) ${NUMBERS}`, ['{"a":10,"b":20,"c":30}']),
  query("COUNT_IF", `SELECT COUNT_IF(N > 10) ${NUMBERS}`, ["2"]),
  query("COUNT_IF", `SELECT COUNT_IF(N > 10) ${NUMBERS} WHERE FALSE`, ["0"]),
  query("COUNT", `SELECT COUNT(G, N) ${NUMBERS}`, ["3"]),
  query("COUNT", `SELECT COUNT(*), COUNT(N), COUNT(DISTINCT G), COUNT(DISTINCT G, N) ${NUMBERS}`, [
    "4",
    "3",
    "2",
    "3",
  ]),
  query("BITOR_AGG", "SELECT BITOR_AGG(X), BITAND_AGG(X), BITXOR_AGG(X) FROM VALUES (5), (6) AS T(X)", [
    "7",
    "4",
    "3",
  ]),
  query("BITOR_AGG", "SELECT BITOR_AGG(BITSHIFTLEFT(1, X)) FROM VALUES (0), (3), (3), (40) AS T(X)", [
    "1099511627785",
  ]),
  query(
    "BITMAP_COUNT",
    "SELECT BITMAP_COUNT(BITMAP_CONSTRUCT_AGG(X)) FROM VALUES (0), (95), (95), (127), (30000) AS T(X)",
    ["4"],
  ),
  ...values(
    "BITMAP_BUCKET_NUMBER",
    ["BITMAP_BUCKET_NUMBER(32769)", "2"],
    ["BITMAP_BUCKET_NUMBER(32768)", "1"],
  ),
  ...values("BITMAP_BIT_POSITION", ["BITMAP_BIT_POSITION(1)", "0"], ["BITMAP_BIT_POSITION(32769)", "0"]),
  query(
    "HASH_AGG",
    "SELECT (SELECT HASH_AGG(*) FROM VALUES (1, 'a'), (2, 'b')) = (SELECT HASH_AGG(*) FROM VALUES (2, 'b'), (1, 'a'))",
    ["TRUE"],
  ),
  query(
    "HASH_AGG",
    "SELECT (SELECT HASH_AGG(*) FROM VALUES (1, 'a')) = (SELECT HASH_AGG(*) FROM VALUES (1, 'b'))",
    ["FALSE"],
  ),
  query(
    "LAST_VALUE",
    `SELECT S, LAST_VALUE(S) OVER (ORDER BY S), FIRST_VALUE(S) OVER (ORDER BY S) ${NUMBERS} ORDER BY S LIMIT 1`,
    ["a", "d", "a"],
  ),
  query(
    "QUALIFY",
    `SELECT S ${NUMBERS} QUALIFY ROW_NUMBER() OVER (PARTITION BY G ORDER BY N DESC NULLS LAST) = 1 ORDER BY S`,
    ["b"],
    ["c"],
  ),
  query("GROUP BY", `SELECT G, SUM(N) ${NUMBERS} GROUP BY ALL ORDER BY G`, ["1", "30"], ["2", "30"]),
  query("ORDER BY", `SELECT N ${NUMBERS} ORDER BY N DESC LIMIT 2`, [null], ["30"]),
  query("UNION", "SELECT 1 AS A UNION ALL SELECT 2.5 ORDER BY A", ["1.0"], ["2.5"]),
  query("VALUES", "SELECT COLUMN1 / 2 FROM VALUES (1), (2.50)", ["0.50000000"], ["1.25000000"]),
  ...values(
    "Conditional expression functions",
    ["IFF(TRUE, 1, 2.5)", "1.0"],
    ["NVL(NULL, 2)", "2"],
    ["DECODE(NULL, NULL, 'n', 'x')", "n"],
    ["CASE WHEN TRUE THEN 1 ELSE 2.25 END", "1.00"],
    ["NVL2(1, 'a', 'b')", "a"],
    ["ZEROIFNULL(NULL::INT)", "0"],
  ),
  ...failures(
    "Function and stored procedure reference",
    ["SUBSTR('abc')", "000938"],
    ["IFF(TRUE, 1)", "000938"],
    ["LENGTH('a', 'b')", "000939"],
    ["TRANSLATE('a', 'b')", "000938"],
    ["FACTORIAL(3, 1)", "000939"],
    ["NO_SUCH_FUNCTION(1)", "002140"],
    ["SUM('2026-01-01'::DATE)", "001044"],
  ),
];
