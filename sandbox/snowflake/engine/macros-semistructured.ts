import { MAX_TEXT } from "./types.ts";

/** VARIANT, OBJECT and ARRAY: DuckDB's JSON. */
export const semistructuredMacros: readonly string[] = [
  `sf_json(x) AS list_transform([x], lambda i: CASE
    WHEN typeof(i) = 'JSON' THEN CAST(i AS JSON)
    WHEN typeof(i) IN ('TIMESTAMP', 'TIMESTAMP_NS', 'TIMESTAMP WITH TIME ZONE', 'DATE', 'TIME', 'BLOB') OR sf_is_tz(i) THEN to_json(sf_text(i))
    ELSE to_json(i) END)[1]`,
  `sf_sorted(t) AS CAST(sf_sorted_text(t) AS JSON)`,
  // Docs: Semi-structured data types, VARIANT; both errors in the words that clients of real accounts report.
  `sf_lob(x) AS CASE WHEN strlen(CAST(x AS VARCHAR)) > ${MAX_TEXT} THEN sf_fail('100082', '22000',
    'Max LOB size (${MAX_TEXT}) exceeded, actual size of parsed column is ' || strlen(CAST(x AS VARCHAR))) ELSE x END`,
  `sf_parse_json(x) AS list_transform([x], lambda j: CASE WHEN trim(sf_scalar(j)) = '' OR j IS NULL THEN NULL
    WHEN strlen(sf_scalar(j)) > ${MAX_TEXT} THEN sf_fail('100069', '22P02', 'Error parsing JSON: document is too large, max size ${MAX_TEXT} bytes')
    WHEN json_valid(sf_scalar(j)) THEN sf_sorted(sf_scalar(j))
    ELSE sf_fail('100069', '22P02', 'Error parsing JSON: ' || sf_scalar(j)) END)[1]`,
  `sf_try_parse_json(x) AS list_transform([x], lambda j: CASE WHEN json_valid(sf_scalar(j)) THEN sf_sorted(sf_scalar(j)) END)[1]`,
  // With a key that is known beforehand the query says the path itself.
  `sf_get(x, key) AS CASE WHEN sf_is_number(key)
    THEN json_extract(sf_json(x), TRY_CAST(CAST(key AS VARCHAR) AS BIGINT))
    ELSE json_extract(sf_json(x), '$."' || replace(CAST(key AS VARCHAR), '"', '\\"') || '"') END`,
  `sf_get_path(x, path) AS json_extract(sf_json(x), CASE WHEN starts_with(path, '[') THEN '$' ELSE '$.' END || path)`,
  `is_null_value(x) AS json_type(sf_json(x)) = 'NULL'`,
  `sf_type(x) AS list_transform([x], lambda q: CASE json_type(sf_json(q))
    WHEN 'VARCHAR' THEN 'VARCHAR' WHEN 'NULL' THEN 'NULL_VALUE'
    WHEN 'DOUBLE' THEN CASE WHEN regexp_full_match(CAST(sf_json(q) AS VARCHAR), '-?[0-9]+\\.[0-9]+') THEN 'DECIMAL' ELSE 'DOUBLE' END
    WHEN 'BIGINT' THEN 'INTEGER' WHEN 'UBIGINT' THEN 'INTEGER' WHEN 'HUGEINT' THEN 'INTEGER'
    ELSE json_type(sf_json(q)) END)[1]`,
  `sf_items(x) AS json_extract(sf_json(x), '$[*]')`,
  `sf_is_array(x) AS json_type(sf_json(x)) = 'ARRAY'`,
  `array_size(x) AS CASE WHEN sf_is_array(x) THEN json_array_length(sf_json(x)) END`,
  `object_keys(x) AS to_json(json_keys(sf_json(x)))`,
  `sf_array_contains(item, items) AS list_contains(sf_items(items), sf_json(item))`,
  `sf_array_position(item, items) AS list_position(sf_items(items), sf_json(item)) - 1`,
  `sf_array_to_string(x, separator) AS array_to_string(list_transform(json_extract_string(sf_json(x), '$[*]'), lambda item: coalesce(item, '')), separator)`,
  `sf_join(items, separator) AS array_to_string(list_transform(items, lambda item: sf_text(item)), separator)`,
  // From `low` up to and without `high`; negative ones count from the end (docs: ARRAY_SLICE).
  `sf_from_end(n, size) AS CASE WHEN n < 0 THEN greatest(size + n, 0) ELSE n END`,
  `sf_array_slice(x, low, high) AS to_json(list_slice(sf_items(x), sf_from_end(low, array_size(x)) + 1, sf_from_end(high, array_size(x))))`,
  `sf_array_compact(x) AS to_json(list_filter(sf_items(x), lambda item: json_type(item) <> 'NULL'))`,
  `sf_array_append(x, item) AS to_json(list_append(sf_items(x), sf_json(item)))`,
  `sf_array_prepend(x, item) AS to_json(list_prepend(sf_json(item), sf_items(x)))`,
  `sf_array_cat(a, b) AS to_json(list_concat(sf_items(a), sf_items(b)))`,
  `sf_array_distinct(x) AS to_json(list_distinct(sf_items(x)))`,
  `sf_array_intersection(a, b) AS to_json(list_filter(sf_items(a), lambda item: list_contains(sf_items(b), item)))`,
  `sf_array_except(a, b) AS to_json(list_filter(sf_items(a), lambda item: NOT list_contains(sf_items(b), item)))`,
  `sf_array_sort(x) AS to_json(list_sort(sf_items(x)))`,
  `sf_arrays_overlap(a, b) AS list_has_any(sf_items(a), sf_items(b))`,
  `sf_array_max(x) AS list_last(list_sort(sf_items(x)))`,
  `sf_array_min(x) AS list_first(list_sort(sf_items(x)))`,
  `sf_range(low, high) AS to_json(range(CAST(low AS BIGINT), CAST(high AS BIGINT))), (low, high, step) AS to_json(range(CAST(low AS BIGINT), CAST(high AS BIGINT), CAST(step AS BIGINT)))`,
  // Docs: FLATTEN. The path goes on from that of the value that is flattened.
  `sf_step(prefix, key, of_object) AS CASE WHEN NOT of_object THEN prefix || '[' || key || ']'
    WHEN regexp_full_match(key, '[A-Za-z_][A-Za-z0-9_]*') THEN prefix || CASE WHEN prefix = '' THEN '' ELSE '.' END || key
    ELSE prefix || '[''' || key || ''']' END`,
  `sf_flatten(x, prefix, mode) AS TABLE SELECT 1 AS "SEQ",
    CASE WHEN json_type(x) = 'OBJECT' THEN key END AS "KEY",
    sf_step(prefix, key, json_type(x) = 'OBJECT') AS "PATH",
    CASE WHEN json_type(x) = 'ARRAY' THEN CAST(key AS BIGINT) END AS "INDEX",
    value AS "VALUE", x AS "THIS" FROM json_each(x)
    WHERE json_type(x) = 'OBJECT' AND mode <> 'ARRAY' OR json_type(x) = 'ARRAY' AND mode <> 'OBJECT'`,
  // json_tree says of each value where it stands, such as $.a[1].b.
  `sf_inner(fullkey) AS regexp_matches(fullkey, '\\[[0-9]+\\]$')`,
  `sf_flatten_all(x, prefix, mode) AS TABLE SELECT 1 AS "SEQ",
    CASE WHEN NOT sf_inner(fullkey) THEN key END AS "KEY",
    CASE WHEN NOT sf_inner(fullkey) AND NOT regexp_full_match(key, '[A-Za-z_][A-Za-z0-9_]*')
    THEN sf_fail('000002', '0A000', 'Unsupported feature ''FLATTEN with RECURSIVE of keys such as "' || key || '"'' in the local Snowflake.')
    WHEN prefix = '' THEN regexp_replace(fullkey, '^\\$\\.?', '') ELSE prefix || fullkey[2:] END AS "PATH",
    CASE WHEN sf_inner(fullkey) THEN CAST(key AS BIGINT) END AS "INDEX",
    CAST(json_extract(x, fullkey) AS JSON) AS "VALUE", CAST(json_extract(x, path) AS JSON) AS "THIS"
    FROM json_tree(x) WHERE fullkey <> '$' AND mode = 'BOTH' ORDER BY id`,
  `sf_flatten_outer(x, prefix, mode) AS TABLE SELECT * FROM sf_flatten(x, prefix, mode) UNION ALL
    SELECT 1, NULL, NULL, NULL, NULL, x WHERE coalesce(json_array_length(x), 0) + coalesce(len(json_keys(x)), 0) = 0`,
  `sf_flatten_all_outer(x, prefix, mode) AS TABLE SELECT * FROM sf_flatten_all(x, prefix, mode) UNION ALL
    SELECT 1, NULL, NULL, NULL, NULL, x WHERE coalesce(json_array_length(x), 0) + coalesce(len(json_keys(x)), 0) = 0`,
  `sf_split_to_table(x, d) AS TABLE SELECT 1 AS "SEQ", i AS "INDEX", string_split(x, d)[i] AS "VALUE"
    FROM (SELECT unnest(generate_series(1, len(string_split(x, d)))) AS i)`,
  `sf_strtok_split_to_table(x, d) AS TABLE SELECT 1 AS "SEQ", i AS "INDEX", sf_tokens(x, d)[i] AS "VALUE"
    FROM (SELECT unnest(generate_series(1, len(sf_tokens(x, d)))) AS i)`,
  `sf_array_insert(x, place, item) AS to_json(list_concat(list_append(list_slice(sf_items(x), 1, place), sf_json(item)), list_slice(sf_items(x), place + 1, array_size(x))))`,
  `sf_array_remove(x, item) AS to_json(list_filter(sf_items(x), lambda each: each <> sf_json(item)))`,
  `sf_array_reverse(x) AS to_json(list_reverse(sf_items(x)))`,
  `sf_array_flatten(x) AS to_json(flatten(list_transform(sf_items(x), lambda each: sf_items(each))))`,
  // A pair of an object: nothing where its value is NULL.
  `sf_pair(key, value) AS CAST(to_json(CAST(key AS VARCHAR)) AS VARCHAR) || ':' || CAST(sf_json(value) AS VARCHAR)`,
  `sf_object(pairs) AS CAST('{' || array_to_string(list_sort(list_filter(pairs, lambda pair: pair IS NOT NULL)), ',') || '}' AS JSON)`,
  `sf_picked(x, keys) AS sf_object(list_transform(keys, lambda k: sf_pair(k, json_extract(sf_json(x), '$."' || k || '"'))))`,
  `sf_object_delete(x, keys) AS sf_picked(x, list_filter(json_keys(sf_json(x)), lambda k: NOT list_contains(keys, k)))`,
  `sf_object_pick(x, keys) AS sf_picked(x, list_filter(json_keys(sf_json(x)), lambda k: list_contains(keys, k)))`,
  `sf_object_put(x, key, value) AS sf_object(list_append(list_transform(list_filter(json_keys(sf_json(x)), lambda k: k <> key),
    lambda k: sf_pair(k, json_extract(sf_json(x), '$."' || k || '"'))), sf_pair(key, value)))`,
  // The error's number is not verified.
  `sf_object_insert(x, key, value, renew) AS CASE WHEN NOT renew AND list_contains(json_keys(sf_json(x)), key)
    THEN sf_fail('100173', '22000', 'Duplicate field key ''' || key || '''') ELSE sf_object_put(x, key, value) END`,
];
