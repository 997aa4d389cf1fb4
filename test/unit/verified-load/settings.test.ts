import { readConnection } from "../../../components/snowflake/connection.ts";
import { hasUnknowns, problemsOf } from "../../../components/verified-load/input-rules.ts";
import { given } from "./support/settings.ts";

const reasons = (more: Record<string, unknown>) =>
  problemsOf({ ...given, ...more }).map(({ reason }) => reason);

test("good inputs have no problems", () => {
  const quality = { voltage: { minShare: 0.95, severity: "warn" }, timestampWindow: { from: "2020-02-29" } };
  expect(
    reasons({
      quality,
      metersTable: "REF.PRODUCTION.METERS",
      expectedFrom: "2025-01-01",
      expectedTo: "2025-01-01",
    }),
  ).toEqual([]);
});

test.each([
  ["stageUrl", "s3://bucket/raw"],
  ["path", "/ami/"],
  ["path", "ami"],
  ["path", "../ami/"],
  ["include", []],
  ["include", "**/*.parquet"],
  ["exclude", ["/backup/**"]],
  ["exclude", ["../other/**"]],
  ["clusterBy", ["METER_ID"]],
  ["clusterBy", ["DATE_TRUNC('day', TIMESTAMP)); DROP TABLE X; --"]],
  ["clusterBy", ["TIMESTAMP", "SUBSTR(METER, 1, 5)"]],
  ["meterCredits", "yes"],
  ["loadSize", "HUGE"],
  ["replacedFiles", "maybe"],
  ["replacedFiles", "load"],
  ["onDelete", "delete"],
  ["publish", "no"],
  ["verifyAll", 1],
  ["keepLandedDays", -1],
  ["maxRejectedShare", 1.1],
  ["maxRejectedRows", -1],
  ["maxRejectedRows", 1.5],
  ["filesPerCopy", 1001],
  ["statementTimeoutSeconds", 90_000],
  ["expectedFrom", "2025-02-30"],
  ["expectedTo", "tomorrow"],
  ["metersTable", "METERS"],
  ["role", ""],
])("%s = %p is refused by name, value and what is allowed", (key, value) => {
  expect(reasons({ [key]: value })).toEqual([
    expect.stringMatching(new RegExp(`^${key} is .*; it must be .+`)),
  ]);
});

test("everything wrong is said at once", () => {
  const { database: _, ...without } = given;
  expect(
    problemsOf({ ...without, loadSize: "HUGE", maxRejectedRows: -1 }).map(({ property }) => property),
  ).toEqual(["database", "loadSize", "maxRejectedRows"]);
  expect(reasons({ expectedFrom: "2025-02-01", expectedTo: "2025-01-01" })).toEqual([
    expect.stringContaining("not before expectedFrom (2025-02-01)"),
  ]);
});

test.each([{ expectedFrom: "2025-02-01" }, { expectedTo: "2025-02-01" }])("%j alone is enough", (days) => {
  expect(reasons(days)).toEqual([]);
});

test.each([
  [{ volts: {} }, /quality\.volts is no check; there are .*continuity.*voltage/],
  [{ voltage: { low: 1 } }, /quality\.voltage\.low .* left out: voltage has severity, min/],
  [{ voltage: { severity: "quarantine" } }, /one of fail, warn, off/],
  [{ voltage: { minShare: 99 } }, /a number from 0 to 1/],
  [{ continuity: { intervalMinutes: 7 } }, /divide a day/],
  [{ timestampWindow: { from: "2025" } }, /YYYY-MM-DD/],
])("quality %j is refused", (quality, why) => {
  expect(reasons({ quality })).toEqual([expect.stringMatching(why)]);
});

test("values that are not known yet are left alone", () => {
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  expect(reasons({ stageUrl: unknown, quality: { voltage: { min: unknown } } })).toEqual([]);
  expect(hasUnknowns({ a: [{ b: unknown }] })).toBe(true);
  expect(hasUnknowns(given)).toBe(false);
});

describe("login", () => {
  const config = (values: Record<string, string>) => (key: string) => values[key];
  const full = {
    "snowflake:organizationName": "ORG",
    "snowflake:accountName": "ACC",
    "snowflake:user": "U",
    "snowflake:password": "P",
  };

  test("stack config goes before the environment", () => {
    const environment = {
      SNOWFLAKE_USER: "OTHER",
      SNOWFLAKE_HOST: "127.0.0.1",
      SNOWFLAKE_PORT: "8080",
      SNOWFLAKE_PROTOCOL: "HTTP",
    };
    expect(readConnection(config(full), environment)).toEqual({
      account: "ORG-ACC",
      user: "U",
      password: "P",
      accessUrl: "http://127.0.0.1:8080",
    });
  });

  test("a private key alone means key-pair login", () => {
    const { "snowflake:password": _, ...rest } = full;
    expect(readConnection(config({ ...rest, "snowflake:privateKey": "PEM" }), {})).toEqual({
      account: "ORG-ACC",
      user: "U",
      privateKey: "PEM",
      authenticator: "SNOWFLAKE_JWT",
    });
  });

  test("a private key may have its line breaks as \\n, as secrets of CI systems do", () => {
    const { "snowflake:password": _, ...rest } = full;
    const keyed = { ...rest, "snowflake:privateKeyPassphrase": "secret" };
    expect(readConnection(config(keyed), { SNOWFLAKE_PRIVATE_KEY: "-----\\nAAA\\n-----\\n" })).toMatchObject({
      privateKey: "-----\nAAA\n-----\n",
      privateKeyPassphrase: "secret",
      authenticator: "SNOWFLAKE_JWT",
    });
  });

  test.each([
    [{ "snowflake:password": "", "snowflake:privateKey": "PEM" }, "SNOWFLAKE_JWT"],
    [{ "snowflake:authenticator": "UsernamePasswordMFA" }, "USERNAME_PASSWORD_MFA"],
    [
      { "snowflake:authenticator": "OKTA", "snowflake:oktaUrl": "https://org.okta.com" },
      "https://org.okta.com",
    ],
    [{ "snowflake:token": "T" }, "OAUTH"],
  ])("the provider's %j is the driver's %s", (values, authenticator) => {
    expect(readConnection(config({ ...full, ...values }), {})).toMatchObject({ authenticator });
  });

  test("everything missing is named, with both places to set it", () => {
    expect(() => readConnection(config({}), {})).toThrow(
      /cannot log in to Snowflake: snowflake:organizationName \(or SNOWFLAKE_ORGANIZATION_NAME\).*snowflake:accountName.*snowflake:user \(or SNOWFLAKE_USER\)/,
    );
  });
});
