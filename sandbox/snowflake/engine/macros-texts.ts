/** Text: what DuckDB lacks or computes differently. */
export const textMacros: readonly string[] = [
  // A number's digits by a format (number-formats.ts); #### where there are more of them than places.
  `sf_places(pattern) AS length(replace(pattern, ',', ''))`,
  `sf_grouped(t, pattern) AS array_to_string(list_transform(range(1, length(pattern) + 1), lambda p: CASE
    WHEN pattern[p] <> ',' THEN t[CAST(sf_places(pattern[:p]) AS INTEGER)]
    WHEN t[CAST(sf_places(pattern[:p]) AS INTEGER)] = ' ' THEN ' ' ELSE ',' END), '')`,
  `sf_number_format(m, pattern, zeros, ahead, point) AS list_transform([m], lambda t: list_transform([ltrim(split_part(t, '.', 1), '0')], lambda i:
    ahead || CASE WHEN length(i) > sf_places(pattern) THEN regexp_replace(pattern || substr(t, length(split_part(t, '.', 1)) + 1), '[0-9]', '#', 'g')
    ELSE ltrim(sf_grouped(lpad(lpad(i, CAST(greatest(length(i), zeros) AS INTEGER), '0'), CAST(sf_places(pattern) AS INTEGER), ' '), pattern))
      || substr(t, length(split_part(t, '.', 1)) + 1) END || point)[1])[1]`,
  `charindex(part, x) AS strpos(x, part), (part, x, start) AS CASE
    WHEN strpos(substr(x, start), part) = 0 THEN 0 ELSE strpos(substr(x, start), part) + start - 1 END`,
  // A start of 0 is the first character, a negative length is nothing (docs: SUBSTR).
  // Before the first character there is nothing (docs: SUBSTR, "start_expr").
  `sf_substr(x, start) AS CASE WHEN -start > length(x) THEN '' ELSE substring(x, CASE WHEN start = 0 THEN 1 ELSE start END) END,
    (x, start, count) AS CASE WHEN -start > length(x) THEN ''
      ELSE substring(x, CASE WHEN start = 0 THEN 1 ELSE start END, greatest(count, 0)) END`,
  `sf_left(x, n) AS left(x, greatest(CAST(n AS BIGINT), 0))`,
  `sf_right(x, n) AS right(x, greatest(CAST(n AS BIGINT), 0))`,
  `sf_insert(x, start, count, new) AS left(x, CAST(start AS BIGINT) - 1) || new || substring(x, CAST(start AS BIGINT) + CAST(count AS BIGINT))`,
  `sf_chr(n) AS chr(CAST(n AS INTEGER))`,
  `sf_rtrimmed_length(x) AS length(rtrim(x, ' '))`,
  // By an empty text nothing is split (docs: SPLIT_PART).
  `sf_split_part(x, separator, part) AS CASE WHEN separator = '' THEN CASE WHEN part BETWEEN -1 AND 1 THEN x ELSE '' END
    ELSE split_part(x, separator, CASE WHEN part = 0 THEN 1 ELSE part END) END`,
  `sf_split(x, separator) AS to_json(string_split(x, separator))`,
  `sf_tokens(x, separators) AS list_filter(regexp_split_to_array(x, '[' || regexp_escape(separators) || ']'), lambda part: part <> '')`,
  `strtok(x) AS sf_tokens(x, ' ')[1], (x, separators) AS sf_tokens(x, separators)[1],
    (x, separators, part) AS sf_tokens(x, separators)[part]`,
  `sf_strtok_to_array(x) AS to_json(sf_tokens(x, ' ')), (x, separators) AS to_json(sf_tokens(x, separators))`,
  `sf_replace(x, part) AS replace(x, part, ''), (x, part, new) AS replace(x, part, new)`,
  // Words begin after any of these (docs: INITCAP).
  `sf_words(x, others) AS array_to_string(list_transform(regexp_extract_all(lower(x), others), lambda w: upper(w[1]) || w[2:]), '')`,
  `sf_initcap(x) AS sf_words(x, '[\\s!?@"^#$&~_,.:;+\\-*%/|\\\\\\[\\](){}<>]+|[^\\s!?@"^#$&~_,.:;+\\-*%/|\\\\\\[\\](){}<>]+'),
    (x, d) AS CASE WHEN d = '' THEN upper(lower(x)[1]) || lower(x)[2:]
      ELSE sf_words(x, '[' || regexp_escape(d) || ']+|[^' || regexp_escape(d) || ']+') END`,
  // ── Patterns ──
  `regexp_count(x, p) AS len(regexp_extract_all(x, p)), (x, p, start) AS len(regexp_extract_all(substring(x, start), p))`,
  `sf_regexp_group(x, p, g) AS nullif(regexp_extract(x, p, g), '')`,
  `sf_regexp_nth(x, p, start, nth, g) AS regexp_extract_all(substring(x, start), p, g)[nth]`,
  `sf_regexp_all(x, p) AS to_json(regexp_extract_all(x, p))`,
  `sf_regexp_instr(x, p) AS CASE WHEN regexp_matches(x, p) THEN length(regexp_extract(x, '(?s)^(.*?)(?:' || p || ')', 1)) + 1
    WHEN x IS NOT NULL AND p IS NOT NULL THEN 0 END`,
  `sf_regexp_replace(x, p, r) AS regexp_replace(x, p, r, 'g')`,
  `editdistance(a, b) AS levenshtein(a, b)`,
  `base64_encode(x) AS to_base64(CAST(x AS BLOB))`,
  `base64_decode_string(x) AS decode(from_base64(x))`,
  `sf_uuid() AS CAST(uuid() AS VARCHAR)`,
  // 62 characters, one for each of the digits of random numbers.
  `sf_random_text(n) AS array_to_string([substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    1 + CAST(floor(random() * 62) AS INTEGER), 1) for i in range(CAST(n AS BIGINT))], '')`,
];
