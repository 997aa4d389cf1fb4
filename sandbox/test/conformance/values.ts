/**
 * What Snowflake's manual says that expressions answer. Cells are the driver's texts (fetchAsString) under the default
 * output formats with TIMEZONE = 'UTC'; JSON is compared without its layout. Nothing here needs a table, so the list
 * can be run against any account.
 */
export interface Example {
  /** The page of the manual: docs.snowflake.com, SQL reference. */
  page: string;
  sql: string;
  /** What the query answers, or the code it fails with; neither where all that is known is that Snowflake takes it. */
  rows?: readonly (readonly (string | null)[])[];
  error?: string;
  /** Why the local Snowflake answers something else. */
  deviates?: string;
}

type Cell = string | null;

/** `SELECT expression` answers one cell. */
const values = (page: string, ...pairs: readonly (readonly [expression: string, value: Cell])[]): Example[] =>
  pairs.map(([expression, value]) => ({ page, sql: `SELECT ${expression}`, rows: [[value]] }));

/** A whole query and its rows. */
const query = (page: string, sql: string, ...rows: readonly (readonly Cell[])[]): Example => ({
  page,
  sql,
  rows,
});

const failures = (
  page: string,
  ...pairs: readonly (readonly [expression: string, code: string])[]
): Example[] => pairs.map(([expression, error]) => ({ page, sql: `SELECT ${expression}`, error }));

const numbers: Example[] = [
  ...values(
    "Arithmetic operators",
    ["1 / 3", "0.333333"],
    ["7.50 / 2", "3.75000000"],
    ["1.23456789012::NUMBER(20,11) / 1", "1.234567890120"],
    ["12345678901234567 / 3", "4115226300411522.333333"],
    ["2 / 3", "0.666667"],
    ["-2 / 3", "-0.666667"],
    ["1.5 * 1.25", "1.875"],
    ["7 % 3", "1"],
    ["-7 % 3", "-1"],
    ["5::FLOAT / 2", "2.5"],
  ),
  ...failures("Arithmetic operators", ["1 / 0", "100051"], ["1 % 0", "100051"]),
  ...values(
    "DIV0",
    ["DIV0(1, 3)", "0.333333"],
    ["DIV0(1, 0)", "0.000000"],
    ["DIV0(NULL, 0)", null],
    ["DIV0NULL(1, NULL::INT)", "0.000000"],
  ),
  ...values(
    "ROUND",
    ["ROUND(135.135, -2)", "100"],
    ["ROUND(135.135)", "135"],
    ["ROUND(135.135, 2)", "135.14"],
    ["ROUND(2.5)", "3"],
    ["ROUND(-2.5)", "-3"],
    ["ROUND(2.5::FLOAT)", "3"],
    ["ROUND(-2.5::FLOAT)", "-3"],
    ["ROUND(0.5::FLOAT)", "1"],
    ["ROUND(1.005, 2)", "1.01"],
  ),
  ...values(
    "TRUNCATE , TRUNC",
    ["TRUNC(135.135, 1)", "135.1"],
    ["TRUNC(-975.975, -1)", "-970"],
    ["TRUNC(135.9)", "135"],
  ),
  ...values(
    "FLOOR",
    ["FLOOR(7 / 2)", "3"],
    ["FLOOR(-7 / 2)", "-4"],
    ["FLOOR(2999999999999 / 3)", "999999999999"],
    ["FLOOR(1e13::NUMBER / 7)", "1428571428571"],
    ["FLOOR(NULL / 2)", null],
    ["FLOOR(135.135)", "135"],
    ["FLOOR(-975.975)", "-976"],
    ["FLOOR(135.175, 2)", "135.17"],
  ),
  ...values("CEIL", ["CEIL(135.135)", "136"], ["CEIL(-975.975)", "-975"], ["CEIL(135.135, 2)", "135.14"]),
  ...values("MOD", ["MOD(7, 0.5)", "0.0"], ["MOD(-5, 3)", "-2"]),
  ...values("BITAND", ["BITAND(4, 3)", "0"], ["BITAND(5, 3)", "1"]),
  ...values("BITOR", ["BITOR(4, 3)", "7"]),
  ...values("BITXOR", ["BITXOR(5, 3)", "6"]),
  ...values("BITNOT", ["BITNOT(1)", "-2"]),
  ...values(
    "BITSHIFTLEFT",
    ["BITSHIFTLEFT(1, 4)", "16"],
    ["BITSHIFTLEFT(16, 1)", "32"],
    ["BITSHIFTLEFT(1, 62)", "4611686018427387904"],
  ),
  ...values("BITSHIFTRIGHT", ["BITSHIFTRIGHT(16, 4)", "1"]),
  ...values(
    "WIDTH_BUCKET",
    ["WIDTH_BUCKET(290000.00, 200000.0, 600000.0, 4)", "1"],
    ["WIDTH_BUCKET(399999.99, 200000, 600000, 4)", "2"],
    ["WIDTH_BUCKET(400000.00, 200000, 600000, 4)", "3"],
    ["WIDTH_BUCKET(100, 200000, 600000, 4)", "0"],
    ["WIDTH_BUCKET(600000, 200000, 600000, 4)", "5"],
  ),
  ...values("GREATEST", ["GREATEST(1, 3, 2)", "3"], ["GREATEST(1, NULL)", null]),
  ...values("GREATEST_IGNORE_NULLS", ["GREATEST_IGNORE_NULLS(1, NULL, 2)", "2"]),
  ...values("LEAST_IGNORE_NULLS", ["LEAST_IGNORE_NULLS(3, NULL, 2)", "2"]),
  ...values(
    "Numeric data types",
    ["'NaN'::FLOAT = 'NaN'::FLOAT", "TRUE"],
    ["'NaN'::FLOAT > 'inf'::FLOAT", "TRUE"],
    ["'-inf'::FLOAT < 0", "TRUE"],
    ["'inf'::FLOAT", "inf"],
    ["'NaN'::FLOAT::VARCHAR", "NaN"],
    ["'Infinity'::FLOAT = 'inf'::FLOAT", "TRUE"],
    ["12345678901234567890123456789012345678", "12345678901234567890123456789012345678"],
    ["1e2", "100"],
  ),
  ...values("ABS", ["ABS(-5.5)", "5.5"]),
  ...values("SIGN", ["SIGN(-5.5)", "-1"]),
  ...values("SQUARE", ["SQUARE(3)", "9"]),
  ...values("POWER", ["POWER(2, 10)", "1024"]),
];

