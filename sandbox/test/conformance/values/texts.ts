import { type Example, values } from "../example.ts";

export const texts: Example[] = [
  ...values(
    "SUBSTR , SUBSTRING",
    ["SUBSTR('abc', 0, 2)", "ab"],
    ["SUBSTR('abc', 2)", "bc"],
    ["SUBSTR('abc', -2, 1)", "b"],
    ["SUBSTR('abc', 1, -1)", ""],
    ["SUBSTR('abc', -3)", "abc"],
    ["SUBSTR('abc', -5)", ""],
    ["SUBSTR('abc', -5, 3)", ""],
    ["SUBSTR(12345, 2, 2)", "23"],
  ),
  ...values("LEFT", ["LEFT('abc', 2)", "ab"], ["LEFT('abc', -1)", ""]),
  ...values("RIGHT", ["RIGHT('abc', 2)", "bc"]),
  ...values(
    "SPLIT_PART",
    ["SPLIT_PART('11.22.33', '.', 0)", "11"],
    ["SPLIT_PART('11.22.33', '.', 2)", "22"],
    ["SPLIT_PART('127.0.0.1', '.', -1)", "1"],
    ["SPLIT_PART('abc', '', 1)", "abc"],
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
