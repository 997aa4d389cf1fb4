import { firstSql, loadSql, mountSql } from "../../../components/partner/instructions.ts";
import { PartnerRole, type PartnerRoleArgs } from "../../../components/partner/partner-role.ts";
import { PartnerShare } from "../../../components/partner/partner-share.ts";
import { SharedReadings } from "../../../components/partner/shared-readings.ts";
import { build, policy, value } from "../../support/mocks.ts";

const ROLE = "aws:iam/role:Role";
const USER_ARN = "arn:aws:iam::888888888888:user/theirs";

describe("a partner's role", () => {
  const role = (args: Partial<PartnerRoleArgs> = {}) =>
    build(
      () =>
        new PartnerRole("partner", {
          partner: "gridworks",
          owner: "prod",
          bucketName: "flux-prod-raw",
          prefix: "raw/ami/",
          ...args,
        }),
    );

  test("is made for nobody until their IAM user is known", async () => {
    const { one } = await role();
    expect(one(ROLE).inputs.name).toBe("flux-prod-partner-gridworks");
    expect(policy(one(ROLE).inputs.assumeRolePolicy).Statement).toEqual([
      { Sid: "NobodyYet", Effect: "Deny", Principal: { AWS: "*" }, Action: "sts:AssumeRole" },
    ]);
  });

  test("is then opened for that user under the external ID, and nobody else", async () => {
    const { one, made } = await role({ snowflakeIamUserArn: USER_ARN });
    const externalId = await value(made.externalId);
    expect(externalId.length).toBeGreaterThanOrEqual(16);
    expect(policy(one(ROLE).inputs.assumeRolePolicy).Statement).toEqual([
      {
        Sid: "SnowflakeAssumesRole",
        Effect: "Allow",
        Principal: { AWS: USER_ARN },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "sts:ExternalId": externalId } },
      },
    ]);
  });

  test("may decrypt with the keys of the files", async () => {
    const key = "arn:aws:kms:us-east-1:111111111111:key/a";
    const { one } = await role({ kmsKeyArns: [key] });
    expect(policy(one("aws:iam/rolePolicy:RolePolicy").inputs.policy).Statement.at(-1)).toMatchObject({
      Action: "kms:Decrypt",
      Resource: [key],
      Condition: { StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } },
    });
  });

  test("takes an external ID they give", async () => {
    const { one, made, resources } = await role({
      snowflakeIamUserArn: USER_ARN,
      externalId: "given-by-gridworks",
    });
    expect(await value(made.externalId)).toBe("given-by-gridworks");
    expect(String(one(ROLE).inputs.assumeRolePolicy)).toContain("given-by-gridworks");
    expect(resources.map(({ name }) => name)).not.toContain("partner-external-id");
  });

  test("has no name that IAM would refuse", async () => {
    await expect(role({ partner: "p".repeat(60) })).rejects.toThrow(/IAM takes 64; set flux-ami:partner/);
  });

  test("is bounded as the owner's own role is", async () => {
    const permissionsBoundary = "arn:aws:iam::111111111111:policy/boundary";
    expect((await role({ permissionsBoundary })).one(ROLE).inputs).toMatchObject({ permissionsBoundary });
  });

  test("reads its folder alone", async () => {
    const { one } = await role({ prefix: "raw/ami/eu/", partition: "aws-us-gov" });
    const statements = policy(one("aws:iam/rolePolicy:RolePolicy").inputs.policy).Statement;
    expect(statements.map(({ Action, Resource, Condition }) => [Action, Resource, Condition])).toEqual([
      [["s3:GetObject", "s3:GetObjectVersion"], "arn:aws-us-gov:s3:::flux-prod-raw/raw/ami/eu/*", undefined],
      ["s3:ListBucket", "arn:aws-us-gov:s3:::flux-prod-raw", { StringLike: { "s3:prefix": "raw/ami/eu/*" } }],
      ["s3:GetBucketLocation", "arn:aws-us-gov:s3:::flux-prod-raw", undefined],
    ]);
  });
});

const ACCOUNTS = "pulumi-nodejs:dynamic/flux-ami:ShareAccounts";

