import { readConfig } from "../../../config/index.ts";
import { CONSUMER, environment, LOGIN, PARTNER, source } from "./support.ts";

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