const conversions: Example[] = [
  ...values(
    "TO_DECIMAL , TO_NUMBER , TO_NUMERIC",
    ["TO_NUMBER('12.3456')", "12"],
    ["TO_NUMBER('98.76546', 10, 1)", "98.8"],
    ["TO_NUMBER('98.76546', 10, 8)", "98.76546000"],
    ["TO_NUMBER(' 12 ')", "12"],
    ["TO_NUMBER(12.5)", "13"],
    ["TO_NUMBER(TRUE)", "1"],
    ["TO_DECIMAL(-12.5, 10, 0)", "-13"],
  ),
  ...failures(
    "TO_DECIMAL , TO_NUMBER , TO_NUMERIC",
    ["TO_NUMBER('abc')", "100038"],
    ["TO_NUMBER('')", "100038"],
    ["12345::NUMBER(4,0)", "100046"],
    ["'12345'::NUMBER(4,0)", "100039"],
  ),
  ...values(
    "TRY_TO_DECIMAL, TRY_TO_NUMBER, TRY_TO_NUMERIC",
    ["TRY_TO_NUMBER('345.123')", "345"],
    ["TRY_TO_NUMBER('345.123', 10, 2)", "345.12"],
    ["TRY_TO_DECIMAL('345.125', 10, 2)", "345.13"],
    ["TRY_TO_NUMBER('$1.50')", null],
    ["TRY_TO_NUMBER('12345', 4, 0)", null],
    ["TRY_TO_NUMBER('')", null],
    ["TRY_TO_NUMBER(' 7 ')", "7"],
    ["TRY_TO_NUMBER('1e3')", "1000"],
    ["TRY_TO_NUMBER('NaN')", null],
    ["TRY_TO_DECIMAL(NULL, 10, 2)", null],
  ),
  ...failures("TRY_TO_DECIMAL, TRY_TO_NUMBER, TRY_TO_NUMERIC", ["TRY_TO_NUMBER(TRUE)", "001065"]),
  ...values(
    "TRY_TO_DOUBLE",
    ["TRY_TO_DOUBLE('3.1415926')", "3.1415926"],
    ["TRY_TO_DOUBLE('x')", null],
    ["TRY_TO_DOUBLE('inf')", "inf"],
    ["TRY_TO_DOUBLE('')", null],
  ),
  ...values(
    "TO_BOOLEAN",
    ["TO_BOOLEAN('yes')", "TRUE"],
    ["TO_BOOLEAN('f')", "FALSE"],
    ["TO_BOOLEAN(0)", "FALSE"],
    ["TO_BOOLEAN(-1.5)", "TRUE"],
  ),
  ...failures("TO_BOOLEAN", ["TO_BOOLEAN('maybe')", "100037"]),
  ...values(
    "TRY_TO_BOOLEAN",
    ["TRY_TO_BOOLEAN('on')", "TRUE"],
    ["TRY_TO_BOOLEAN('OFF')", "FALSE"],
    ["TRY_TO_BOOLEAN('maybe')", null],
  ),
  ...values(
    "TRY_CAST",
    ["TRY_CAST('05-Mar-2016' AS TIMESTAMP)", "2016-03-05 00:00:00.000"],
    ["TRY_CAST('05/2016' AS TIMESTAMP)", null],
    ["TRY_CAST('AB' AS CHAR(2))", "AB"],
    ["TRY_CAST('12.5' AS NUMBER(4,1))", "12.5"],
    ["TRY_CAST('2026-02-30' AS DATE)", null],
    ["TRY_CAST('1' AS BOOLEAN)", "TRUE"],
  ),
  ...failures("TRY_CAST", ["TRY_CAST(12 AS VARCHAR)", "001065"], ["TRY_CAST(1.5 AS NUMBER(4,1))", "001065"]),
  ...values(
    "TO_CHAR , TO_VARCHAR",
    ["TO_VARCHAR(1.50)", "1.50"],
    ["TO_VARCHAR(TRUE)", "true"],
    ["TO_VARCHAR('2013-04-05'::DATE)", "2013-04-05"],
    ["TO_VARCHAR('2013-04-05 01:02:03'::TIMESTAMP, 'MM/DD/YYYY, HH24:MI HOURS')", "04/05/2013, 01:02 HOURS"],
    [
      "TO_VARCHAR('2013-04-05 01:02:03.456'::TIMESTAMP, 'YYYY-MM-DD\"T\"HH24:MI:SS.FF3')",
      "2013-04-05T01:02:03.456",
    ],
    ["TO_VARCHAR('13:02:03'::TIME)", "13:02:03"],
    ["TO_VARCHAR(12.3::FLOAT)", "12.3"],
    ["'2013-04-05 01:02:03'::TIMESTAMP_NTZ::VARCHAR", "2013-04-05 01:02:03.000"],
    ["'2013-04-05 01:02:03'::TIMESTAMP_LTZ::VARCHAR", "2013-04-05 01:02:03.000 +0000"],
    ["'2013-04-05 01:02:03 -0430'::TIMESTAMP_TZ::VARCHAR", "2013-04-05 01:02:03.000 -0430"],
    ["TO_VARCHAR(TO_BINARY('534E4F57', 'HEX'), 'UTF-8')", "SNOW"],
    ["TO_VARCHAR(TO_BINARY('SNOW', 'UTF-8'))", "534E4F57"],
  ),
  ...values("TO_BINARY", ["TO_VARCHAR(TO_BINARY('U05PVw==', 'BASE64'), 'HEX')", "534E4F57"]),
  ...values(
    "TRY_TO_BINARY",
    ["TRY_TO_BINARY('534E4F5', 'HEX')", null],
    ["TO_VARCHAR(TRY_TO_BINARY('SNOW', 'UTF-8'), 'UTF-8')", "SNOW"],
  ),
  ...values("HEX_ENCODE", ["HEX_ENCODE('SNOW')", "534E4F57"], ["HEX_ENCODE('SNOW', 0)", "534e4f57"]),
  ...values("HEX_DECODE_STRING", ["HEX_DECODE_STRING('534E4F57')", "SNOW"]),
  ...values(
    "TRY_HEX_DECODE_STRING",
    ["TRY_HEX_DECODE_STRING('534E4F57')", "SNOW"],
    ["TRY_HEX_DECODE_STRING('Z')", null],
  ),
  ...failures(
    "Data type conversion",
    ["'2026-02-30'::DATE", "100040"],
    ["'hello'::DATE", "100040"],
    ["'hello'::TIMESTAMP", "100035"],
    ["'hello'::FLOAT", "100038"],
    ["'25:00:00'::TIME", "100108"],
  ),
];

