/** Aggregates, and what takes their answers. */
export const aggregateMacros: readonly string[] = [
  // A signed number of 64 bits, of DuckDB's unsigned hash. The values are not those of a real account.
  `sf_hash(h) AS CAST(CAST(h AS HUGEINT) - 9223372036854775808 AS BIGINT)`,
  `sf_hash_agg(h) AS sf_hash(coalesce(CAST(sum(h) % 18446744073709551616 AS UBIGINT), 9223372036854775808))`,
  // ── Bitmaps of 32,768 positions a bucket (docs: BITMAP_BUCKET_NUMBER, BITMAP_BIT_POSITION) ──
  `bitmap_bucket_number(n) AS CASE WHEN n > 0 THEN (CAST(n AS BIGINT) - 1) // 32768 + 1 ELSE CAST(n AS BIGINT) // 32768 END`,
  `bitmap_bit_position(n) AS CASE WHEN n > 0 THEN (CAST(n AS BIGINT) - 1) % 32768 ELSE abs(CAST(n AS BIGINT)) % 32768 END`,
  // The first 120 positions are bits, in 16 bytes; each of the others is two bytes after them, sorted.
  `sf_bitmap_agg(p) AS CASE WHEN count(p) > 0 THEN
    CAST(CAST(coalesce(bit_or(CASE WHEN p < 120 THEN CAST(1 AS HUGEINT) << CAST(p AS HUGEINT) END), 0) AS BIT) AS BLOB)
    || unhex(coalesce(array_to_string(list_transform(list_sort(list(DISTINCT CAST(p AS INTEGER)) FILTER (p >= 120)),
      lambda each: printf('%04X', each)), ''), '')) END`,
  `sf_bitmap_agg_count(p) AS CASE WHEN count(p) > 0 THEN
    bit_count(bit_or(CASE WHEN CAST(p AS BIGINT) < 63 THEN CAST(1 AS BIGINT) << CAST(p AS BIGINT) ELSE 0 END))
    + bit_count(bit_or(CASE WHEN CAST(p AS BIGINT) BETWEEN 63 AND 125 THEN CAST(1 AS BIGINT) << CAST(p AS BIGINT) - 63 ELSE 0 END))
    + len(list_distinct(coalesce(list(CAST(p AS INTEGER)) FILTER (p > 125), []))) END`,
  `bitmap_count(b) AS bit_count(CAST(unhex(left(hex(b), 32)) AS BIT)) + (octet_length(b) - 16) // 2`,
  // ── Collections ──
  `sf_list_json(items) AS coalesce(to_json(list_filter(items, lambda item: item IS NOT NULL)), CAST('[]' AS JSON))`,
  `sf_array_union_agg(x) AS coalesce(to_json(list_distinct(flatten(list(sf_items(x))))), CAST('[]' AS JSON))`,
  `sf_object_agg(key, value) AS CAST('{' || coalesce(string_agg(sf_pair(key, value), ',' ORDER BY CAST(key AS VARCHAR)), '') || '}' AS JSON)`,
];
