import { tmpdir } from "node:os";
import { secretsOf } from "../../review/secrets.ts";
import { maskerOf, SECRET } from "../../review/values.ts";

/** What must not be seen in any of these texts. */
const HIDDEN = "hunter2hunter";
const OWN = `S3cr'et"pw<&>x`;
const KEY = [
  "-----BEGIN PRIVATE KEY-----",
  "MIIEvabcdefghij0123456789",
  "abcdefABCDEF0123456789xx",
  "-----END PRIVATE KEY-----\n",
].join("\n");
const masker = maskerOf([OWN, KEY, "abc"]);
const within = (value: unknown) => JSON.stringify({ text: JSON.stringify(value) });

describe("secrets that nobody marked", () => {
  test.each([
    ["a variable", `PGPASSWORD=${HIDDEN} psql`],
    ["another", `export SNOWFLAKE_PASSWORD=${HIDDEN}`],
    ["in quotes", `SNOWFLAKE_TOKEN="${HIDDEN}"`],
    ["a query", `https://example.com/?access_token=${HIDDEN}&page=1`],
    ["a signed address", `https://b.s3.amazonaws.com/k?X-Amz-Signature=${HIDDEN}&X-Amz-Date=1`],
    ["an address with a password that holds @", `postgres://user:p@${HIDDEN}@host/db`],
    ["an address without a user", `redis://:${HIDDEN}@host:1/0`],
    ["an address with a token for a user", `https://${HIDDEN}000@github.com/x`],
    ["JSON", `{"password":"${HIDDEN}","user":"u"}`],
    ["JSON with a quote in it", `{"password":"a\\"${HIDDEN}","user":"u"}`],
    ["JSON within a text", within({ password: `a"${HIDDEN}`, user: "u" })],
    ["JSON within a text within a text", JSON.stringify(within({ clientSecret: `"\\${HIDDEN}` }))],
    ["a list", `{"tokens": ["${HIDDEN}"]}`],
    ["YAML", `user: u\n  password: ${HIDDEN}\nhost: h`],
    ["SQL", `ALTER USER U SET PASSWORD='it''s ${HIDDEN}' COMMENT='c'`],
    ["SQL between dollars", `ALTER USER U SET PASSWORD = $$${HIDDEN}$$`],
    ["a secret object", `CREATE SECRET S TYPE = GENERIC_STRING SECRET_STRING = '${HIDDEN}'`],
    ["a stage's master key", `ENCRYPTION = (TYPE = 'AWS_CSE' MASTER_KEY = '${HIDDEN}')`],
    ["a stage's token", `CREDENTIALS = (AZURE_SAS_TOKEN = '?sv=${HIDDEN}')`],
    ["a named argument", `CALL P(API_KEY => '${HIDDEN}')`],
    ["a command's option", `mysql --password ${HIDDEN} --host h`],
    ["a header", `Authorization: Bearer ${HIDDEN}0123`],
    ["a header of Snowflake's", `Authorization: Snowflake Token="ver:3-hint:12-${HIDDEN}=="`],
    ["a header in base64", `Authorization: Basic ${Buffer.from(`user:${HIDDEN}`).toString("base64")}`],
    ["a connection string", `AccountName=a;AccountKey=${HIDDEN}==;EndpointSuffix=x`],
    ["a session of AWS", `IQoJb3JpZ2luX2VjE${HIDDEN}/0123456789==`],
    ["a key of AWS behind its name", "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKE1"],
    ["a token of GitLab", `glpat-${HIDDEN}01234567`],
    ["a token of Slack", `xapp-1-A0-${HIDDEN}`],
    ["a key of PGP", `-----BEGIN PGP PRIVATE KEY BLOCK-----\n${HIDDEN}\n-----END PGP PRIVATE KEY BLOCK-----`],
    ["a key in one line", `"-----BEGIN RSA PRIVATE KEY-----\\n${HIDDEN}\\n-----END RSA PRIVATE KEY-----"`],
  ])("%s", (_what, text) => {
    const masked = masker.text(text);
    expect(masked).toContain(SECRET);
    expect(masked).not.toMatch(/hunter2|wJalr|aHVudGVy|aHVudGVyMm/);
    // Once is enough: what is masked stays as it is.
    expect(masker.text(masked)).toBe(masked);
  });

  test.each([
    "Basic authentication is off, and the token is bad",
    "primary key: METER_ID",
    "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "0123456789abcdef0123456789abcdef01234567",
    "https://github.com/flux/ami/actions/runs/1",
    'ALTER STAGE "D"."S"."G" SET STORAGE_INTEGRATION = "I"',
    "2 files wait: 400 MB",
  ])("nothing of: %s", (text) => {
    expect(masker.text(text)).toBe(text);
  });

  test("a number", () => {
    expect(masker.text('{"passcode": 123456, "user": 1}')).toBe(`{"passcode": ${SECRET}, "user": 1}`);
  });

  test("the ID of a key is no key", () => {
    const rule = { sseAlgorithm: "aws:kms", kmsMasterKeyId: "arn:aws:kms:us-east-1:1:key/x" };
    expect(masker.value(rule)).toEqual(rule);
  });
});

describe("secrets that are known", () => {
  test.each([
    ["as it is", OWN],
    ["in JSON", JSON.stringify({ a: OWN })],
    ["in JSON within a text", within({ a: OWN })],
    ["as Go writes JSON", OWN.replace(/"/g, '\\"').replace("<&>", "\\u003c\\u0026\\u003e")],
    ["in an address", encodeURIComponent(OWN)],
    ["in a form", new URLSearchParams({ a: OWN }).toString()],
    ["in SQL", `'${OWN.replace("'", "''")}'`],
    ["in base64", Buffer.from(OWN).toString("base64")],
    ["in base64 for addresses", Buffer.from(OWN).toString("base64url")],
    ["a line of a key, cut out", "half of it: MIIEvabcdefghij0123456789"],
  ])("%s", (_what, text) => {
    expect(masker.text(text)).toContain(SECRET);
    expect(masker.text(text)).not.toMatch(/S3cr|MIIEv|UzNjcidld/);
  });

  test("a short one only where it is a value of its own", () => {
    expect(masker.value({ a: "abc", b: "abcdef" })).toEqual({ a: SECRET, b: "abcdef" });
  });
});

test("long texts without an end to anything take no time", () => {
  const texts = [
    "a-".repeat(100_000),
    "\\".repeat(50_000),
    '"password":"'.repeat(5_000),
    `${"x".repeat(200_000)}password`,
  ];
  const started = process.cpuUsage();
  for (const text of texts) masker.text(text);
  // Seconds of work, not of the clock; what grows with the square takes minutes.
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(20);
});

test("a login in the environment is a secret, a passphrase that is the stack's name is none", () => {
  const environment = {
    SNOWFLAKE_PASSWORD: "hunter2-hunter2",
    PULUMI_CONFIG_PASSPHRASE: "sandbox",
    HOME: "/",
  };
  expect(secretsOf("sandbox", tmpdir(), environment)).toEqual(["hunter2-hunter2"]);
});