const texts: Example[] = [
  ...values(
    "SUBSTR , SUBSTRING",
    ["SUBSTR('abc', 0, 2)", "ab"],
    ["SUBSTR('abc', 2)", "bc"],
    ["SUBSTR('abc', -2, 1)", "b"],
    ["SUBSTR('abc', 1, -1)", ""],
    ["SUBSTR(12345, 2, 2)", "23"],
  ),
  ...values("LEFT", ["LEFT('abc', 2)", "ab"], ["LEFT('abc', -1)", ""]),
  ...values("RIGHT", ["RIGHT('abc', 2)", "bc"]),
  ...values(
    "SPLIT_PART",
    ["SPLIT_PART('11.22.33', '.', 0)", "11"],
    ["SPLIT_PART('11.22.33', '.', 2)", "22"],
    ["SPLIT_PART('127.0.0.1', '.', -1)", "1"],
  ),
  ...values("STRTOK", ["STRTOK('a.b.c', '.', 1)", "a"], ["STRTOK('user@snowflake.com', '@.', 3)", "com"]),
  ...values("LENGTH, LEN", ["LENGTH('joyeux')", "6"], ["LEN('é')", "1"]),
  ...values("OCTET_LENGTH", ["OCTET_LENGTH('é')", "2"]),
  ...values("CONCAT , ||", ["'a' || 1 || TRUE", "a1true"], ["CONCAT('a', NULL)", null]),
  ...values("CONCAT_WS", ["CONCAT_WS(',', 'one', 'two', 'three')", "one,two,three"]),
  ...values("REPLACE", ["REPLACE('down', 'down', 'up')", "up"], ["REPLACE('abc', 'b')", "ac"]),
  ...values("MD5 , MD5_HEX", ["MD5('Snowflake')", "edf1439075a83a447fb8b630ddc9c8de"]),
  ...values("SHA2 , SHA2_HEX", [
    "SHA2('Snowflake', 256)",
    "1dbd59f661d68b90724f21084396b865497173e4d2714f4d91cf05fa5fc5e18d",
  ]),
  ...values("RANDSTR", ["LENGTH(RANDSTR(5, RANDOM()))", "5"]),
  ...values("UUID_STRING", ["LENGTH(UUID_STRING())", "36"]),
];

