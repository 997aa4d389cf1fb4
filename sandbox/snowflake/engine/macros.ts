import { aggregateMacros } from "./macros-aggregates.ts";
import { conversionMacros } from "./macros-conversion.ts";
import { momentMacros } from "./macros-moments.ts";
import { semistructuredMacros } from "./macros-semistructured.ts";
import { textMacros } from "./macros-texts.ts";

/**
 * Snowflake's functions that DuckDB lacks or computes differently, as DuckDB macros. `typeof` of an argument is
 * known when a query is planned, so that of a CASE on it one branch is left.
 */
export const macros: readonly string[] = [
  // ── Errors: errors.ts reads code, SQLSTATE and message back ──
  `sf_fail(code, state, message) AS error('SNOWFLAKE ' || code || ' ' || state || ' ' || message)`,
  `sf_is_number(x) AS (typeof(x) IN ('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UTINYINT', 'USMALLINT',
    'UINTEGER', 'UBIGINT', 'DOUBLE', 'FLOAT') OR starts_with(typeof(x), 'DECIMAL'))`,
  `sf_is_float(x) AS (typeof(x) IN ('DOUBLE', 'FLOAT'))`,
  // Casts of a semi-structured value go by its text.
  `sf_scalar(x) AS CASE WHEN typeof(x) = 'JSON' THEN json_extract_string(CAST(x AS JSON), '$')
    ELSE CAST(x AS VARCHAR) END`,
  ...momentMacros,
  ...conversionMacros,
  // ── Arithmetic ──
  `sf_by_zero() AS sf_fail('100051', '22012', 'Division by zero')`,
  `sf_divide(a, b) AS CASE WHEN b = 0 THEN sf_by_zero() ELSE a / b END`,
  // Exact numbers are divided as whole numbers; what is too large for that, as floating point numbers.
  `sf_round_divide(n, d) AS CASE WHEN abs(n % d) * 2 >= abs(d) THEN n // d + sign(n) * sign(d) ELSE n // d END`,
  `sf_exact_divide(a, b, shift, shift_b) AS
    sf_round_divide(CAST(a * shift AS HUGEINT), CAST(b * shift_b AS HUGEINT))`,
  `sf_is_small(x, digits) AS abs(CAST(x AS DOUBLE)) < power(10, digits)`,
  `sf_whole(x) AS CASE WHEN abs(x) <= 99999999999999999999999999999999999999 THEN x ELSE sf_out_of_range(x) END`,
  // Of an exact number, with the last digit that is kept.
  `sf_exact_floor(x, n, unit) AS list_transform([x], lambda v: CASE WHEN trunc(v, n) > v THEN trunc(v, n) - unit ELSE trunc(v, n) END)[1]`,
  `sf_exact_ceil(x, n, unit) AS list_transform([x], lambda v: CASE WHEN trunc(v, n) < v THEN trunc(v, n) + unit ELSE trunc(v, n) END)[1]`,
  `sf_floor(x, n) AS floor(x * power(10, n)) / power(10, n)`,
  `sf_ceil(x, n) AS ceil(x * power(10, n)) / power(10, n)`,
  `sf_modulo(a, b) AS CASE WHEN b = 0 THEN sf_by_zero() ELSE a % b END`,
  `sf_toward_zero(n, d) AS n // d`,
  `zeroifnull(x) AS coalesce(x, 0)`,
  `nullifzero(x) AS nullif(x, 0)`,
  `square(x) AS power(x, 2)`,
  `equal_null(a, b) AS a IS NOT DISTINCT FROM b`,
  `sf_bits(x) AS CAST(x AS HUGEINT)`,
  `bitand(a, b) AS sf_bits(a) & sf_bits(b)`,
  `bitor(a, b) AS sf_bits(a) | sf_bits(b)`,
  `bitxor(a, b) AS xor(sf_bits(a), sf_bits(b))`,
  `bitnot(a) AS -1 - sf_bits(a)`,
  // 64 bits, as Snowflake's: a bit that is shifted beyond them is lost (docs: BITSHIFTLEFT).
  `sf_wrapped(x) AS CASE WHEN x & 9223372036854775808 = 0 THEN x & 9223372036854775807
    ELSE (x & 9223372036854775807) - 9223372036854775808 END`,
  `bitshiftleft(a, b) AS CASE WHEN b < 31 AND a BETWEEN 0 AND 4294967295 THEN CAST(CAST(a AS BIGINT) << CAST(b AS BIGINT) AS HUGEINT)
    WHEN b >= 64 THEN 0
    ELSE sf_wrapped((sf_bits(a) & ((CAST(1 AS HUGEINT) << (64 - CAST(b AS INTEGER))) - 1)) << CAST(b AS INTEGER)) END`,
  `bitshiftright(a, b) AS CAST(a AS BIGINT) >> least(CAST(b AS BIGINT), 63)`,
  `sf_width_bucket(x, low, high, buckets) AS CASE
    WHEN x < low THEN 0 WHEN x >= high THEN buckets + 1
    ELSE CAST(floor((x - low) * buckets / (high - low)) AS BIGINT) + 1 END`,
  `sf_haversine(a, b, c, d) AS 2 * 6371 * asin(sqrt(pow(sin(radians(c - a) / 2), 2)
    + cos(radians(a)) * cos(radians(c)) * pow(sin(radians(d - b) / 2), 2)))`,
  ...textMacros,
  ...semistructuredMacros,
  ...aggregateMacros,
  `sf_generate(n) AS TABLE SELECT 1 AS generated FROM range(CAST(n AS BIGINT))`,
  `sf_uniform(low, high) AS CAST(floor(low + random() * (high - low + 1)) AS BIGINT)`,
  `sf_sequence() AS row_number() OVER () - 1`,
  // ── Column types that are checked when rows are written ──
  `sf_fit(x, n) AS CASE WHEN length(x) > n
    THEN sf_fail('100078', '22000', 'String ''' || x || ''' is too long and would be truncated') ELSE x END`,
  // By bytes, which DuckDB knows without a count.
  `sf_fit_bytes(x, n) AS CASE WHEN strlen(x) > n
    THEN sf_fail('100078', '22000', 'String ''' || x[1:100] || '…'' is too long and would be truncated') ELSE x END`,
];
