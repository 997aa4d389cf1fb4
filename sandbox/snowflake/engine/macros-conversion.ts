/** Casts as Snowflake makes them. Each `sf_try_…` answers NULL for what does not convert, its sibling fails. */
export const conversionMacros: readonly string[] = [
  // ── Text of values ──
  // Ten digits are told of a floating-point number: not in the manual, but seen by others [snowflake-jdbc #1109].
  `sf_float_text(x) AS CASE WHEN isnan(x) THEN 'NaN' ELSE format('{:.10g}', x) END`,
  `sf_text(x) AS list_transform([x], lambda o: CASE
    WHEN typeof(o) = 'VARCHAR' THEN CAST(o AS VARCHAR)
    WHEN typeof(o) = 'JSON' THEN json_extract_string(CAST(o AS JSON), '$')
    WHEN typeof(o) IN ('TIMESTAMP', 'TIMESTAMP_NS') THEN sf_ntz_text(CAST(o AS TIMESTAMP))
    WHEN typeof(o) = 'TIMESTAMP WITH TIME ZONE' THEN sf_ltz_text(CAST(o AS TIMESTAMPTZ))
    WHEN sf_is_tz(o) THEN sf_tz_text(CAST(o AS STRUCT("at" TIMESTAMP, "offset" SMALLINT)))
    WHEN typeof(o) = 'TIME' THEN sf_time_text(CAST(o AS TIME))
    WHEN typeof(o) = 'DATE' THEN sf_date_text(CAST(o AS DATE))
    WHEN typeof(o) IN ('DOUBLE', 'FLOAT') THEN sf_float_text(CAST(o AS DOUBLE))
    WHEN typeof(o) = 'BLOB' THEN sf_binary_text(CAST(o AS BLOB))
    ELSE CAST(o AS VARCHAR) END)[1]`,
  // ── Numbers: a text may have blanks around it and an exponent in it, and nothing else that DuckDB reads ──
  `sf_digits(t) AS CASE WHEN regexp_full_match(t, '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?') THEN t END`,
  `sf_number_text(x) AS list_transform([x], lambda n: CASE WHEN typeof(n) = 'BOOLEAN' THEN CASE WHEN CAST(n AS VARCHAR) = 'true' THEN '1' ELSE '0' END
    ELSE CASE WHEN sf_scalar(n) IN ('true', 'false') AND typeof(n) = 'JSON'
      THEN CASE sf_scalar(n) WHEN 'true' THEN '1' ELSE '0' END ELSE sf_digits(trim(sf_scalar(n))) END END)[1]`,
  // error() stands outside of the lambda, where DuckDB sees it: what two columns have in common it else finds beforehand.
  `sf_not_a_number(x) AS error(list_transform([x], lambda p: CASE WHEN sf_scalar(p) IS NULL THEN NULL ELSE 'SNOWFLAKE '
    || CASE WHEN sf_number_text(p) IS NULL THEN '100038 22018 Numeric value ''' || sf_scalar(p) || ''' is not recognized'
      ELSE '100039 22003 Numeric value ''' || sf_scalar(p) || ''' is out of range' END END)[1])`,
  `sf_out_of_range(x) AS CASE WHEN x IS NULL THEN NULL
    ELSE sf_fail('100046', '22003', 'Number out of representable range: type FIXED, value ' || CAST(x AS VARCHAR)) END`,
  `sf_try_float(x) AS list_transform([x], lambda f: CASE
    WHEN lower(trim(sf_scalar(f))) IN ('inf', '+inf', 'infinity', '+infinity') THEN CAST('inf' AS DOUBLE)
    WHEN lower(trim(sf_scalar(f))) IN ('-inf', '-infinity') THEN CAST('-inf' AS DOUBLE)
    WHEN lower(trim(sf_scalar(f))) = 'nan' THEN CAST('NaN' AS DOUBLE)
    ELSE TRY_CAST(sf_number_text(f) AS DOUBLE) END)[1]`,
  `sf_float(x) AS list_transform([x], lambda g: CASE WHEN sf_is_number(g) OR typeof(g) = 'BOOLEAN' THEN CAST(g AS DOUBLE)
    ELSE coalesce(sf_try_float(g), sf_not_a_number(g)) END)[1]`,
  // ── Booleans ──
  `sf_try_boolean(x) AS list_transform([x], lambda b: CASE
    WHEN typeof(b) = 'BOOLEAN' THEN CAST(b AS BOOLEAN)
    WHEN sf_is_number(b) THEN CAST(b AS DOUBLE) <> 0
    WHEN lower(sf_scalar(b)) IN ('true', 't', 'yes', 'y', 'on', '1') THEN TRUE
    WHEN lower(sf_scalar(b)) IN ('false', 'f', 'no', 'n', 'off', '0') THEN FALSE END)[1]`,
  `sf_boolean(x) AS list_transform([x], lambda c: coalesce(sf_try_boolean(c), CASE WHEN sf_scalar(c) IS NULL THEN NULL
    ELSE sf_fail('100037', '22018', 'Boolean value ''' || sf_scalar(c) || ''' is not recognized') END))[1]`,
  // ── Binary values ──
  `sf_try_hex(t) AS CASE WHEN regexp_full_match(t, '([0-9A-Fa-f]{2})*') THEN unhex(t) END`,
  `sf_hex(t) AS coalesce(sf_try_hex(t), CASE WHEN t IS NULL THEN NULL
    ELSE sf_fail('100115', '22023', 'The following string is not a legal hex-encoded value: ''' || t || '''') END)`,
  `sf_binary_text(b) AS CASE WHEN getvariable('sf_binary') IS NULL THEN hex(b) ELSE to_base64(b) END`,
  `sf_try_base64(t) AS CASE WHEN regexp_full_match(t, '([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?')
    THEN from_base64(t) END`,
  `sf_base64(t) AS coalesce(sf_try_base64(t), CASE WHEN t IS NULL THEN NULL
    ELSE sf_fail('100116', '22023', 'The following string is not a legal base64-encoded value: ''' || t || '''') END)`,
  // Text by BINARY_INPUT_FORMAT.
  `sf_binary(t) AS CASE getvariable('sf_in_binary') WHEN 'BASE64' THEN sf_base64(t) WHEN 'UTF-8' THEN encode(t) ELSE sf_hex(t) END`,
  `sf_try_binary(t) AS CASE getvariable('sf_in_binary') WHEN 'BASE64' THEN sf_try_base64(t) WHEN 'UTF-8' THEN encode(t) ELSE sf_try_hex(t) END`,
  // decode() fails for what is no UTF-8, and TRY takes nothing that may fail on purpose: so the bytes are looked at.
  `sf_is_utf8(b) AS regexp_full_match(hex(b), '(?:[0-7][0-9A-F]|(?:C[2-9A-F]|D[0-9A-F])[89AB][0-9A-F]|E0[AB][0-9A-F][89AB][0-9A-F]|ED[89][0-9A-F][89AB][0-9A-F]|E[1-9A-CEF](?:[89AB][0-9A-F]){2}|F0[9AB][0-9A-F](?:[89AB][0-9A-F]){2}|F[1-3](?:[89AB][0-9A-F]){3}|F48[0-9A-F](?:[89AB][0-9A-F]){2})*')`,
  `sf_try_utf8(b) AS CASE WHEN sf_is_utf8(b) THEN decode(b) END`,
  `sf_utf8(b) AS coalesce(sf_try_utf8(b), CASE WHEN b IS NULL THEN NULL
    ELSE sf_fail('100144', '22023', 'Invalid UTF8 detected in string ''' || hex(b) || '''') END)`,
  `sf_type_name(t) AS CASE
    WHEN t IN ('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT') THEN 'NUMBER(38,0)'
    WHEN t IN ('DOUBLE', 'FLOAT') THEN 'FLOAT' WHEN t = 'JSON' THEN 'VARIANT' WHEN t = 'BLOB' THEN 'BINARY(8388608)'
    WHEN t = 'TIMESTAMP' THEN 'TIMESTAMP_NTZ(9)' WHEN t = 'TIMESTAMP WITH TIME ZONE' THEN 'TIMESTAMP_LTZ(9)'
    WHEN starts_with(t, 'STRUCT') THEN 'TIMESTAMP_TZ(9)' ELSE replace(t, 'DECIMAL', 'NUMBER') END`,
  // ── TRY_ functions take text alone (docs: TRY_CAST) ──
  `sf_try_text(x, target) AS CASE WHEN typeof(x) IN ('VARCHAR', '"NULL"') THEN CAST(x AS VARCHAR)
    ELSE sf_fail('001065', '22023', 'SQL compilation error:' || chr(10) ||
      'Function TRY_CAST cannot be used with arguments of types ' || sf_type_name(typeof(x)) || ' and ' || target) END`,
];