const moments: Example[] = [
  ...values(
    "Date & time data types",
    ["'1969-12-31 23:59:59.5'::TIMESTAMP_NTZ", "1969-12-31 23:59:59.500"],
    ["'0001-01-01'::DATE::VARCHAR", "0001-01-01"],
    ["'12:34:56.789'::TIME(0)::VARCHAR", "12:34:56"],
    ["'2026-01-01 00:00:00.987'::TIMESTAMP_NTZ(0)", "2026-01-01 00:00:00.000"],
    ["'2026-03-01 12:00:00 +05:30'::TIMESTAMP_TZ", "2026-03-01 12:00:00.000 +0530"],
    ["'2026-03-01 12:00:00 +0530'::TIMESTAMP_LTZ", "2026-03-01 06:30:00.000 +0000"],
    ["'2026-03-01 12:00:00 +0530'::TIMESTAMP_TZ = '2026-03-01 06:30:00 +0000'::TIMESTAMP_TZ", "TRUE"],
    ["'2026-03-01T12:00:00Z'::TIMESTAMP_NTZ", "2026-03-01 12:00:00.000"],
  ),
  ...failures(
    "Date & time data types",
    ["'infinity'::TIMESTAMP", "100035"],
    ["'epoch'::TIMESTAMP", "100035"],
  ),
  ...values(
    "TO_TIMESTAMP / TO_TIMESTAMP_*",
    ["TO_TIMESTAMP_NTZ(40 * 365.25 * 86400)", "2010-01-01 00:00:00.000"],
    ["TO_TIMESTAMP_NTZ(40 * 365.25 * 86400 * 1000 + 456, 3)", "2010-01-01 00:00:00.456"],
    ["TO_TIMESTAMP_NTZ(1767225600123456, 6)", "2026-01-01 00:00:00.123"],
    ["TO_TIMESTAMP_NTZ(1767225600123456000, 9)", "2026-01-01 00:00:00.123"],
    ["TO_TIMESTAMP_NTZ('1767225600')", "2026-01-01 00:00:00.000"],
    ["TO_TIMESTAMP_NTZ('01.03.2026 10:15', 'DD.MM.YYYY HH24:MI')", "2026-03-01 10:15:00.000"],
    [
      "TO_TIMESTAMP_TZ('04/05/2013 01:02:03 -0400', 'MM/DD/YYYY HH24:MI:SS TZHTZM')",
      "2013-04-05 01:02:03.000 -0400",
    ],
  ),
  ...failures(
    "TO_TIMESTAMP / TO_TIMESTAMP_*",
    ["TO_TIMESTAMP_NTZ('x', 'YYYY-MM-DD')", "100096"],
    ["TO_TIMESTAMP_NTZ('2026-13-01')", "100035"],
  ),
  ...values(
    "TRY_TO_TIMESTAMP / TRY_TO_TIMESTAMP_*",
    ["TRY_TO_TIMESTAMP_NTZ('2026-03-01 10:15:00.250')", "2026-03-01 10:15:00.250"],
    ["TRY_TO_TIMESTAMP_NTZ('01/03/2026 10:15:30', 'DD/MM/YYYY HH24:MI:SS')", "2026-03-01 10:15:30.000"],
    [
      "TRY_TO_TIMESTAMP_NTZ('2026-03-01T10:15:30.123', 'YYYY-MM-DD\"T\"HH24:MI:SS.FF')",
      "2026-03-01 10:15:30.123",
    ],
    ["TRY_TO_TIMESTAMP_NTZ('2026-03-01T10:15:30', 'YYYY-MM-DD HH24:MI:SS')", null],
    ["TRY_TO_TIMESTAMP_NTZ('yesterday')", null],
    ["TRY_TO_TIMESTAMP_NTZ('')", null],
    ["TRY_TO_TIMESTAMP_NTZ('infinity')", null],
  ),
  ...values(
    "TRY_TO_DATE",
    ["TRY_TO_DATE('2026-02-29')", null],
    ["TRY_TO_DATE('29.02.2028', 'DD.MM.YYYY')::VARCHAR", "2028-02-29"],
  ),
  ...values("TRY_TO_TIME", ["TRY_TO_TIME('12:30:00')", "12:30:00"], ["TRY_TO_TIME('25:00:00')", null]),
  ...values(
    "CONVERT_TIMEZONE",
    [
      "CONVERT_TIMEZONE('America/Los_Angeles', 'America/New_York', '2024-01-01 14:00:00'::TIMESTAMP_NTZ)",
      "2024-01-01 17:00:00.000",
    ],
    [
      "CONVERT_TIMEZONE('Europe/Warsaw', 'UTC', '2024-01-01 00:00:00'::TIMESTAMP_NTZ)",
      "2023-12-31 23:00:00.000",
    ],
    [
      "CONVERT_TIMEZONE('America/Los_Angeles', '2024-04-05 12:00:00 +02:00')",
      "2024-04-05 03:00:00.000 -0700",
    ],
    [
      "CONVERT_TIMEZONE('UTC', '2024-04-05 12:00:00 +02:00'::TIMESTAMP_LTZ)::TIMESTAMP_NTZ",
      "2024-04-05 10:00:00.000",
    ],
    ["SYSTEM$TYPEOF(CONVERT_TIMEZONE('UTC', CURRENT_TIMESTAMP()))", "TIMESTAMP_TZ(9)[SB16]"],
  ),
  ...values(
    "DATEADD",
    ["DATEADD(MONTH, 1, '2023-01-31'::DATE)::VARCHAR", "2023-02-28"],
    ["DATEADD(HOUR, 2, '2013-05-08'::DATE)", "2013-05-08 02:00:00.000"],
    ["DATEADD(DAY, 1.6, '2013-05-08'::DATE)::VARCHAR", "2013-05-10"],
    ["DATEADD(SECOND, 1.4, '2013-05-08 00:00:00'::TIMESTAMP)", "2013-05-08 00:00:01.000"],
    ["DATEADD(DAY, 1, '2026-03-01 12:00:00 -0500'::TIMESTAMP_TZ)", "2026-03-02 12:00:00.000 -0500"],
    ["DATEADD(MINUTE, 15, '23:50:00'::TIME)", "00:05:00"],
  ),
  ...values(
    "DATEDIFF",
    ["DATEDIFF(YEAR, '2010-04-09 14:39:20'::TIMESTAMP, '2013-05-08 23:39:20'::TIMESTAMP)", "3"],
    [
      "DATEDIFF(HOUR, '2013-05-08T23:39:20'::TIMESTAMP, DATEADD(YEAR, 2, '2013-05-08T23:39:20'::TIMESTAMP))",
      "17520",
    ],
    ["DATEDIFF(WEEK, '2026-03-01'::DATE, '2026-03-02'::DATE)", "1"],
    ["DATEDIFF(WEEK, '2026-03-02'::DATE, '2026-03-08'::DATE)", "0"],
    ["DATEDIFF(WEEK, '2026-03-08'::DATE, '2026-03-01'::DATE)", "-1"],
    ["DATEDIFF(MONTH, '2021-01-31'::DATE, '2021-02-01'::DATE)", "1"],
    ["DATEDIFF(MINUTE, '01:00:00'::TIME, '02:30:00'::TIME)", "90"],
  ),
  ...values(
    "DATE_TRUNC",
    ["DATE_TRUNC('DAY', '2015-05-08T23:39:20.123'::TIMESTAMP)", "2015-05-08 00:00:00.000"],
    ["DATE_TRUNC('WEEK', '2026-03-01'::DATE)::VARCHAR", "2026-02-23"],
    ["DATE_TRUNC('QUARTER', '2015-05-08'::DATE)::VARCHAR", "2015-04-01"],
  ),
  ...values(
    "DATE_PART",
    ["DATE_PART(QUARTER, '2024-04-08'::DATE)", "2"],
    ["DATE_PART(EPOCH_SECOND, '2024-04-08T23:39:20.123-07:00'::TIMESTAMP_TZ)", "1712644760"],
    ["DATE_PART(EPOCH_MILLISECOND, '1969-12-31 23:59:59.500'::TIMESTAMP)", "-500"],
    ["DATE_PART(EPOCH_SECOND, '1969-12-31 23:59:59.500'::TIMESTAMP)", "-1"],
    ["DATE_PART(NANOSECOND, '2024-04-08T23:39:20.123'::TIMESTAMP)", "123000000"],
    ["DATE_PART(HOUR, '2024-04-08T23:39:20-07:00'::TIMESTAMP_TZ)", "23"],
    ["DATE_PART(TZH, '2024-04-08T23:39:20-07:00'::TIMESTAMP_TZ)", "-7"],
  ),
  ...values("EXTRACT", ["EXTRACT(YEAR FROM '2013-04-10T23:39:20'::TIMESTAMP)", "2013"]),
  ...values(
    "YEAR* / DAY* / WEEK* / MONTH / QUARTER",
    ["DAYOFWEEK('2026-03-01'::DATE)", "0"],
    ["DAYOFWEEKISO('2026-03-01'::DATE)", "7"],
    ["WEEKISO('2016-01-03'::DATE)", "53"],
    ["YEAROFWEEKISO('2016-01-03'::DATE)", "2015"],
  ),
  ...values(
    "HOUR / MINUTE / SECOND",
    ["HOUR('2013-05-08T23:39:20'::TIMESTAMP)", "23"],
    ["SECOND('2013-05-08T23:39:20.9'::TIMESTAMP)", "20"],
  ),
  ...values(
    "LAST_DAY",
    ["LAST_DAY('2015-05-08T23:39:20'::TIMESTAMP)::VARCHAR", "2015-05-31"],
    ["LAST_DAY('2015-05-08'::DATE, 'YEAR')::VARCHAR", "2015-12-31"],
    ["LAST_DAY('2026-03-01'::DATE, 'WEEK')::VARCHAR", "2026-03-01"],
    ["LAST_DAY('2015-05-08'::DATE, 'QUARTER')::VARCHAR", "2015-06-30"],
  ),
  ...values(
    "TIME_SLICE",
    ["TIME_SLICE('2019-02-28'::DATE, 4, 'MONTH', 'START')::VARCHAR", "2019-01-01"],
    ["TIME_SLICE('2019-02-28'::DATE, 4, 'MONTH', 'END')::VARCHAR", "2019-05-01"],
    ["TIME_SLICE('2026-03-01 10:20:00'::TIMESTAMP_NTZ, 15, 'MINUTE', 'END')", "2026-03-01 10:30:00.000"],
  ),
  ...values("ADD_MONTHS", ["ADD_MONTHS('2016-02-29'::DATE, 1)::VARCHAR", "2016-03-31"]),
  ...values(
    "MONTHS_BETWEEN",
    ["MONTHS_BETWEEN('2019-03-01'::DATE, '2019-02-01'::DATE)", "1"],
    ["MONTHS_BETWEEN('2019-03-31'::DATE, '2019-02-28'::DATE)", "1"],
  ),
  ...values("NEXT_DAY", ["NEXT_DAY('2026-03-01'::DATE, 'Friday')::VARCHAR", "2026-03-06"]),
  ...values(
    "DATE_FROM_PARTS",
    ["DATE_FROM_PARTS(2010, 1, 100)::VARCHAR", "2010-04-10"],
    ["DATE_FROM_PARTS(2004, 2, 0)::VARCHAR", "2004-01-31"],
  ),
];

