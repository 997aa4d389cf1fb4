/**
 * Dates and moments. A TIMESTAMP_TZ is a struct of the moment in UTC and the minutes of its offset; moments have
 * microseconds, and digits below them are refused, never cut.
 */
export const momentMacros: readonly string[] = [
  `sf_is_tz(x) AS starts_with(typeof(x), 'STRUCT("at" TIMESTAMP, "offset"')`,
  // NULL and not a struct of NULLs, which IS NULL and coalesce would take for a value.
  `sf_tz_of(wall, minutes) AS CASE WHEN wall IS NOT NULL
    THEN {'at': CAST(wall AS TIMESTAMP) - to_minutes(CAST(minutes AS BIGINT)), 'offset': CAST(minutes AS SMALLINT)} END`,
  `sf_tz_wall(x) AS CAST(x."at" AS TIMESTAMP) + to_minutes(CAST(x."offset" AS BIGINT))`,
  `sf_tz_instant(x) AS make_timestamptz(epoch_us(CAST(x."at" AS TIMESTAMP)))`,
  // The session's offset at a moment.
  `sf_ltz_offset(x) AS (epoch_us(CAST(x AS TIMESTAMP)) - epoch_us(x)) // 60000000`,
  `sf_ltz_to_tz(x) AS list_transform([x], lambda l: sf_tz_of(CAST(l AS TIMESTAMP), sf_ltz_offset(l)))[1]`,
  // ── Text, in the session's formats ──
  `sf_format(name, otherwise) AS coalesce(CAST(getvariable(name) AS VARCHAR), otherwise)`,
  `sf_offset_text(minutes, colon) AS CASE WHEN minutes < 0 THEN '-' ELSE '+' END
    || lpad(CAST(abs(minutes) // 60 AS VARCHAR), 2, '0') || colon || lpad(CAST(abs(minutes) % 60 AS VARCHAR), 2, '0')`,
  // {o} and {:} stand for the offset, which strftime shows in the session's zone alone, and not always with its minutes.
  `sf_strftime(wall, minutes, format) AS replace(replace(strftime(wall, format), '{o}', sf_offset_text(minutes, '')),
    '{:}', sf_offset_text(minutes, ':'))`,
  `sf_ntz_text(x) AS replace(replace(strftime(x, sf_format('sf_ntz', '%Y-%m-%d %H:%M:%S.%g')), ' {o}', ''), ' {:}', '')`,
  `sf_ltz_text(x) AS sf_strftime(CAST(x AS TIMESTAMP), sf_ltz_offset(x), sf_format('sf_ltz', '%Y-%m-%d %H:%M:%S.%g {o}'))`,
  `sf_tz_text(x) AS sf_strftime(sf_tz_wall(x), x."offset", sf_format('sf_tz', '%Y-%m-%d %H:%M:%S.%g {o}'))`,
  `sf_date_text(x) AS strftime(x, sf_format('sf_date', '%Y-%m-%d'))`,
  `sf_time_text(x) AS strftime(DATE '1970-01-01' + CAST(x AS TIME), sf_format('sf_time', '%H:%M:%S'))`,
  // ── Numbers count seconds since 1970; in texts and VARIANTs milliseconds, microseconds or nanoseconds as well, by their size (docs: TO_TIMESTAMP) ──
  `sf_below_micros() AS sf_fail('000002', '0A000', 'Unsupported feature ''timestamps with digits below the microsecond'' in the local Snowflake.')`,
  `sf_micros(n) AS CASE WHEN n <> trunc(n) THEN sf_below_micros() ELSE CAST(n AS BIGINT) END`,
  `sf_epoch_micros(n) AS list_transform([n], lambda v: sf_micros(CASE
    WHEN abs(v) < 31536000000 THEN v * 1000000
    WHEN abs(v) < 31536000000000 THEN v * 1000
    WHEN abs(v) < 31536000000000000 THEN v
    ELSE v / 1000 END))[1]`,
  `sf_second_micros(n) AS list_transform([n], lambda v: CASE WHEN abs(v) < 9223372036854 THEN sf_micros(v * 1000000)
    ELSE sf_fail('000002', '0A000', 'Unsupported feature ''timestamps beyond the year 294246'' in the local Snowflake.') END)[1]`,
  // guess = 1 for a number in a VARIANT.
  `sf_number_micros(u, guess) AS CASE WHEN guess = 1 THEN sf_epoch_micros(CAST(u AS DECIMAL(38,9)))
    ELSE sf_second_micros(CAST(u AS DECIMAL(38,9))) END`,
  `sf_scaled_micros(n, scale) AS sf_micros(CAST(CAST(n AS DECIMAL(38,9)) * CAST(scale AS DECIMAL(19,9)) AS DECIMAL(38,9)))`,
  `sf_epoch_text(t) AS regexp_full_match(t, '-?[0-9]{1,18}')`,
  // ── Text: what AUTO detects (docs: Date and time input and output formats) ──
  `sf_clock(t) AS list_transform([t], lambda c: CASE WHEN regexp_matches(c, '\\.[0-9]{6}[0-9]*[1-9]') THEN sf_below_micros()
    WHEN regexp_full_match(c, '[+-]?[0-9]{4,6}-[0-9]{1,2}-[0-9]{1,2}([T ]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]*)?)?)?') THEN TRY_CAST(c AS TIMESTAMP)
    WHEN NOT regexp_matches(c, '[0-9]') THEN NULL
    ELSE try_strptime(c, ['%d-%b-%Y', '%m/%d/%Y', '%Y-%m-%dT%H', '%Y-%m-%d %H', '%d-%b-%Y %H:%M:%S', '%m/%d/%Y %H:%M:%S',
      '%a, %d %b %Y %H:%M:%S', '%a, %d %b %Y %H:%M:%S.%f', '%a, %d %b %Y %I:%M:%S %p', '%a, %d %b %Y %I:%M:%S.%f %p',
      '%a %b %d %H:%M:%S %Y']) END)[1]`,
  // The one format with its offset before its end.
  `sf_moment(t) AS CASE WHEN trim(t)[1] < 'A' THEN trim(t) ELSE regexp_replace(trim(t), '([0-9:]{8}) ([+-][0-9]{4}) ([0-9]{4})$', '\\1 \\3 \\2') END`,
  `sf_zone_pattern() AS '([T ].*[0-9M]) ?(Z|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})$'`,
  `sf_without_zone(t) AS regexp_replace(t, sf_zone_pattern(), '\\1')`,
  `sf_zone_minutes(t) AS list_transform([regexp_extract(t, sf_zone_pattern(), 2)], lambda z: CASE WHEN z = '' THEN NULL WHEN z = 'Z' THEN 0
    ELSE CASE WHEN z[1] = '-' THEN -1 ELSE 1 END * (CAST(z[2:3] AS INTEGER) * 60
      + coalesce(TRY_CAST(right(z[4:], 2) AS INTEGER), 0)) END)[1]`,
  // ── Text in a given format ──
  `sf_offset_end() AS ' ?(Z|[+-][0-9]{2}:?[0-9]{2})$'`,
  `sf_try_read(t, format) AS CASE WHEN regexp_matches(t, '\\.[0-9]{6}[0-9]*[1-9]') THEN sf_below_micros()
    ELSE try_strptime(regexp_replace(t, '(\\.[0-9]{6})0+', '\\1'), format) END`,
  `sf_read(t, clock, format, shown) AS coalesce(sf_try_read(clock, format), CASE WHEN t IS NULL THEN NULL ELSE
    sf_fail('100096', '22007', 'Can''t parse ''' || t || ''' as timestamp with format ''' || shown || '''') END)`,
  `sf_without_offset(t) AS regexp_replace(t, sf_offset_end(), '')`,
  `sf_offset_minutes(t) AS sf_zone_minutes('T0' || regexp_extract(t, sf_offset_end(), 1))`,
  // What a format with an offset reads has one.
  `sf_offset_clock(t) AS CASE WHEN regexp_matches(t, sf_offset_end()) THEN sf_without_offset(t) END`,
  // The session's formats (session-formats.ts); AUTO is none.
  `sf_in(name) AS CAST(getvariable(name) AS VARCHAR)`,
  `sf_in_clock(v) AS sf_try_read(CASE WHEN sf_in('sf_in_zoned') IS NULL THEN v ELSE sf_without_offset(v) END, sf_in('sf_in_timestamp'))`,
  `sf_in_minutes(v) AS CASE WHEN sf_in('sf_in_zoned') IS NOT NULL THEN sf_offset_minutes(v) END`,
  `sf_try_timestamp(t) AS list_transform([sf_moment(t)], lambda v: 
    CASE WHEN sf_in('sf_in_timestamp') IS NOT NULL THEN sf_in_clock(v)
    WHEN sf_epoch_text(v) THEN make_timestamp(sf_epoch_micros(TRY_CAST(v AS DECIMAL(38,9))))
    ELSE sf_clock(sf_without_zone(v)) END)[1]`,
  `sf_try_ltz(t) AS list_transform([sf_moment(t)], lambda v: 
    CASE WHEN sf_in('sf_in_timestamp') IS NOT NULL THEN CASE WHEN sf_in_minutes(v) IS NULL THEN CAST(sf_in_clock(v) AS TIMESTAMPTZ)
      ELSE make_timestamptz(epoch_us(sf_in_clock(v) - to_minutes(sf_in_minutes(v)))) END
    WHEN sf_epoch_text(v) THEN make_timestamptz(sf_epoch_micros(TRY_CAST(v AS DECIMAL(38,9))))
    WHEN sf_zone_minutes(v) IS NULL THEN CAST(sf_clock(v) AS TIMESTAMPTZ)
    ELSE make_timestamptz(epoch_us(sf_clock(sf_without_zone(v)) - to_minutes(sf_zone_minutes(v)))) END)[1]`,
  `sf_try_tz(t) AS list_transform([sf_moment(t)], lambda v: 
    CASE WHEN sf_in('sf_in_timestamp') IS NOT NULL AND sf_in_minutes(v) IS NOT NULL
    THEN sf_tz_of(sf_in_clock(v), sf_in_minutes(v))
    WHEN sf_in('sf_in_timestamp') IS NOT NULL OR sf_zone_minutes(v) IS NULL THEN sf_ltz_to_tz(sf_try_ltz(v))
    ELSE sf_tz_of(sf_clock(sf_without_zone(v)), sf_zone_minutes(v)) END)[1]`,
  `sf_try_date(t) AS CASE WHEN sf_in('sf_in_date') IS NULL THEN CAST(sf_try_timestamp(t) AS DATE)
    ELSE CAST(sf_try_read(trim(t), sf_in('sf_in_date')) AS DATE) END`,
  `sf_try_time(t) AS list_transform([trim(t)], lambda v: CASE
    WHEN sf_in('sf_in_time') IS NOT NULL THEN CAST(sf_try_read(v, sf_in('sf_in_time')) AS TIME)
    WHEN regexp_matches(v, '\\.[0-9]{6}[0-9]*[1-9]') THEN sf_below_micros()
    WHEN regexp_full_match(v, '[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]*)?)?') THEN TRY_CAST(v AS TIME)
    WHEN regexp_full_match(v, '[0-9]+') THEN CAST(make_timestamp(sf_epoch_micros(TRY_CAST(v AS DECIMAL(38,9)))) AS TIME)
    ELSE CAST(try_strptime(v, ['%I:%M:%S %p', '%I:%M %p']) AS TIME) END)[1]`,
  `sf_unknown(code, kind, t) AS CASE WHEN t IS NULL THEN NULL
    ELSE sf_fail(code, '22007', kind || ' ''' || t || ''' is not recognized') END`,
  // ── Casts of text, and of what has a type that only DuckDB knows ──
  `sf_text_timestamp(t) AS list_transform([t], lambda w: coalesce(sf_try_timestamp(w), sf_unknown('100035', 'Timestamp', w)))[1]`,
  `sf_text_ltz(t) AS list_transform([t], lambda w: coalesce(sf_try_ltz(w), sf_unknown('100035', 'Timestamp', w)))[1]`,
  `sf_text_tz(t) AS list_transform([t], lambda w: coalesce(sf_try_tz(w), sf_unknown('100035', 'Timestamp', w)))[1]`,
  `sf_text_date(t) AS list_transform([t], lambda w: coalesce(sf_try_date(w), sf_unknown('100040', 'Date', w)))[1]`,
  `sf_text_time(t) AS list_transform([t], lambda w: coalesce(sf_try_time(w), sf_unknown('100108', 'Time', w)))[1]`,
  `sf_as_tz(x) AS CAST(x AS STRUCT("at" TIMESTAMP, "offset" SMALLINT))`,
  `sf_is_instant(x) AS (typeof(x) = 'TIMESTAMP WITH TIME ZONE')`,
  `sf_timestamp(x, guess := 0) AS list_transform([x], lambda u: CASE
    WHEN typeof(u) IN ('TIMESTAMP', 'DATE') THEN CAST(u AS TIMESTAMP)
    WHEN typeof(u) = 'TIMESTAMP_NS' THEN CASE WHEN epoch_ns(CAST(u AS TIMESTAMP_NS)) % 1000 <> 0 THEN sf_below_micros() ELSE CAST(u AS TIMESTAMP) END
    WHEN sf_is_number(u) THEN make_timestamp(sf_number_micros(u, guess))
    WHEN sf_is_instant(u) THEN CAST(CAST(u AS TIMESTAMPTZ) AS TIMESTAMP)
    WHEN sf_is_tz(u) THEN sf_tz_wall(sf_as_tz(u))
    ELSE sf_text_timestamp(sf_scalar(u)) END)[1]`,
  `sf_timestamptz(x, guess := 0) AS list_transform([x], lambda u: CASE
    WHEN typeof(u) IN ('TIMESTAMP', 'DATE', 'TIMESTAMP_NS') THEN CAST(sf_timestamp(u) AS TIMESTAMPTZ)
    WHEN sf_is_instant(u) THEN CAST(u AS TIMESTAMPTZ)
    WHEN sf_is_tz(u) THEN sf_tz_instant(sf_as_tz(u))
    WHEN sf_is_number(u) THEN make_timestamptz(sf_number_micros(u, guess))
    ELSE sf_text_ltz(sf_scalar(u)) END)[1]`,
  `sf_tz(x, guess := 0) AS list_transform([x], lambda u: CASE
    WHEN sf_is_tz(u) THEN sf_as_tz(u)
    WHEN typeof(u) IN ('TIMESTAMP', 'DATE', 'TIMESTAMP_NS', 'TIMESTAMP WITH TIME ZONE') OR sf_is_number(u) THEN sf_ltz_to_tz(sf_timestamptz(u, guess))
    ELSE sf_text_tz(sf_scalar(u)) END)[1]`,
  `sf_date(x) AS list_transform([x], lambda d: CASE
    WHEN typeof(d) = 'DATE' THEN CAST(d AS DATE)
    WHEN typeof(d) IN ('VARCHAR', 'JSON') THEN sf_text_date(sf_scalar(d))
    ELSE CAST(sf_timestamp(d, 1) AS DATE) END)[1]`,
  `sf_time(x) AS list_transform([x], lambda d: CASE
    WHEN typeof(d) = 'TIME' THEN CAST(d AS TIME)
    WHEN typeof(d) IN ('TIMESTAMP', 'DATE', 'TIMESTAMP_NS') OR sf_is_instant(d) OR sf_is_tz(d) THEN CAST(sf_timestamp(d) AS TIME)
    ELSE sf_text_time(sf_scalar(d)) END)[1]`,
  // Fewer digits than a value has are cut.
  `sf_rest(micros, unit) AS ((micros % unit) + unit) % unit`,
  `sf_cut_timestamp_ntz(x, unit) AS make_timestamp(epoch_us(x) - sf_rest(epoch_us(x), unit))`,
  `sf_cut_timestamp_ltz(x, unit) AS make_timestamptz(epoch_us(x) - sf_rest(epoch_us(x), unit))`,
  `sf_cut_timestamp_tz(x, unit) AS list_transform([x], lambda u: CASE WHEN u IS NOT NULL
    THEN {'at': sf_cut_timestamp_ntz(u."at", unit), 'offset': u."offset"} END)[1]`,
  `sf_cut_time(x, unit) AS CAST(x - to_microseconds(epoch_us(x) % unit) AS TIME)`,
  `sf_in_zone(wall, instant) AS sf_tz_of(wall, (epoch_us(wall) - epoch_us(instant)) // 60000000)`,
  // ── Functions ──
  `dayname(x) AS strftime(x, '%a')`,
  `monthname(x) AS strftime(x, '%b')`,
  `add_months(x, n) AS CASE WHEN last_day(x) = CAST(x AS DATE) THEN last_day(x + to_months(CAST(n AS INTEGER)))
    ELSE CAST(x + to_months(CAST(n AS INTEGER)) AS DATE) END`,
  `months_between(a, b) AS date_diff('month', CAST(b AS TIMESTAMP), CAST(a AS TIMESTAMP)) + CASE
    WHEN day(a) = day(b) OR last_day(a) = CAST(a AS DATE) AND last_day(b) = CAST(b AS DATE) THEN 0 ELSE
    (day(a) - day(b)) / 31.0 END`,
  `date_from_parts(y, m, d) AS CAST(make_date(CAST(y AS BIGINT), 1, 1) + to_months(CAST(m AS INTEGER) - 1)
    + to_days(CAST(d AS INTEGER) - 1) AS DATE)`,
  `timestamp_from_parts(y, mo, d, h, mi, s) AS CAST(date_from_parts(y, mo, d) AS TIMESTAMP)
    + to_hours(CAST(h AS BIGINT)) + to_minutes(CAST(mi AS BIGINT)) + to_seconds(CAST(s AS DOUBLE)),
    (y, mo, d, h, mi, s, n) AS CAST(date_from_parts(y, mo, d) AS TIMESTAMP) + to_hours(CAST(h AS BIGINT))
    + to_minutes(CAST(mi AS BIGINT)) + to_seconds(CAST(s AS DOUBLE)) + to_microseconds(sf_scaled_micros(n, 0.001))`,
  `time_from_parts(h, m, s) AS CAST(timestamp_from_parts(1970, 1, 1, h, m, s) AS TIME),
    (h, m, s, n) AS CAST(timestamp_from_parts(1970, 1, 1, h, m, s, n) AS TIME)`,
  `sf_weekday(name) AS list_position(['su', 'mo', 'tu', 'we', 'th', 'fr', 'sa'], lower(left(name, 2))) - 1`,
  `next_day(x, name) AS CAST(x AS DATE) + CAST((sf_weekday(name) - dayofweek(x) + 6) % 7 + 1 AS INTEGER)`,
  `previous_day(x, name) AS CAST(x AS DATE) - CAST((dayofweek(x) - sf_weekday(name) + 6) % 7 + 1 AS INTEGER)`,
  // The first day of a week that begins on day n (1 is Monday, 7 Sunday).
  `sf_day_of_week(x, n) AS (isodow(x) - n + 7) % 7 + 1`,
  `sf_week(x, n) AS CAST(x AS DATE) - CAST((isodow(x) - n + 7) % 7 AS INTEGER)`,
  // A week belongs to the year that has four of its days, or by the other policy the first of January is in week 1
  // (docs: Date & time functions, Calendar weeks and weekdays).
  `sf_week_year(x, n, policy) AS CASE WHEN policy = 1 THEN year(x) ELSE year(sf_week(x, n) + 3) END`,
  `sf_week_number(x, n, policy) AS CASE WHEN policy = 1
    THEN date_diff('day', sf_week(make_date(year(x), 1, 1), n), sf_week(x, n)) // 7 + 1
    ELSE (dayofyear(sf_week(x, n) + 3) - 1) // 7 + 1 END`,
];
