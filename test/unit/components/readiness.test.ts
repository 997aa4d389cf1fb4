import { execFileSync } from "node:child_process";
import { awaitReadiness, type Clock, heldBy, type Trust } from "../../../components/readiness/probe.ts";
import { ReadinessProvider } from "../../../components/readiness/provider.ts";
import type { Row, Session } from "../../../components/snowflake/session.ts";
import { sessionOf } from "../support/session-of.ts";

const TRUST: Trust = {
  integration: "FLUX_DEV_S3_INTEGRATION",
  url: "s3://flux-dev-raw/raw/ami/",
  roleArn: "arn:aws:iam::111111111111:role/flux-dev-snowflake-raw-ami",
  externalId: "ours-and-16-long-at-least",
  iamUserArn: "arn:aws:iam::999999999999:user/snowflake",
  sample: "ami_interval_readings/one.parquet",
  sampleKmsKeyArn: "",
  timeoutSeconds: 60,
};

const SUCCESS = { status: "success", actions: { LIST: { status: "success" } } };
const REFUSED = {
  status: "failure",
  actions: { LIST: { status: "failure", message: "Error assuming AWS_ROLE: not authorized" } },
};

/** A Snowflake that holds an integration and answers each probe with the next verdict, the last one for ever. */
function snowflake(verdicts: unknown[], externalId = TRUST.externalId) {
  const statements: string[] = [];
  let held = externalId;
  const rows = async (sql: string): Promise<Row[]> => {
    statements.push(sql);
    if (sql.startsWith("SHOW")) return [{ name: TRUST.integration }];
    if (sql.startsWith("DESC"))
      return [
        { property: "STORAGE_AWS_ROLE_ARN", property_value: TRUST.roleArn },
        { property: "STORAGE_AWS_EXTERNAL_ID", property_value: held },
      ];
    if (sql.startsWith("ALTER")) {
      held = /= '(.*)'$/.exec(sql)?.[1] ?? "";
      return [];
    }
    const verdict = verdicts.length > 1 ? verdicts.shift() : verdicts[0];
    return [{ VERDICT: JSON.stringify(verdict) }];
  };
  return { session: sessionOf(rows), statements, held: () => held };
}

/** Time that passes only by waiting. */
function clock() {
  let time = 0;
  const pauses: number[] = [];
  const said: string[] = [];
  const fake: Clock = {
    now: () => time,
    sleep: async (milliseconds) => {
      pauses.push(milliseconds);
      time += milliseconds;
    },
    say: (line) => said.push(line),
  };
  return { fake, pauses, said };
}

test("is done at once when Snowflake can read", async () => {
  const { session, statements } = snowflake([SUCCESS]);
  const { fake, pauses } = clock();
  await awaitReadiness(session, TRUST, fake);
  expect(pauses).toEqual([]);
  const probe = (action: string) =>
    "SELECT SYSTEM$VALIDATE_STORAGE_INTEGRATION('FLUX_DEV_S3_INTEGRATION', 's3://flux-dev-raw/raw/ami/', " +
    `'ami_interval_readings/one.parquet', '${action}') AS VERDICT`;
  expect(statements.slice(-2)).toEqual([probe("list"), probe("read")]);
});

test("without a file only listing can be tried, which is said", async () => {
  const { session, statements } = snowflake([SUCCESS]);
  const { fake, said } = clock();
  await awaitReadiness(session, { ...TRUST, sample: "" }, fake);
  expect(statements.filter((sql) => /VALIDATE/.test(sql))).toHaveLength(1);
  expect(said).toEqual([expect.stringMatching(/only listing was tried, and reading was not/)]);
});

const READ_REFUSED = {
  status: "failure",
  actions: { READ: { status: "failure", message: "Access Denied" } },
};

test.each([
  ["", /if the object is encrypted with a KMS key, name that in flux-ami:kmsKeyArns/],
  [
    "arn:aws:kms:us-east-1:444455556666:key/abc",
    /encrypted with the KMS key arn:aws:kms:us-east-1:444455556666:key\/abc.*add to its policy: \{.*"aws:PrincipalArn":"arn:aws:iam::111111111111:role/,
  ],
])(
  "a file that may be listed and not read is named, with the cure (key %p)",
  async (sampleKmsKeyArn, cure) => {
    const { session } = snowflake([SUCCESS]);
    const answers = sessionOf(alternating(session));
    await expect(
      awaitReadiness(answers, { ...TRUST, sampleKmsKeyArn, timeoutSeconds: 2 }, clock().fake),
    ).rejects.toThrow(cure);
  },
);

/** Lists, but never reads. */
function alternating(session: Session) {
  return async (sql: string): Promise<Row[]> =>
    /'read'\)/.test(sql) ? [{ VERDICT: JSON.stringify(READ_REFUSED) }] : session.rows(sql);
}

function answering(message: string) {
  const { session } = snowflake([SUCCESS]);
  const verdict = { status: "failure", actions: { READ: { status: "failure", message } } };
  return sessionOf(async (sql) =>
    /'read'\)/.test(sql) ? [{ VERDICT: JSON.stringify(verdict) }] : session.rows(sql),
  );
}