const semistructured: Example[] = [
  ...values(
    "PARSE_JSON",
    ['PARSE_JSON(\'{"b": [2, 1], "a": {"d": 1, "c": 2}}\')', '{"a":{"c":2,"d":1},"b":[2,1]}'],
    ["PARSE_JSON('')", null],
  ),
  ...failures("PARSE_JSON", ["PARSE_JSON('{\"a\":')", "100069"]),
  ...values(
    "TRY_PARSE_JSON",
    ["TRY_PARSE_JSON('{\"a\":')", null],
    ["TRY_PARSE_JSON('[1, null]')", "[1,null]"],
  ),
  ...values(
    "TYPEOF",
    ["TYPEOF(PARSE_JSON('null'))", "NULL_VALUE"],
    ["TYPEOF(PARSE_JSON('true'))", "BOOLEAN"],
    ["TYPEOF(PARSE_JSON('-17'))", "INTEGER"],
    ["TYPEOF(PARSE_JSON('123.12'))", "DECIMAL"],
    ["TYPEOF(PARSE_JSON('1.912e2'))", "DOUBLE"],
    ["TYPEOF(PARSE_JSON('\"x\"'))", "VARCHAR"],
    ["TYPEOF(PARSE_JSON('[1]'))", "ARRAY"],
    ["TYPEOF(PARSE_JSON('{\"a\": 1}'))", "OBJECT"],
    ["TYPEOF(NULL::VARIANT)", null],
  ),
  ...values(
    "SYSTEM$TYPEOF",
    ["SYSTEM$TYPEOF(1)", "NUMBER(1,0)[SB1]"],
    ["SYSTEM$TYPEOF('x'::VARCHAR)", "VARCHAR(16777216)[LOB]"],
    ["SYSTEM$TYPEOF(1.5::FLOAT)", "FLOAT[DOUBLE]"],
    ["SYSTEM$TYPEOF(TRUE)", "BOOLEAN[SB1]"],
    ["SYSTEM$TYPEOF('2026-01-01'::DATE)", "DATE[SB4]"],
    ["SYSTEM$TYPEOF(PARSE_JSON('1'))", "VARIANT[LOB]"],
  ),
  ...values(
    "OBJECT_CONSTRUCT",
    ["OBJECT_CONSTRUCT('b', 1, 'a', 'x', 'n', NULL)", '{"a":"x","b":1}'],
    ["OBJECT_CONSTRUCT('k', PARSE_JSON('null'))", '{"k":null}'],
    ["OBJECT_CONSTRUCT('o', PARSE_JSON('{\"n\": null}'))", '{"o":{"n":null}}'],
    ["OBJECT_CONSTRUCT()", "{}"],
  ),
  query(
    "OBJECT_CONSTRUCT",
    "SELECT OBJECT_CONSTRUCT(*) FROM VALUES (1, 'x'), (2, NULL) AS T(B, A)",
    ['{"A":"x","B":1}'],
    ['{"B":2}'],
  ),
  ...values("OBJECT_CONSTRUCT_KEEP_NULL", [
    "OBJECT_CONSTRUCT_KEEP_NULL('b', 1, 'a', NULL)",
    '{"a":null,"b":1}',
  ]),
  query(
    "OBJECT_CONSTRUCT_KEEP_NULL",
    "SELECT OBJECT_CONSTRUCT_KEEP_NULL(*) FROM VALUES (NULL::INT, 'x') AS T(B, A)",
    ['{"A":"x","B":null}'],
  ),
  ...values("OBJECT_KEYS", ['OBJECT_KEYS(PARSE_JSON(\'{"b": 1, "a": 2}\'))', '["a","b"]']),
  ...values("ARRAY_CONSTRUCT", ["ARRAY_CONSTRUCT(10, NULL, 'x')", '[10,null,"x"]']),
  ...values("ARRAY_CONSTRUCT_COMPACT", ["ARRAY_CONSTRUCT_COMPACT(NULL, 1, NULL, 2)", "[1,2]"]),
  ...values("ARRAY_COMPACT", ["ARRAY_COMPACT(ARRAY_CONSTRUCT(10, NULL, 20))", "[10,20]"]),
  ...values(
    "ARRAY_SLICE",
    ["ARRAY_SLICE(ARRAY_CONSTRUCT(0, 1, 2, 3, 4, 5, 6), 0, 2)", "[0,1]"],
    ["ARRAY_SLICE(ARRAY_CONSTRUCT(0, 1, 2, 3, 4, 5, 6), 0, -2)", "[0,1,2,3,4]"],
    ["ARRAY_SLICE(ARRAY_CONSTRUCT(0, 1, 2, 3, 4, 5, 6), -5, -3)", "[2,3]"],
    ["ARRAY_SLICE(ARRAY_CONSTRUCT(0, 1, 2), 5, 7)", "[]"],
  ),
  ...values(
    "ARRAY_SIZE",
    ["ARRAY_SIZE(ARRAY_CONSTRUCT(1, 2, 3))", "3"],
    ["ARRAY_SIZE(PARSE_JSON('{}'))", null],
  ),
  ...values(
    "ARRAY_CONTAINS",
    ["ARRAY_CONTAINS('hello'::VARIANT, ARRAY_CONSTRUCT('hello', 'hi'))", "TRUE"],
    ["ARRAY_CONTAINS(3::VARIANT, ARRAY_CONSTRUCT(1, 2))", "FALSE"],
  ),
  ...values("ARRAY_TO_STRING", ["ARRAY_TO_STRING(PARSE_JSON('[1, \"x\", true]'), ', ')", "1, x, true"]),
  ...values("ARRAY_CAT", ["ARRAY_CAT(ARRAY_CONSTRUCT(1), ARRAY_CONSTRUCT(2, 3))", "[1,2,3]"]),
  ...values(
    "GET",
    ["GET(ARRAY_CONSTRUCT('a', 'b'), 1)::VARCHAR", "b"],
    ["GET(PARSE_JSON('{\"k\": 5}'), 'k')", "5"],
    ["GET(PARSE_JSON('{\"k\": 5}'), 'K')", null],
  ),
  ...values("GET_PATH , :", ["GET_PATH(PARSE_JSON('{\"a\": {\"b\": [7, 8]}}'), 'a.b[1]')", "8"]),
  query(
    "FLATTEN",
    'SELECT KEY, INDEX, VALUE FROM TABLE(FLATTEN(INPUT => PARSE_JSON(\'{"a": 1, "b": [77, 88]}\'))) ORDER BY KEY',
    ["a", null, "1"],
    ["b", null, "[77,88]"],
  ),
  query(
    "FLATTEN",
    "SELECT F.VALUE::INT FROM TABLE(FLATTEN(INPUT => PARSE_JSON('[1, 77]'))) F",
    ["1"],
    ["77"],
  ),
  query("FLATTEN", "SELECT COUNT(*) FROM TABLE(FLATTEN(INPUT => PARSE_JSON('[]'), OUTER => TRUE))", ["1"]),
  ...values(
    "Querying semi-structured data",
    ["PARSE_JSON('{\"a\": \"x\"}'):a = 'x'", "TRUE"],
    ["PARSE_JSON('{\"a\": 2}'):a > 1", "TRUE"],
    ['PARSE_JSON(\'{"a": "2026-01-01"}\'):a::DATE::VARCHAR', "2026-01-01"],
    ['PARSE_JSON(\'{"a": {"b": 1}}\'):a.b::NUMBER(5,2)', "1.00"],
    ["PARSE_JSON('{\"a\": null}'):a IS NULL", "FALSE"],
  ),
  ...values(
    "IS_INTEGER",
    ["IS_INTEGER(PARSE_JSON('1'))", "TRUE"],
    ["IS_INTEGER(PARSE_JSON('\"1\"'))", "FALSE"],
  ),
  ...values("AS_INTEGER", ["AS_INTEGER(PARSE_JSON('42'))", "42"], ["AS_INTEGER(PARSE_JSON('\"x\"'))", null]),
];

const NUMBERS = "FROM VALUES (1, 10, 'a'), (1, 20, 'b'), (2, 30, 'c'), (2, NULL, 'd') AS T(G, N, S)";

const aggregates: Example[] = [
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
    ["NO_SUCH_FUNCTION(1)", "002140"],
    ["SUM('2026-01-01'::DATE)", "001044"],
  ),
];

export const conformance: readonly Example[] = [
  ...numbers,
  ...conversions,
  ...texts,
  ...moments,
  ...semistructured,
  ...aggregates,
];
