import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { documents } from "../../config/documents.ts";
import { type EnvironmentConfig, readConfig } from "../../config/index.ts";
import { ConfigError } from "../../config/mistakes.ts";
import { type Neighbour, neighboursIn, type Source } from "../../config/source.ts";

const RIGHT = {
  "aws:region": "us-east-1",
  "snowflake:organizationName": "FLUX",
  "snowflake:accountName": "OPERATIONS",
  "flux-ami:awsAccountId": "111111111111",
};
const PARTNER = {
  "aws:region": "us-east-1",
  "snowflake:organizationName": "FLUX",
  "snowflake:accountName": "OPERATIONS",
  "flux-ami:kind": "partner",
  "flux-ami:owner": "prod",
};
const CONSUMER = {
  "aws:region": "us-east-1",
  "snowflake:organizationName": "PARTNERCO",
  "snowflake:accountName": "ANALYTICS",
  "flux-ami:kind": "partner-consumer",
};

const LOGIN = { SNOWFLAKE_USER: "DEPLOYER", SNOWFLAKE_PASSWORD: "from the environment" };

interface Given {
  stack?: string;
  secretKeys?: string[];
  environment?: Record<string, string>;
  neighbours?: Neighbour[];
}

const source = (values: Record<string, string | undefined>, given: Given = {}): Source => ({
  stack: given.stack ?? "dev",
  values,
  secretKeys: given.secretKeys ?? [],
  today: "2026-07-01",
  environment: given.environment ?? LOGIN,
  neighbours: () => given.neighbours ?? [],
});

const environment = (values: Record<string, string | undefined> = {}, given?: Given) =>
  readConfig(source({ ...RIGHT, ...values }, given)) as EnvironmentConfig;

