import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { environmentFields } from "../../config/environment.ts";
import type { Fields } from "../../config/field.ts";
import { type EnvironmentConfig, KNOWN_KEYS, readConfig } from "../../config/index.ts";
import { ConfigError } from "../../config/mistakes.ts";
import { consumerFields, partnerFields } from "../../config/partner.ts";
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
  environment: given.environment ?? {},
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
    /pulumi config set flux-ami:awsAccountId/,
  ],
  [{ "flux-ami:environment": "Dev" }, "flux-ami:environment", /lower-case/],
  [{ "flux-ami:environment": "dev_2" }, "flux-ami:environment", /single hyphens/],
  [{ "flux-ami:environment": "a".repeat(60) }, "flux-ami:bucketName", /shorter environment/],
  [{ "aws:region": "us-esat-1" }, "aws:region", /did you mean us-east-1\?/],
  [{ "aws:region": undefined }, "aws:region", /is missing[\s\S]*pulumi config set aws:region/],
  [{ "aws:region": "us-iso-east-1" }, "aws:region", /aws, aws-us-gov or aws-cn/],
  [{ "snowflake:organizationName": undefined }, "snowflake:organizationName", /SNOWFLAKE_ORGANIZATION_NAME/],
  [{ "snowflake:organizationName": "MY-ORG" }, "snowflake:organizationName", /letters and digits/],
  [{ "snowflake:accountName": "xy12345.us-east-1" }, "snowflake:accountName", /not the old locator/],
  [{ "snowflake:account": "xy12345" }, "snowflake:account", /did you mean snowflake:organizationName/],
  [{ "snowflake:usr": "ME" }, "snowflake:usr", /did you mean snowflake:user\?/],
  [{ "snowflake:password": "hunter2" }, "snowflake:password", /pulumi config set --secret/],
  [{ "snowflake:privateKey": "-----BEGIN" }, "snowflake:privateKey", /encrypted/],
  [{ "flux-ami:kind": "enviroment" }, "flux-ami:kind", /did you mean environment\?/],
  [{ "flux-ami:protect": "yes" }, "flux-ami:protect", /true or false/],
  [{ "flux-ami:bucketName": "My_Bucket" }, "flux-ami:bucketName", /lower-case/],
  [{ "flux-ami:bucketName": "my.bucket" }, "flux-ami:bucketName", /without dots/],
  [{ "flux-ami:bucketName": "ab" }, "flux-ami:bucketName", /3 to 63/],
  [{ "flux-ami:bucketName": "readings-s3alias" }, "flux-ami:bucketName", /reserves/],
  [{ "flux-ami:adoptBucket": "true" }, "flux-ami:bucketName", /is missing[\s\S]*adoptBucket/],
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
  [{ "flux-ami:replacedFiles": "ignore" }, "flux-ami:replacedFiles", /fail, skip, load/],
  [{ "flux-ami:onDelete": "drop" }, "flux-ami:onDelete", /retain, truncate/],
  [{ "flux-ami:expectedFrom": "2025-02-30" }, "flux-ami:expectedFrom", /a day that exists/],
  [{ "flux-ami:expectedFrom": "01/02/2025" }, "flux-ami:expectedFrom", /YYYY-MM-DD/],
  [
    { "flux-ami:expectedFrom": "2025-04-30", "flux-ami:expectedTo": "2025-01-01" },
    "flux-ami:expectedTo",
    /not before expectedFrom/,
  ],
  [{ "flux-ami:quality": '"strict"' }, "flux-ami:quality", /a map with the keys continuity/],
  [
    { "flux-ami:quality": '{"voltge":{}}' },
    "flux-ami:quality.voltge",
    /did you mean flux-ami:quality\.voltage\?/,
  ],
  [
    { "flux-ami:quality": '{"voltage":{"minShare":99}}' },
    "flux-ami:quality.voltage.minShare",
    /share from 0 to 1[\s\S]*--path flux-ami:quality\.voltage\.minShare/,
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
  [{ "flux-ami:nonsense": "1" }, "flux-ami:nonsense", /no such key[\s\S]*remove it/],
  [{ "flux-ami:way": "dataShare" }, "flux-ami:way", /only in a stack of kind partner/],
];

const wrongPartners: Wrong[] = [
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

  test("never shows a secret", () => {
    expect(refused({ ...RIGHT, "snowflake:password": "hunter2" }).message).not.toContain("hunter2");
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

  test.each(["x-large", "X-LARGE", "XLarge", "xlarge"])("spells %s as Snowflake does", (size) => {
    expect(environment({ "flux-ami:loadWarehouseSize": size }).loadWarehouseSize).toBe("XLARGE");
  });

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
  });
});

describe("stack files", () => {
  test("are read to their last digit, objects too", () => {
    const folder = mkdtempSync(join(tmpdir(), "stacks-"));
    try {
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
          '{"accountedRows":{"maxMissing":"12345678901234567890"},"keyNulls":{"maxShare":0.5}}',
        "flux-ami:readerRoles": '["ANALYST"]',
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("Pulumi.yaml", () => {
  const project = parse(readFileSync("Pulumi.yaml", "utf8")) as {
    config: Record<string, { type: string; default: unknown; description: string }>;
  };

  test("declares every key the program knows, and no other", () => {
    expect(Object.keys(project.config).sort()).toEqual([...KNOWN_KEYS].sort());
  });

  test("describes each key and gives it the program's default", () => {
    const fields: Fields = { ...consumerFields, ...partnerFields, ...environmentFields };
    for (const [key, declared] of Object.entries(project.config)) {
      expect(declared.description.length).toBeGreaterThan(10);
      const field = fields[key];
      const fallback =
        key === "kind" ? "environment" : ((field && "fallback" in field && field.fallback) ?? "");
      const text = typeof declared.default === "object" ? "" : String(declared.default);
      expect([key, text]).toEqual([key, fallback || ""]);
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

test("the stack files that come with the project are right", () => {
  const examples = readdirSync("examples").map((file) => `examples/${file}`);
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
    const environment = { SNOWFLAKE_ORGANIZATION_NAME: "FLUX", SNOWFLAKE_ACCOUNT_NAME: "OPERATIONS" };
    expect(() => readConfig(source(values, { stack, environment }))).not.toThrow();
    // A newcomer has at most six lines to fill in.
    if (stack.startsWith("partner")) expect(Object.keys(config).length).toBeLessThanOrEqual(6);
  }
});