test.each([
  "The specified file was not found",
  "The specified key does not exist. (Status Code: 404; Error Code: NoSuchKey)",
  "Remote file 's3://flux-dev-raw/raw/ami/one.parquet' was not found",
])(
  "a file that was taken away since it was seen says nothing about the trust, and nothing of reading: %s",
  async (message) => {
    const { fake, said } = clock();
    await awaitReadiness(answering(message), TRUST, fake);
    expect(said).toEqual([
      expect.stringMatching(/no more such file .* only listing was tried, and reading was not/),
    ]);
  },
);

test.each([
  "KMS.NotFoundException: Key 'arn:aws:kms:us-east-1:111111111111:key/0' does not exist (Status Code: 400; Error Code: KMS.NotFoundException)",
  "The ciphertext refers to a customer master key that does not exist (Service: AWSKMS; Status Code: 404)",
  "The specified bucket does not exist (Status Code: 404; Error Code: NoSuchBucket)",
  "Role arn:aws:iam::111111111111:role/x does not exist",
  "User not found",
])("what else is not there keeps the file from being read: %s", async (message) => {
  const waiting = awaitReadiness(answering(message), { ...TRUST, timeoutSeconds: 2 }, clock().fake);
  await expect(waiting).rejects.toThrow(/one\.parquet cannot be read: /);
});

test("waits, ever longer but never over 10 s, while IAM spreads the role", async () => {
  const { session } = snowflake([REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, SUCCESS]);
  const { fake, pauses, said } = clock();
  await awaitReadiness(session, TRUST, fake);
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
  expect(said).toHaveLength(6);
  expect(said[2]).toBe(
    "waiting until Snowflake can read s3://flux-dev-raw/raw/ami/ (3 s of at most 60 s): Error assuming AWS_ROLE: not authorized",
  );
});

test("gives up when the time is over, and says what each side should hold", async () => {
  const { session } = snowflake([REFUSED]);
  const { fake, pauses } = clock();
  const error = await awaitReadiness(session, TRUST, fake).then(
    () => undefined,
    (error: Error) => error.message,
  );
  expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeLessThanOrEqual(60_000);
  expect(error).toContain(`role ARN: ${TRUST.roleArn}`);
  expect(error).toContain(`external ID: ${TRUST.externalId}`);
  expect(error).toContain("Snowflake said: Error assuming AWS_ROLE: not authorized");
  expect(error).toContain("cure: ");
  const expected = /trust policy the role must have: (.*)/.exec(error ?? "")?.[1] ?? "";
  expect(JSON.parse(expected)).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: TRUST.iamUserArn },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "sts:ExternalId": TRUST.externalId } },
      },
    ],
  });
});

test("puts our external ID back where somebody changed it by hand", async () => {
  const changed = snowflake([SUCCESS], "changed-by-hand");
  await awaitReadiness(changed.session, TRUST, clock().fake);
  expect(changed.held()).toBe(TRUST.externalId);
  const right = snowflake([SUCCESS]);
  await awaitReadiness(right.session, TRUST, clock().fake);
  expect(right.statements.some((sql) => sql.startsWith("ALTER"))).toBe(false);
});

test("tells an integration that is gone from one that is there", async () => {
  const { session } = snowflake([SUCCESS]);
  expect(await heldBy(session, TRUST.integration)).toEqual({
    roleArn: TRUST.roleArn,
    externalId: TRUST.externalId,
  });
  // LIKE takes _ for any character, so Snowflake may answer with another integration's row.
  expect(await heldBy(session, "FLUX-DEV-S3-INTEGRATION")).toBeUndefined();
});

describe("the provider", () => {
  const inputs = {
    ...TRUST,
    integrationIdentity: "2026-01-01",
    trustPolicy: "{}",
    readPolicy: "{}",
    sessionRole: "SYSADMIN",
  };
  const provider = new ReadinessProvider();

  test.each([
    ["integrationIdentity", "2026-02-02", true],
    ["externalId", "another", true],
    ["trustPolicy", '{"Statement":[]}', true],
    ["url", "s3://other/", true],
    ["timeoutSeconds", 20, false],
    ["sessionRole", "ACCOUNTADMIN", false],
    ["sample", "another.parquet", false],
  ])("with another %s probes anew: %s → %s", async (key, value, changes) => {
    expect(await provider.diff("id", inputs, { ...inputs, [key]: value })).toEqual({ changes });
  });

  test("probes once more when the first file has come", async () => {
    expect(await provider.diff("id", { ...inputs, sample: "" }, inputs)).toEqual({ changes: true });
  });

  test("is kept in the state as a few lines without logic or login", () => {
    const script = `
      import { serializeFunction } from "@pulumi/pulumi/runtime/closure/serializeClosure.js";
      import { ReadinessProvider } from "./components/readiness/provider.ts";
      const { text } = await serializeFunction(() => new ReadinessProvider(), { allowSecrets: true });
      process.stdout.write(text);`;
    const environment = { ...process.env, SNOWFLAKE_PASSWORD: "hunter2", NODE_OPTIONS: "" };
    const text = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      env: environment,
      encoding: "utf8",
    });
    expect(text.length).toBeLessThan(6000);
    expect(text).not.toContain("hunter2");
    expect(text).not.toContain("VALIDATE_STORAGE_INTEGRATION");
  });
});
