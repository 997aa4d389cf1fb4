/**
 * Snowflake's functions that DuckDB lacks or computes differently, as DuckDB macros. `typeof` of an argument is
 * known when a query is planned, so that of a CASE on it one branch is left.
 */
export const macros: readonly string[] = [
  // ── Text of values, as Snowflake prints them ──
  `sf_text(x) AS CASE typeof(x)
    WHEN 'VARCHAR' THEN CAST(x AS VARCHAR)
    WHEN 'JSON' THEN json_extract_string(CAST(x AS JSON), '$')
    WHEN 'TIMESTAMP' THEN strftime(CAST(x AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g')
    WHEN 'TIMESTAMP WITH TIME ZONE' THEN strftime(CAST(x AS TIMESTAMPTZ), '%Y-%m-%d %H:%M:%S.%g %z')
    WHEN 'DOUBLE' THEN regexp_replace(CAST(x AS VARCHAR), '\\.0$', '')
    ELSE CAST(x AS VARCHAR) END`,
  // Casts of a semi-structured value go by its text.
  `sf_scalar(x) AS CASE typeof(x)
    WHEN 'JSON' THEN json_extract_string(CAST(x AS JSON), '$')
    ELSE CAST(x AS VARCHAR) END`,
  // A text that is a number may have blanks around it and an exponent in it.
  `sf_number_text(x) AS CASE WHEN typeof(x) = 'BOOLEAN' THEN CASE WHEN CAST(x AS VARCHAR) = 'true' THEN '1' ELSE '0' END
    ELSE trim(sf_scalar(x)) END`,
  `sf_is_number(x) AS (typeof(x) IN ('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'DOUBLE', 'FLOAT')
    OR starts_with(typeof(x), 'DECIMAL'))`,
  `sf_float(x) AS CASE WHEN sf_is_number(x) OR typeof(x) = 'BOOLEAN' THEN CAST(x AS DOUBLE)
    ELSE CAST(sf_scalar(x) AS DOUBLE) END`,
  `sf_boolean(x) AS CASE
    WHEN typeof(x) = 'BOOLEAN' THEN CAST(x AS BOOLEAN)
    WHEN sf_is_number(x) THEN CAST(x AS DOUBLE) <> 0
    WHEN lower(sf_scalar(x)) IN ('true', 't', 'yes', 'y', 'on', '1') THEN TRUE
    WHEN lower(sf_scalar(x)) IN ('false', 'f', 'no', 'n', 'off', '0') THEN FALSE
    WHEN x IS NULL OR sf_scalar(x) IS NULL THEN NULL
    ELSE error('Boolean value ''' || sf_scalar(x) || ''' is not recognized') END`,
  // ── Moments: numbers count seconds, milliseconds, microseconds or nanoseconds since 1970, by their size ──
  `sf_epoch_micros(n) AS CAST(CASE
    WHEN abs(n) < 31536000000 THEN n * 1000000
    WHEN abs(n) < 31536000000000 THEN n * 1000
    WHEN abs(n) < 31536000000000000 THEN n
    ELSE n / 1000 END AS BIGINT)`,
  `sf_timestamp(x) AS CASE
    WHEN typeof(x) = 'TIMESTAMP' THEN CAST(x AS TIMESTAMP)
    WHEN sf_is_number(x) THEN make_timestamp(sf_epoch_micros(CAST(x AS DECIMAL(38,6))))
    WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE' THEN CAST(CAST(x AS TIMESTAMPTZ) AS TIMESTAMP)
    WHEN regexp_full_match(sf_scalar(x), '[0-9]{1,18}')
      THEN make_timestamp(sf_epoch_micros(TRY_CAST(sf_scalar(x) AS DECIMAL(38,6))))
    ELSE CAST(regexp_replace(sf_scalar(x), ' ?(Z|[+-][0-9]{2}:?[0-9]{2})$', '') AS TIMESTAMP) END`,
  `sf_timestamptz(x) AS CASE
    WHEN typeof(x) IN ('TIMESTAMP', 'DATE') THEN CAST(CAST(x AS TIMESTAMP) AS TIMESTAMPTZ)
    WHEN sf_is_number(x) THEN to_timestamp(CAST(x AS DOUBLE))
    ELSE CAST(regexp_replace(sf_scalar(x), ' ?([+-][0-9]{2}):?([0-9]{2})$', '\\1:\\2') AS TIMESTAMPTZ) END`,
  `sf_date(x) AS CASE
    WHEN typeof(x) = 'DATE' THEN CAST(x AS DATE)
    ELSE CAST(sf_timestamp(x) AS DATE) END`,
  `sf_time(x) AS CASE
    WHEN starts_with(typeof(x), 'TIMESTAMP') THEN CAST(sf_timestamp(x) AS TIME)
    ELSE CAST(sf_scalar(x) AS TIME) END`,
  // ── Arithmetic ──
  `sf_divide(a, b) AS CASE WHEN b = 0 THEN error('Division by zero') ELSE a / b END`,
  `sf_modulo(a, b) AS CASE WHEN b = 0 THEN error('Division by zero') ELSE a % b END`,
  `div0(a, b) AS CASE WHEN b = 0 AND a IS NOT NULL THEN 0 ELSE a / b END`,
  `div0null(a, b) AS CASE WHEN coalesce(b, 0) = 0 AND a IS NOT NULL THEN 0 ELSE a / b END`,
  `zeroifnull(x) AS coalesce(x, 0)`,
  `nullifzero(x) AS nullif(x, 0)`,
  `square(x) AS power(x, 2)`,
  `equal_null(a, b) AS a IS NOT DISTINCT FROM b`,
  `bitand(a, b) AS CAST(a AS BIGINT) & CAST(b AS BIGINT)`,
  `bitor(a, b) AS CAST(a AS BIGINT) | CAST(b AS BIGINT)`,
  `bitxor(a, b) AS xor(CAST(a AS BIGINT), CAST(b AS BIGINT))`,
  `bitshiftleft(a, b) AS CAST(a AS BIGINT) << CAST(b AS BIGINT)`,
  `bitshiftright(a, b) AS CAST(a AS BIGINT) >> CAST(b AS BIGINT)`,
  `width_bucket(x, low, high, buckets) AS CASE
    WHEN x < low THEN 0 WHEN x >= high THEN buckets + 1
    ELSE CAST(floor((x - low) * buckets / (high - low)) AS BIGINT) + 1 END`,
  // ── Text ──
  `charindex(part, x) AS strpos(x, part), (part, x, start) AS CASE
    WHEN strpos(substr(x, start), part) = 0 THEN 0 ELSE strpos(substr(x, start), part) + start - 1 END`,
  `sf_split_part(x, separator, part) AS split_part(x, separator, CASE WHEN part = 0 THEN 1 ELSE part END)`,
  `sf_split(x, separator) AS to_json(string_split(x, separator))`,
  `strtok(x) AS split_part(x, ' ', 1), (x, separators) AS split_part(x, separators, 1),
    (x, separators, part) AS split_part(x, separators, part)`,
  `sf_replace(x, part) AS replace(x, part, ''), (x, part, new) AS replace(x, part, new)`,
  `sf_regexp_like(x, p) AS regexp_full_match(x, p)`,
  `regexp_count(x, p) AS len(regexp_extract_all(x, p))`,
  `regexp_substr(x, p) AS nullif(regexp_extract(x, p), '')`,
  `sf_regexp_group(x, p, g) AS nullif(regexp_extract(x, p, g), '')`,
  `sf_regexp_replace(x, p) AS regexp_replace(x, p, '', 'g'), (x, p, r) AS regexp_replace(x, p, r, 'g')`,
  `editdistance(a, b) AS levenshtein(a, b)`,
  `sha2(x) AS sha256(x)`,
  `hex_encode(x) AS hex(x)`,
  `base64_encode(x) AS to_base64(CAST(x AS BLOB))`,
  `base64_decode_string(x) AS decode(from_base64(x))`,
  `sf_uuid() AS CAST(uuid() AS VARCHAR)`,
  // ── Dates ──
  `dayname(x) AS strftime(x, '%a')`,
  `monthname(x) AS strftime(x, '%b')`,
  `add_months(x, n) AS CASE WHEN last_day(x) = CAST(x AS DATE) THEN last_day(x + to_months(CAST(n AS INTEGER)))
    ELSE CAST(x + to_months(CAST(n AS INTEGER)) AS DATE) END`,
  `months_between(a, b) AS date_diff('month', CAST(b AS TIMESTAMP), CAST(a AS TIMESTAMP)) + CASE
    WHEN last_day(a) = CAST(a AS DATE) AND last_day(b) = CAST(b AS DATE) THEN 0 ELSE (day(a) - day(b)) / 31.0 END`,
  `date_from_parts(y, m, d) AS CAST(make_date(CAST(y AS BIGINT), 1, 1) + to_months(CAST(m AS INTEGER) - 1)
    + to_days(CAST(d AS INTEGER) - 1) AS DATE)`,
  `timestamp_from_parts(y, mo, d, h, mi, s) AS CAST(date_from_parts(y, mo, d) AS TIMESTAMP)
    + to_hours(CAST(h AS BIGINT)) + to_minutes(CAST(mi AS BIGINT)) + to_seconds(CAST(s AS DOUBLE))`,
  `next_day(x, name) AS CAST(x AS DATE) + CAST(((list_position(['su', 'mo', 'tu', 'we', 'th', 'fr', 'sa'],
    lower(left(name, 2))) - 1 - dayofweek(x) + 6) % 7) + 1 AS INTEGER)`,
  // ── Semi-structured values ──
  `sf_json(x) AS CASE typeof(x)
    WHEN 'JSON' THEN CAST(x AS JSON)
    WHEN 'TIMESTAMP' THEN to_json(sf_text(x))
    ELSE to_json(x) END`,
  `sf_parse_json(x) AS CASE WHEN trim(sf_scalar(x)) = '' THEN NULL ELSE CAST(sf_scalar(x) AS JSON) END`,
  `try_parse_json(x) AS CASE WHEN json_valid(sf_scalar(x)) THEN CAST(sf_scalar(x) AS JSON) END`,
  // With a key that is known beforehand the query says the path itself.
  `sf_get(x, key) AS CASE WHEN sf_is_number(key)
    THEN json_extract(sf_json(x), TRY_CAST(CAST(key AS VARCHAR) AS BIGINT))
    ELSE json_extract(sf_json(x), CAST(key AS VARCHAR)) END`,
  `is_null_value(x) AS json_type(sf_json(x)) = 'NULL'`,
  `sf_typeof(x) AS CASE json_type(sf_json(x))
    WHEN 'OBJECT' THEN 'OBJECT' WHEN 'ARRAY' THEN 'ARRAY' WHEN 'BOOLEAN' THEN 'BOOLEAN' WHEN 'VARCHAR' THEN 'VARCHAR'
    WHEN 'NULL' THEN 'NULL_VALUE' WHEN 'DOUBLE' THEN 'DOUBLE' ELSE 'INTEGER' END`,
  `array_size(x) AS CASE WHEN json_type(sf_json(x)) = 'ARRAY' THEN json_array_length(sf_json(x)) END`,
  `object_keys(x) AS to_json(json_keys(sf_json(x)))`,
  `sf_array_contains(item, items) AS list_contains(json_extract(sf_json(items), '$[*]'), sf_json(item))`,
  `sf_array_to_string(x, separator) AS array_to_string(json_extract_string(sf_json(x), '$[*]'), separator)`,
  `sf_join(items, separator) AS array_to_string(list_transform(items, lambda item: sf_text(item)), separator)`,
  `sf_array_slice(x, low, high) AS to_json(list_slice(json_extract(sf_json(x), '$[*]'), low + 1, high))`,
  `sf_flatten(x) AS TABLE SELECT 1 AS "SEQ",
    CASE WHEN json_type(x) = 'OBJECT' THEN key END AS "KEY",
    CASE WHEN json_type(x) = 'OBJECT' THEN key ELSE '[' || key || ']' END AS "PATH",
    CASE WHEN json_type(x) = 'ARRAY' THEN CAST(key AS BIGINT) END AS "INDEX",
    value AS "VALUE", x AS "THIS" FROM json_each(x)`,
  `sf_flatten_outer(x) AS TABLE SELECT * FROM sf_flatten(x) UNION ALL
    SELECT 1, NULL, NULL, NULL, NULL, x WHERE coalesce(json_array_length(x), 0) + coalesce(len(json_keys(x)), 0) = 0`,
  `sf_generate(n) AS TABLE SELECT 1 AS generated FROM range(CAST(n AS BIGINT))`,
  `sf_uniform(low, high) AS CAST(floor(low + random() * (high - low + 1)) AS BIGINT)`,
  `sf_sequence() AS row_number() OVER () - 1`,
  // ── Column types that are checked when rows are written ──
  `sf_fit(x, n) AS CASE WHEN length(x) > n
    THEN error('String ''' || x || ''' is too long and would be truncated') ELSE x END`,
  // By bytes, which DuckDB knows without a count.
  `sf_fit_bytes(x, n) AS CASE WHEN strlen(x) > n
    THEN error('String ''' || x[1:100] || '…'' is too long and would be truncated') ELSE x END`,
];