test("a partner's share shows the one table to the one account, step by step", async () => {
  const { resources, one } = await build(
    () =>
      new PartnerShare("partner", {
        shareName: "FLUX_PROD_GRIDWORKS",
        partnerSnowflakeAccount: "GRIDWORKS.ANALYTICS",
        database: "FLUX_PROD",
        schema: "PRODUCTION",
        table: "AMI_INTERVAL_READINGS",
      }),
  );
  expect(one("snowflake:index/share:Share").inputs).toMatchObject({ name: "FLUX_PROD_GRIDWORKS" });
  const opened = one(ACCOUNTS);
  expect(opened.inputs).toMatchObject({ share: "FLUX_PROD_GRIDWORKS", accounts: ["GRIDWORKS.ANALYTICS"] });
  expect(opened.options.after).toContain("partner-table");
  const grants = resources.filter(({ type }) => type.includes("GrantPrivilegesToShare"));
  expect(grants.map(({ name, inputs }) => [name, inputs])).toEqual([
    ["partner-database", { toShare: "FLUX_PROD_GRIDWORKS", privileges: ["USAGE"], onDatabase: "FLUX_PROD" }],
    [
      "partner-schema",
      { toShare: "FLUX_PROD_GRIDWORKS", privileges: ["USAGE"], onSchema: '"FLUX_PROD"."PRODUCTION"' },
    ],
    [
      "partner-table",
      {
        toShare: "FLUX_PROD_GRIDWORKS",
        privileges: ["SELECT"],
        onTable: '"FLUX_PROD"."PRODUCTION"."AMI_INTERVAL_READINGS"',
      },
    ],
  ]);
  expect(grants[1]?.options.after).toContain("partner-database");
  expect(grants[2]?.options.after).toContain("partner-schema");
});

test("a partner whose last day has passed sees the share no more", async () => {
  const { one } = await build(
    () =>
      new PartnerShare("partner", {
        shareName: "FLUX_PROD_GRIDWORKS",
        partnerSnowflakeAccount: "GRIDWORKS.ANALYTICS",
        closed: true,
        database: "FLUX_PROD",
        schema: "PRODUCTION",
        table: "AMI_INTERVAL_READINGS",
      }),
  );
  expect(one(ACCOUNTS).inputs.accounts).toEqual([]);
});

test("their stack mounts the share and lets roles read it", async () => {
  const { one, resources } = await build(
    () =>
      new SharedReadings("shared", {
        share: "FLUX.OPERATIONS.FLUX_PROD_X",
        readerRoles: ["ANALYST", "AUDITOR"],
      }),
  );
  expect(one("snowflake:index/sharedDatabase:SharedDatabase").inputs).toMatchObject({
    name: "FLUX_READINGS",
    fromShare: '"FLUX"."OPERATIONS"."FLUX_PROD_X"',
  });
  const grants = resources.filter(({ type }) => type.includes("GrantPrivilegesToAccountRole"));
  expect(grants.map(({ name, inputs }) => [name, inputs.accountRoleName, inputs.privileges])).toEqual([
    ["shared-reader-analyst", "ANALYST", ["IMPORTED PRIVILEGES"]],
    ["shared-reader-auditor", "AUDITOR", ["IMPORTED PRIVILEGES"]],
  ]);
});

describe("what they run", () => {
  const facts = {
    storageProvider: "S3",
    roleArn: "arn:aws:iam::111111111111:role/flux-prod-partner-gridworks",
    externalId: "it's-an-external-id",
    url: "s3://flux-prod-raw/raw/ami/",
  };

  test("names role, external ID and folder, each as a literal", () => {
    expect(firstSql(facts)).toContain("STORAGE_AWS_EXTERNAL_ID = 'it''s-an-external-id'");
    expect(firstSql(facts)).toContain(`STORAGE_AWS_ROLE_ARN = '${facts.roleArn}'`);
    expect(firstSql(facts)).toContain("STORAGE_ALLOWED_LOCATIONS = ('s3://flux-prod-raw/raw/ami/')");
  });

  test("loads just as the owner does", () => {
    const sql = loadSql(facts, "ami_interval_readings/");
    expect(sql).toContain("FROM @FLUX_READINGS/ami_interval_readings/");
    expect(sql).toContain("MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE");
    // docs: COPY INTO <table>, usage notes: with a clustered table, which row an error skips is not said.
    expect(sql).toContain("ON_ERROR = ABORT_STATEMENT");
    expect(sql).not.toContain("CLUSTER BY");
    expect(sql.match(/^ {2}[A-Z_]+ (VARCHAR|TIMESTAMP_NTZ|FLOAT|NUMBER)/gm)).toHaveLength(7);
  });

  test("mounts a share by its full name", () => {
    const sql = mountSql({ share: "FLUX.OPERATIONS.S", schema: "PRODUCTION", table: "READINGS" });
    expect(sql).toContain("CREATE DATABASE FLUX_READINGS FROM SHARE FLUX.OPERATIONS.S;");
    expect(sql).toContain("FROM FLUX_READINGS.PRODUCTION.READINGS;");
  });
});