function refused(values: Record<string, string | undefined>, given?: Given): ConfigError {
  try {
    readConfig(source(values, given));
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("the config was accepted");
}

/** A wrong config: what is set, the key at fault, and what the message must say of what is allowed or of the cure. */
type Wrong = [set: Record<string, string | undefined>, key: string, says: RegExp];

const wrongEnvironments: Wrong[] = [
  [{ "flux-ami:awsAccountId": undefined }, "flux-ami:awsAccountId", /is missing[\s\S]*12 digits/],
  [{ "flux-ami:awsAccountId": "12345678901" }, "flux-ami:awsAccountId", /12 digits, in quotes/],
  [
    { "flux-ami:awsAccountId": "my-account" },
    "flux-ami:awsAccountId",
    /pulumi config set -s dev flux-ami:awsAccountId/,
  ],
  [{ "flux-ami:environment": "Dev" }, "flux-ami:environment", /lower-case/],
  [{ "flux-ami:environment": "dev_2" }, "flux-ami:environment", /single hyphens/],
  [{ "flux-ami:environment": "a".repeat(60) }, "flux-ami:bucketName", /shorter environment/],
  [{ "aws:region": "us-esat-1" }, "aws:region", /did you mean us-east-1\?/],
  [{ "aws:region": undefined }, "aws:region", /is missing[\s\S]*pulumi config set -s dev aws:region/],
  [{ "aws:region": "us-iso-east-1" }, "aws:region", /aws, aws-us-gov or aws-cn/],
  [{ "snowflake:organizationName": undefined }, "snowflake:organizationName", /SNOWFLAKE_ORGANIZATION_NAME/],
  [{ "snowflake:organizationName": "MY-ORG" }, "snowflake:organizationName", /letters and digits/],
  [{ "snowflake:accountName": "xy12345.us-east-1" }, "snowflake:accountName", /not the old locator/],
  [{ "snowflake:account": "xy12345" }, "snowflake:account", /did you mean snowflake:organizationName/],
  [{ "snowflake:usr": "ME" }, "snowflake:usr", /did you mean snowflake:user\?/],
  [{ "snowflake:password": "hunter2" }, "snowflake:password", /pulumi config set -s dev --secret/],
  [{ "snowflake:token": "ver:1-hint:1" }, "snowflake:token", /encrypted/],
  [
    { "snowflake:authenticator": "PROGRAMMATIC_ACCESS_TOKEN" },
    "snowflake:authenticator (or SNOWFLAKE_AUTHENTICATOR)",
    /does not know programmatic access tokens; use a key pair/,
  ],
  [
    { "snowflake:authenticator": "WORKLOAD_IDENTITY" },
    "snowflake:authenticator (or SNOWFLAKE_AUTHENTICATOR)",
    /does not know workload identity/,
  ],
  [{ "flux-ami:kind": "enviroment" }, "flux-ami:kind", /did you mean environment\?/],
  [{ "flux-ami:protect": "yes" }, "flux-ami:protect", /true or false/],
  [{ "flux-ami:bucketName": "My_Bucket" }, "flux-ami:bucketName", /lower-case/],
  [{ "flux-ami:bucketName": "my.bucket" }, "flux-ami:bucketName", /without dots/],
  [{ "flux-ami:bucketName": "ab" }, "flux-ami:bucketName", /3 to 63/],
  [{ "flux-ami:bucketName": "readings-s3alias" }, "flux-ami:bucketName", /reserves/],
  [{ "flux-ami:adoptBucket": "true" }, "flux-ami:bucketName", /is missing[\s\S]*useBucket/],
  [
    { "flux-ami:adoptBucket": "true", "flux-ami:bucketName": "theirs", "flux-ami:deleteRawData": "true" },
    "flux-ami:deleteRawData",
    /never deleted/,
  ],
  [{ "flux-ami:prefix": "/raw/ami/" }, "flux-ami:prefix", /not starting with a slash/],
  [{ "flux-ami:prefix": "raw/ami" }, "flux-ami:prefix", /ending with one/],
  [{ "flux-ami:prefix": "raw/*/" }, "flux-ami:prefix", /without wildcards/],
  [{ "flux-ami:prefix": "raw/../secret/" }, "flux-ami:prefix", /\.\./],
  [{ "flux-ami:prefix": "raw/$" + "{aws:username}/" }, "flux-ami:prefix", /without wildcards/],
  [{ "flux-ami:readingsPath": "ami??/" }, "flux-ami:readingsPath", /without wildcards/],
  [{ "flux-ami:roleName": "flux/dev role" }, "flux-ami:roleName", /1 to 64/],
  [
    { "flux-ami:permissionsBoundary": "arn:aws:iam::1:policy/x" },
    "flux-ami:permissionsBoundary",
    /arn:<partition>:iam::<account>:policy/,
  ],
  [
    { "flux-ami:permissionsBoundary": "arn:aws-cn:iam::111111111111:policy/x" },
    "flux-ami:permissionsBoundary",
    /partition aws-cn/,
  ],
  [{ "flux-ami:kmsKeyArns": '["alias/readings"]' }, "flux-ami:kmsKeyArns", /not of aliases/],
  [
    { "flux-ami:kmsKeyArns": '["arn:aws:kms:eu-west-1:111111111111:key/1234abcd"]' },
    "flux-ami:kmsKeyArns",
    /the bucket's own region, which is us-east-1/,
  ],
  [{ "flux-ami:useBucket": "true" }, "flux-ami:bucketName", /because useBucket is true/],
  [{ "flux-ami:useDatabase": "true" }, "flux-ami:databaseName", /the name of the database to use/],
  [{ "flux-ami:useRole": "true" }, "flux-ami:loaderRoleName", /the name of the role to use/],
  [
    { "flux-ami:useWarehouse": "true", "flux-ami:warehouseName": "W", "flux-ami:monthlyCreditQuota": "10" },
    "flux-ami:monthlyCreditQuota",
    /only for a warehouse that the stack makes/,
  ],
  [
    {
      "flux-ami:useIntegration": "true",
      "flux-ami:integrationName": "I",
      "flux-ami:externalId": "0123456789abcdef",
    },
    "flux-ami:externalId",
    /only for a storage integration that the stack makes/,
  ],
  [{ "flux-ami:useSchema": "true" }, "flux-ami:useDatabase", /because useSchema is true/],
  [
    {
      "flux-ami:useDatabase": "true",
      "flux-ami:databaseName": "D",
      "flux-ami:useSchema": "true",
      "flux-ami:onDelete": "drop",
    },
    "flux-ami:onDelete",
    /retain or truncate/,
  ],
  [{ "flux-ami:bucketGuards": "verify" }, "flux-ami:bucketGuards", /the stack makes the bucket/],
  [{ "flux-ami:integrationName": "s3_integration" }, "flux-ami:integrationName", /upper-case/],
  [{ "flux-ami:externalId": "short" }, "flux-ami:externalId", /16 to 1224/],
  [{ "flux-ami:externalId": "a".repeat(1225) }, "flux-ami:externalId", /16 to 1224/],
  [{ "flux-ami:externalId": "has spaces in the middle" }, "flux-ami:externalId", /letters, digits/],
  [{ "flux-ami:databaseName": "1FLUX" }, "flux-ami:databaseName", /not starting with a digit/],
  [{ "flux-ami:schemaName": "PROD-1" }, "flux-ami:schemaName", /upper-case letters, digits/],
  [{ "flux-ami:tableName": 'A"B' }, "flux-ami:tableName", /upper-case/],
  [{ "flux-ami:metersTable": "METERS" }, "flux-ami:metersTable", /DATABASE\.SCHEMA\.TABLE/],
  [
    { "flux-ami:metersTable": "FLUX_DEV.PRODUCTION.AMI_INTERVAL_READINGS" },
    "flux-ami:metersTable",
    /does not make itself/,
  ],
  [{ "flux-ami:warehouseSize": "HUGE" }, "flux-ami:warehouseSize", /XSMALL, SMALL, MEDIUM/],
  [{ "flux-ami:warehouseSize": "MEDUIM" }, "flux-ami:warehouseSize", /did you mean MEDIUM\?/],
  [
    { "flux-ami:loadWarehouseSize": "SMALL" },
    "flux-ami:loadWarehouseSize",
    /at least warehouseSize, which is MEDIUM/,
  ],
  [{ "flux-ami:autoSuspendSeconds": "900" }, "flux-ami:autoSuspendSeconds", /from 60 to 300/],
  [{ "flux-ami:autoSuspendSeconds": "soon" }, "flux-ami:autoSuspendSeconds", /whole number of seconds/],
  [{ "flux-ami:statementTimeoutSeconds": "0" }, "flux-ami:statementTimeoutSeconds", /from 60 to 86400/],
  [{ "flux-ami:monthlyCreditQuota": "-5" }, "flux-ami:monthlyCreditQuota", /credits a month/],
  [{ "flux-ami:readinessTimeoutSeconds": "5" }, "flux-ami:readinessTimeoutSeconds", /from 10 to 1800/],
  [{ "flux-ami:maxRejectedRows": "1.5" }, "flux-ami:maxRejectedRows", /whole number of rows/],
  [{ "flux-ami:replacedFiles": "ignore" }, "flux-ami:replacedFiles", /fail, skip, replace/],
  [{ "flux-ami:onDelete": "delete" }, "flux-ami:onDelete", /retain, truncate, drop/],
  [{ "flux-ami:expectedFrom": "2025-02-30" }, "flux-ami:expectedFrom", /a day that exists/],
  [{ "flux-ami:expectedFrom": "01/02/2025" }, "flux-ami:expectedFrom", /YYYY-MM-DD/],
  [
    { "flux-ami:expectedFrom": "2025-04-30", "flux-ami:expectedTo": "2025-01-01" },
    "flux-ami:expectedTo",
    /not before expectedFrom/,
  ],
  [{ "flux-ami:quality": '"strict"' }, "flux-ami:quality", /a map with the keys .*continuity/],
  [
    { "flux-ami:quality": '{"voltge":{}}' },
    "flux-ami:quality.voltge",
    /did you mean flux-ami:quality\.voltage\?/,
  ],
  [
    { "flux-ami:quality": '{"voltage":{"minShare":99}}' },
    "flux-ami:quality.voltage.minShare",
    /number from 0 to 1[\s\S]*-s dev --path flux-ami:quality\.voltage\.minShare/,
  ],
  [
    { "flux-ami:quality": '{"voltage":{"min":130}}' },
    "flux-ami:quality.voltage.max",
    /more than quality\.voltage\.min/,
  ],
  [
    { "flux-ami:quality": '{"duplicates":{"severity":"error"}}' },
    "flux-ami:quality.duplicates.severity",
    /fail, warn, off/,
  ],
  [
    { "flux-ami:quality": '{"continuity":{"intervalMinutes":7}}' },
    "flux-ami:quality.continuity.intervalMinutes",
    /divide a day/,
  ],
  [{ "flux-ami:warehousSize": "MEDIUM" }, "flux-ami:warehousSize", /did you mean flux-ami:warehouseSize\?/],
  [
    { "flux-ami:nonsense": "1" },
    "flux-ami:nonsense",
    /no such key; the nearest are \w+, \w+, \w+\n[\s\S]*remove it/,
  ],
  [{ "flux-ami:dbName": "X" }, "flux-ami:dbName", /the nearest are [\w, ]*tableName/],
  [
    { "flux-ami:warehouseSize": "7X-Large" },
    "flux-ami:warehouseSize",
    /pulumi config set -s dev flux-ami:warehouseSize MEDIUM/,
  ],
  [
    { "flux-ami:warehouseSize": "XXXXXXXLARGE" },
    "flux-ami:warehouseSize",
    /pulumi config set -s dev flux-ami:warehouseSize MEDIUM/,
  ],
  [
    { "flux-ami:warehouseSize": "2X-LRGE" },
    "flux-ami:warehouseSize",
    /pulumi config set -s dev flux-ami:warehouseSize MEDIUM/,
  ],
  [{ "flux-ami:loadWarehouseSize": "X-LRAGE" }, "flux-ami:loadWarehouseSize", /did you mean XLARGE\?/],
  [{ "flux-ami:loaderRoleName": "ACCOUNTADMIN" }, "flux-ami:loaderRoleName", /a role of the stack's own/],
  [{ "flux-ami:loaderRoleName": "PUBLIC" }, "flux-ami:loaderRoleName", /a role of the stack's own/],
  [
    { "flux-ami:loaderRoleName": "DEPLOYER", "flux-ami:deployerRoleName": "DEPLOYER" },
    "flux-ami:loaderRoleName",
    /another role than the one that deploys/,
  ],
  [
    { "flux-ami:loaderRoleName": "DEPLOYER", "snowflake:role": "DEPLOYER" },
    "flux-ami:loaderRoleName",
    /another role than the one that deploys/,
  ],
  [{ "flux-ami:deployerRoleName": "PUBLIC" }, "flux-ami:deployerRoleName", /not everybody has/],
  [{ "flux-ami:databaseName": "SNOWFLAKE" }, "flux-ami:databaseName", /a database of the stack's own/],
  [
    { "flux-ami:databaseName": "SNOWFLAKE_SAMPLE_DATA" },
    "flux-ami:databaseName",
    /a database of the stack's own/,
  ],
  [{ "flux-ami:schemaName": "INFORMATION_SCHEMA" }, "flux-ami:schemaName", /not INFORMATION_SCHEMA/],
  [{ "flux-ami:tableName": "SELECT" }, "flux-ami:tableName", /no reserved word/],
  [{ "flux-ami:tableName": "T".repeat(241) }, "flux-ami:tableName", /at most 240/],
  [
    { "flux-ami:permissionsBoundary": "arn:aws:iam::222222222222:policy/boundary" },
    "flux-ami:permissionsBoundary",
    /awsAccountId 111111111111[\s\S]*arn:aws:iam::111111111111:policy\/boundary/,
  ],
  [{ "flux-ami:autoSuspendSeconds": "60.5" }, "flux-ami:autoSuspendSeconds", /whole number of seconds/],
  [{ "flux-ami:autoSuspendSeconds": "sixty" }, "flux-ami:autoSuspendSeconds", /pulumi config set/],
  [{ "flux-ami:autoSuspendSeconds": "NaN" }, "flux-ami:autoSuspendSeconds", /whole number of seconds/],
  [{ "flux-ami:maxRejectedRows": "99999999999999999999999" }, "flux-ami:maxRejectedRows", /to 1000000000/],
  [
    { "flux-ami:externalId": "1.2345678901234568e+29" },
    "flux-ami:externalId",
    /write the number out, in quotes/,
  ],
  [{ "flux-ami:maxRejectedRows": "1e+23" }, "flux-ami:maxRejectedRows", /write the number out/],
  [{ "flux-ami:stageName": '["A","B"]' }, "flux-ami:stageName", /a Snowflake name/],
  [{ "flux-ami:roleName": '{"a":"b"}' }, "flux-ami:roleName", /an IAM role name/],
  [{ "flux-ami:quality": "[1]" }, "flux-ami:quality", /a map with the keys/],
  [
    { "flux-ami:quality": '{"duplicates":{"max":110.5}}' },
    "flux-ami:quality.duplicates.max",
    /is "110.5"[\s\S]*whole number of rows/,
  ],
  [
    { "flux-ami:quality": '{"accountedRows":{"maxMissing":12345678901234567891}}' },
    "flux-ami:quality.accountedRows.maxMissing",
    /is "12345678901234567891"/,
  ],
  [
    { "flux-ami:quality": '{"voltage":{"minShare":"NaN"}}' },
    "flux-ami:quality.voltage.minShare",
    /a number from 0 to 1/,
  ],
  [
    { "flux-ami:quality": '{"voltage":[1]}' },
    "flux-ami:quality.voltage",
    /a map with the keys severity, min/,
  ],
  [{ "flux-ami:way": "dataShare" }, "flux-ami:way", /only in a stack of kind partner/],
];

const wrongPartners: Wrong[] = [
  [
    { "flux-ami:way": "storageIntegration", "flux-ami:partnerUntil": "soon" },
    "flux-ami:partnerUntil",
    /a day/,
  ],
  [{ "flux-ami:way": undefined }, "flux-ami:way", /bucketAccess, storageIntegration, dataShare/],
  [{ "flux-ami:way": "datashare2" }, "flux-ami:way", /did you mean dataShare\?/],
  [
    { "flux-ami:way": "dataShare" },
    "flux-ami:partnerSnowflakeAccount",
    /ORGANIZATION\.ACCOUNT; the way dataShare needs it/,
  ],
  [
    { "flux-ami:way": "dataShare", "flux-ami:partnerSnowflakeAccount": "xy12345" },
    "flux-ami:partnerSnowflakeAccount",
    /ORGANIZATION\.ACCOUNT/,
  ],
  [{ "flux-ami:way": "bucketAccess" }, "flux-ami:partnerPrincipal", /the way bucketAccess needs it/],
  [
    { "flux-ami:way": "bucketAccess", "flux-ami:partnerPrincipal": "*" },
    "flux-ami:partnerPrincipal",
    /without wildcards/,
  ],
  [
    { "flux-ami:way": "bucketAccess", "flux-ami:partnerPrincipal": "arn:aws:iam::222222222222:role/*" },
    "flux-ami:partnerPrincipal",
    /without wildcards/,
  ],
  [
    { "flux-ami:way": "bucketAccess", "flux-ami:partnerPrincipal": "arn:aws-cn:iam::222222222222:role/r" },
    "flux-ami:partnerPrincipal",
    /partition of aws:region/,
  ],
  [
    {
      "flux-ami:way": "storageIntegration",
      "flux-ami:snowflakeIamUserArn": "arn:aws:iam::222222222222:role/r",
    },
    "flux-ami:snowflakeIamUserArn",
    /one IAM user/,
  ],
  [
    { "flux-ami:way": "storageIntegration", "flux-ami:partnerPrincipal": "222222222222" },
    "flux-ami:partnerPrincipal",
    /only with the way bucketAccess/,
  ],
  [
    { "flux-ami:way": "storageIntegration", "flux-ami:partnerPrefix": "raw/*/" },
    "flux-ami:partnerPrefix",
    /wildcards/,
  ],
  [
    { "flux-ami:way": "storageIntegration", "flux-ami:owner": undefined },
    "flux-ami:owner",
    /name of a stack/,
  ],
  [
    { "flux-ami:way": "storageIntegration", "flux-ami:warehouseSize": "XLARGE" },
    "flux-ami:warehouseSize",
    /only in a stack of kind environment/,
  ],
];

const wrongConsumers: Wrong[] = [
  [{}, "flux-ami:share", /ORGANIZATION\.ACCOUNT\.SHARE/],
  [{ "flux-ami:share": "FLUX_PROD" }, "flux-ami:share", /ORGANIZATION\.ACCOUNT\.SHARE/],
  [
    { "flux-ami:share": "FLUX.OPERATIONS.S", "flux-ami:readerRoles": '["analyst"]' },
    "flux-ami:readerRoles",
    /upper case/,
  ],
  [
    { "flux-ami:share": "FLUX.OPERATIONS.S", "flux-ami:readerRoles": "ANALYST" },
    "flux-ami:readerRoles",
    /a list/,
  ],
];

const rows = (base: Record<string, string>, wrongs: Wrong[]) =>
  wrongs.map(([set, key, says]) => ({
    set: { ...base, ...set },
    key,
    says,
    title: `${key}: ${JSON.stringify(set)}`,
  }));

const wrongs = [
  ...rows(RIGHT, wrongEnvironments),
  ...rows(PARTNER, wrongPartners),
  ...rows(CONSUMER, wrongConsumers),
];

describe("a wrong config", () => {
  test.each(wrongs)("$title", ({ set, key, says }) => {
    const error = refused(set);
    const mistake = error.mistakes.find((one) => one.key === key);
    expect({ keys: error.mistakes.map((one) => one.key), mistake }).toMatchObject({ mistake: { key } });
    // Key, value, what is allowed and the cure are all in the one message.
    expect(error.message).toContain(key);
    if (mistake?.value !== undefined) expect(error.message).toContain(JSON.stringify(mistake.value));
    expect(error.message).toContain(mistake?.allowed);
    expect(error.message).toContain(mistake?.cure);
    expect(error.message).toMatch(says);
    expect(error.message).toContain("nothing was changed");
  });

  test("has only the one mistake that was made", () => {
    const several = wrongs.filter(({ set }) => refused(set).mistakes.length !== 1);
    // The two names that an environment of 60 letters makes too long.
    expect(several.map(({ key }) => key)).toEqual(["flux-ami:bucketName"]);
  });

  test("is told of all its mistakes at once", () => {
    const error = refused({
      ...RIGHT,
      "aws:region": "mars-1",
      "flux-ami:warehouseSize": "HUGE",
      "flux-ami:autoSuspendSeconds": "900",
      "flux-ami:prefx": "raw/",
      "flux-ami:quality": '{"voltage":{"min":"x","maxx":1}}',
      "snowflake:password": "hunter2",
    });
    expect(error.mistakes.map((one) => one.key).sort()).toEqual([
      "aws:region",
      "flux-ami:autoSuspendSeconds",
      "flux-ami:prefx",
      "flux-ami:quality.voltage.maxx",
      "flux-ami:quality.voltage.min",
      "flux-ami:warehouseSize",
      "snowflake:password",
    ]);
    expect(error.message).toMatch(/^7 mistakes in the config of stack dev/);
  });

  test("says in one mistake that there is no login to Snowflake, with the command that cures it", () => {
    const error = refused(RIGHT, { environment: {} });
    expect(error.mistakes).toHaveLength(1);
    expect(error.message).toMatch(/there is no login to Snowflake[\s\S]*cure: export SNOWFLAKE_USER=/);
    const bucketAccess = {
      ...PARTNER,
      "flux-ami:way": "bucketAccess",
      "flux-ami:partnerPrincipal": "222222222222",
    };
    expect(() => readConfig(source(bucketAccess, { environment: {} }))).not.toThrow();
  });

  test("never shows a secret", () => {
    expect(refused({ ...RIGHT, "snowflake:password": "hunter2" }).message).not.toContain("hunter2");
    const environment = { SNOWFLAKE_USER: "U", SNOWFLAKE_PRIVATE_KEY: "hunter2", SNOWFLAKE_TOKEN: "hunter3" };
    const { message } = refused({ ...RIGHT, "snowflake:authenticator": "JWT" }, { environment });
    expect(message).toMatch(/snowflake:privateKey \(or SNOWFLAKE_PRIVATE_KEY\) is "\(not shown\)"/);
    expect(message).not.toMatch(/hunter/);
  });
});

describe("a right config", () => {
  test("needs four lines; the rest follows from the environment", () => {
    expect(environment()).toMatchObject({
      kind: "environment",
      environment: "dev",
      partition: "aws",
      snowflake: { organizationName: "FLUX", accountName: "OPERATIONS" },
      protect: true,
      bucketName: "flux-dev-raw-111111111111",
      roleName: "flux-dev-snowflake-raw-ami",
      integrationName: "FLUX_DEV_S3_INTEGRATION",
      databaseName: "FLUX_DEV",
      schemaName: "PRODUCTION",
      tableName: "AMI_INTERVAL_READINGS",
      stageName: "EXT_RAW_AMI",
      warehouseName: "FLUX_DEV_LOAD_WH",
      warehouseSize: "MEDIUM",
      loadWarehouseSize: "XLARGE",
      loaderRoleName: "FLUX_DEV_LOADER",
      deployerRoleName: "ACCOUNTADMIN",
      bucketReaders: [],
    });
  });

  test("gives two environments of one account no name in common", () => {
    const named = [
      "bucketName",
      "roleName",
      "integrationName",
      "databaseName",
      "warehouseName",
      "loaderRoleName",
    ] as const;
    const names = (stack: string) => named.map((name) => environment({}, { stack })[name]);
    const all = ["dev", "prod", "prod-eu", "a-b", "ab", "a-b-c"].flatMap(names);
    expect(new Set(all).size).toBe(all.length);
  });

  test("may name everything itself", () => {
    const set = {
      bucketName: "b-b-b",
      roleName: "r",
      integrationName: "I",
      databaseName: "D",
      warehouseName: "W",
    };
    const values = Object.fromEntries(Object.entries(set).map(([key, value]) => [`flux-ami:${key}`, value]));
    expect(environment(values)).toMatchObject(set);
  });

  test("takes Snowflake's account and role from the environment as well", () => {
    const config = environment(
      { "snowflake:organizationName": undefined, "snowflake:accountName": undefined },
      {
        environment: {
          SNOWFLAKE_ORGANIZATION_NAME: "flux",
          SNOWFLAKE_ACCOUNT_NAME: "ops",
          SNOWFLAKE_ROLE: "DEPLOYER",
          ...LOGIN,
        },
      },
    );
    expect(config.snowflake).toEqual({ organizationName: "FLUX", accountName: "OPS" });
    expect(config.deployerRoleName).toBe("DEPLOYER");
  });

  test.each([
    ["us-gov-west-1", "aws-us-gov"],
    ["cn-north-1", "aws-cn"],
    ["eu-central-1", "aws"],
  ])("knows that %s lies in %s", (region, partition) => {
    expect(environment({ "aws:region": region }).partition).toBe(partition);
  });

  test.each([
    ["MEDIUM", "Medium m"],
    ["LARGE", "Large L"],
    ["XLARGE", "x-large X-LARGE XLarge xlarge XL"],
    ["XXLARGE", "XXLARGE X2LARGE 2X-Large 2XLARGE 2x_large XX-Large 2XL XXL"],
    ["XXXLARGE", "XXXLARGE X3LARGE 3X-Large 3XL"],
    ["X4LARGE", "X4LARGE 4X-Large 4XLARGE XXXXLARGE"],
    ["X6LARGE", "X6LARGE 6X-Large 6XL"],
  ])("knows %s in every spelling of Snowflake's", (size, spellings) => {
    for (const spelling of spellings.split(" "))
      expect([spelling, environment({ "flux-ami:loadWarehouseSize": spelling }).loadWarehouseSize]).toEqual([
        spelling,
        size,
      ]);
  });

  test.each([
    ["XSMALL", "X-Small xsmall XS"],
    ["SMALL", "Small S"],
  ])("knows %s, too", (size, spellings) => {
    for (const spelling of spellings.split(" "))
      expect(environment({ "flux-ami:warehouseSize": spelling }).warehouseSize).toBe(size);
  });

  test("may have a day without quotes, which YAML takes for a moment", () => {
    const { expectedFrom } = environment({ "flux-ami:expectedFrom": "2025-01-01 00:00:00 +0000 UTC" });
    expect(expectedFrom).toBe("2025-01-01");
  });

  test.each(["arn:aws:iam::111111111111:policy/b", "arn:aws:iam::aws:policy/PowerUserAccess"])(
    "may be bounded by %s",
    (boundary) => {
      expect(environment({ "flux-ami:permissionsBoundary": boundary }).permissionsBoundary).toBe(boundary);
    },
  );

  test("reads numbers, flags and thresholds as such", () => {
    const config = environment({
      "flux-ami:adoptBucket": "true",
      "flux-ami:bucketName": "mine",
      "flux-ami:monthlyCreditQuota": "20",
      "flux-ami:quality": '{"voltage":{"min":108,"minShare":0.5},"duplicates":{"severity":"warn"}}',
    });
    expect(config).toMatchObject({ adoptBucket: true, monthlyCreditQuota: 20 });
    expect(config.quality).toEqual({
      voltage: { min: 108, minShare: 0.5 },
      duplicates: { severity: "warn" },
    });
  });

  test("keeps an encrypted password out of its own data", () => {
    const config = environment({ "snowflake:password": "hunter2" }, { secretKeys: ["snowflake:password"] });
    expect(JSON.stringify(config)).not.toContain("hunter2");
  });

  test("reads a partner's and a consumer's stack", () => {
    const partner = readConfig(
      source(
        {
          ...PARTNER,
          "flux-ami:way": "dataShare",
          "flux-ami:partnerSnowflakeAccount": "PARTNERCO.ANALYTICS",
        },
        { stack: "gridworks" },
      ),
    );
    expect(partner).toMatchObject({ kind: "partner", partner: "gridworks", owner: "prod", way: "dataShare" });
    const consumer = readConfig(
      source({
        ...CONSUMER,
        "flux-ami:share": "FLUX.OPERATIONS.READINGS",
        "flux-ami:readerRoles": '["ANALYST"]',
      }),
    );
    expect(consumer).toMatchObject({ databaseName: "FLUX_READINGS", readerRoles: ["ANALYST"] });
  });
});

describe("partners' files beside the owner's", () => {
  const file = (values: Record<string, string>, stack = "gridworks"): Neighbour => ({
    stack,
    file: `Pulumi.${stack}.yaml`,
    values: {
      "flux-ami:kind": "partner",
      "flux-ami:owner": "dev",
      "flux-ami:way": "bucketAccess",
      "flux-ami:partnerPrincipal": "222222222222",
      ...values,
    },
  });
  const readers = (...neighbours: Neighbour[]) => environment({}, { neighbours }).bucketReaders;

  test("let their principals read", () => {
    expect(
      readers(
        file({}),
        file(
          {
            "flux-ami:partnerPrincipal": "arn:aws:iam::333333333333:role/r",
            "flux-ami:partnerPrefix": "raw/ami/x/",
          },
          "acme",
        ),
      ),
    ).toEqual([
      { partner: "gridworks", principal: "222222222222", prefix: "raw/ami/" },
      { partner: "acme", principal: "arn:aws:iam::333333333333:role/r", prefix: "raw/ami/x/" },
    ]);
  });

  test("let them read until their last day, and no longer", () => {
    expect(readers(file({ "flux-ami:partnerUntil": "2026-07-01" }))).toHaveLength(1);
    expect(readers(file({ "flux-ami:partnerUntil": "2026-06-30" }))).toEqual([]);
    const partner = (until: string) =>
      readConfig(
        source({ ...PARTNER, "flux-ami:way": "storageIntegration", "flux-ami:partnerUntil": until }),
      );
    expect(partner("2026-07-01")).toMatchObject({ ended: false });
    expect(partner("2026-06-30")).toMatchObject({ ended: true });
  });

  test("are as many as fit into the bucket's policy; how many that are is said", () => {
    const many = (count: number, more: (account: string, index: number) => Record<string, string>) =>
      Array.from({ length: count }, (_, index) =>
        file(more(String(200_000_000_000 + index), index), `partner-${index}`),
      );
    const role = (account: string) => ({
      "flux-ami:partnerPrincipal": `arn:aws:iam::${account}:role/teams/energy/readings-reader`,
    });
    const kinds: [number, Parameters<typeof many>[1]][] = [
      [80, role],
      [400, (account) => ({ "flux-ami:partnerPrincipal": account })],
      // Folders of their own are statements of their own.
      [25, (account, index) => ({ ...role(account), "flux-ami:partnerPrefix": `raw/ami/region-${index}/` })],
    ];
    for (const [count, kind] of kinds) {
      expect(readers(...many(count, kind))).toHaveLength(count);
      const { mistakes } = refused(RIGHT, { neighbours: many(1_000, kind) });
      expect(mistakes).toMatchObject([
        { key: "flux-ami:partnerPrincipal", value: expect.stringMatching(/^1000 partners/) },
      ]);
      const fits = Number(/: (\d+) of these partners fit/.exec(mistakes[0]?.allowed ?? "")?.[1]);
      expect(fits).toBeGreaterThanOrEqual(count);
      expect(readers(...many(fits, kind))).toHaveLength(fits);
      expect(() => readers(...many(fits + 1, kind))).toThrow(ConfigError);
    }
  });

  test("of another owner, another way or another kind do not matter here, right or wrong", () => {
    expect(
      readers(
        file({ "flux-ami:owner": "prod", "flux-ami:partnerPrincipal": "*" }),
        file({ "flux-ami:way": "dataShare" }),
        file({ "flux-ami:kind": "environment" }),
        { stack: "other", file: "Pulumi.other.yaml", values: {} },
      ),
    ).toEqual([]);
  });

  test("are named when they are wrong, with all their mistakes", () => {
    const error = refused(RIGHT, {
      neighbours: [
        file({ "flux-ami:partnerPrincipal": "*", "flux-ami:partnerPrefx": "raw/ami/" }),
        file({ "flux-ami:partnerPrefix": "raw/other/" }, "acme"),
      ],
    });
    expect(error.mistakes.map((one) => one.key)).toEqual([
      "Pulumi.gridworks.yaml → flux-ami:partnerPrefx",
      "Pulumi.gridworks.yaml → flux-ami:partnerPrincipal",
      "Pulumi.acme.yaml → flux-ami:partnerPrefix",
    ]);
    expect(error.message).toMatch(/a folder within raw\/ami\//);
    // The cure is for the partner's file, not for the stack that reads it.
    expect(error.message).toContain("pulumi config set -s gridworks flux-ami:partnerPrincipal arn:");
  });
});

describe("neighbours' stack files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "stacks-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test("are read to their last digit, objects too", () => {
    writeFileSync(
      join(folder, "Pulumi.prod.yaml"),
      [
        "config:",
        "  flux-ami:awsAccountId: 123456789012",
        "  flux-ami:maxRejectedRows: 12345678901234567890",
        "  flux-ami:quality: { accountedRows: { maxMissing: 12345678901234567890 }, keyNulls: { maxShare: 0.5 } }",
        "  flux-ami:readerRoles: [ANALYST]",
      ].join("\n"),
    );
    const [prod] = neighboursIn(folder, "dev");
    expect(prod?.values).toEqual({
      "flux-ami:awsAccountId": "123456789012",
      "flux-ami:maxRejectedRows": "12345678901234567890",
      "flux-ami:quality":
        '{"accountedRows":{"maxMissing":"12345678901234567890"},"keyNulls":{"maxShare":"0.5"}}',
      "flux-ami:readerRoles": '["ANALYST"]',
    });
  });

  test.each([
    ["a key twice", "config:\n  flux-ami:kind: partner\n  flux-ami:kind: partner\n", /at line 2|at line 3/],
    ["no YAML", "config: {", /line/],
  ])("with %s are named, with the line", (_what, text, says) => {
    writeFileSync(join(folder, "Pulumi.prod.yaml"), text);
    expect(() => neighboursIn(folder, "dev")).toThrow(ConfigError);
    expect(() => neighboursIn(folder, "dev")).toThrow(says);
    expect(() => neighboursIn(folder, "dev")).toThrow(/Pulumi\.prod\.yaml is[\s\S]*cure:/);
  });
});

test("a stack file in UTF-16 is refused by name, not taken for one without keys", () => {
  const folder = mkdtempSync(join(tmpdir(), "flux-utf16-"));
  const text = Buffer.from("config:\n  flux-ami:kind: partner\n", "utf16le");
  writeFileSync(join(folder, "Pulumi.gridworks.yaml"), Buffer.concat([Buffer.from([0xff, 0xfe]), text]));
  expect(() => neighboursIn(folder, "dev")).toThrow(
    /Pulumi\.gridworks\.yaml is "a text in UTF-16[\s\S]*allowed: YAML in UTF-8[\s\S]*cure: write it anew/,
  );
  rmSync(folder, { recursive: true });
});

describe("Pulumi.yaml", () => {
  const project = parse(readFileSync("Pulumi.yaml", "utf8")) as {
    config: Record<string, { default: unknown; description: string }>;
  };

  test.each(["Pulumi.yaml", "docs/settings.md"])("%s says of the keys what the program does", (file) => {
    // `make format` writes it anew.
    expect(readFileSync(file, "utf8")).toBe(documents().find((one) => one.file === file)?.text);
  });

  test("says of each key what it is for, and leaves its check to the program", () => {
    for (const [key, declared] of Object.entries(project.config)) {
      expect([key, Object.keys(declared)]).toEqual([key, ["default", "description"]]);
      expect([key, declared.description.length > 10]).toEqual([key, true]);
    }
  });

  test("with its defaults alone, a stack of any kind is as if nothing were set", () => {
    const defaults = Object.fromEntries(
      Object.entries(project.config).map(([key, { default: value }]) => [
        `flux-ami:${key}`,
        typeof value === "object" ? JSON.stringify(value) : String(value),
      ]),
    );
    expect(readConfig(source({ ...defaults, ...RIGHT }))).toEqual(environment());
    const partner = { ...PARTNER, "flux-ami:way": "storageIntegration" };
    expect(readConfig(source({ ...defaults, ...partner }))).toEqual(readConfig(source(partner)));
    const consumer = { ...CONSUMER, "flux-ami:share": "A0.B.C" };
    expect(readConfig(source({ ...defaults, ...consumer }))).toEqual(readConfig(source(consumer)));
  });
});

test("`pulumi config set` leaves the values of the stack files that come with the project as they are", () => {
  const examples = readdirSync("examples")
    .filter((name) => name.endsWith(".yaml"))
    .map((file) => `examples/${file}`);
  for (const file of ["Pulumi.sandbox.yaml", "Pulumi.dev.yaml", ...examples]) {
    const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
    // It writes numbers and flags in quotes, whichever key it was asked to set.
    const rewritten = Object.entries(config).filter(
      ([, value]) => !["string", "object"].includes(typeof value),
    );
    expect([file, rewritten]).toEqual([file, []]);
  }
});

test("the stack files that come with the project are right", () => {
  const examples = readdirSync("examples")
    .filter((name) => name.endsWith(".yaml"))
    .map((file) => `examples/${file}`);
  for (const file of ["Pulumi.sandbox.yaml", "Pulumi.dev.yaml", ...examples]) {
    const { config } = parse(readFileSync(file, "utf8")) as {
      config: Record<string, unknown>;
    };
    const values = Object.fromEntries(
      Object.entries(config).map(([key, value]) => [
        key,
        typeof value === "object" ? JSON.stringify(value) : String(value),
      ]),
    );
    const stack = /Pulumi\.(.+)\.yaml/.exec(file)?.[1] ?? "";
    const account = { SNOWFLAKE_ORGANIZATION_NAME: "FLUX", SNOWFLAKE_ACCOUNT_NAME: "OPERATIONS" };
    const environment = { ...account, ...LOGIN };
    expect(() => readConfig(source(values, { stack, environment }))).not.toThrow();
    // A newcomer has at most six lines to fill in.
    if (stack.startsWith("partner")) expect(Object.keys(config).length).toBeLessThanOrEqual(6);
  }
});
