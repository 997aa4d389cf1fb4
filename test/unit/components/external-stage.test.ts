import { ExternalStage, type ExternalStageArgs } from "../../../components/external-stage.ts";
import { build, value } from "../../support/mocks.ts";

const TRUST = {
  url: "s3://flux-dev-raw/raw/ami/",
  integrationName: "FLUX_DEV_S3_INTEGRATION",
  integrationIdentity: "2026-01-01",
};
const stage = (args: Partial<ExternalStageArgs> = {}) =>
  build(
    () => new ExternalStage("ami", { database: "FLUX_DEV", schema: "PRODUCTION", trust: TRUST, ...args }),
  );

const STAGE = "snowflake:index/stage:Stage";
const FILE_FORMAT = "snowflake:index/fileFormat:FileFormat";
const EXECUTE = "snowflake:index/execute:Execute";

test("makes file format with its options, stage and link, each named after it and below it", async () => {
  const { resources } = await stage();
  expect(resources.map(({ type, name, options }) => [name, type, options.parent]).slice(1)).toEqual([
    ["ami-file-format", FILE_FORMAT, "ami"],
    ["ami-file-format-options", EXECUTE, "ami"],
    ["ami-stage", STAGE, "ami"],
    ["ami-link", EXECUTE, "ami"],
  ]);
});

test("shows the folder through the integration, as snappy parquet", async () => {
  const { one, made } = await stage();
  expect(one(FILE_FORMAT).inputs).toMatchObject({
    database: "FLUX_DEV",
    schema: "PRODUCTION",
    name: "PARQUET_SNAPPY",
    formatType: "PARQUET",
    compression: "SNAPPY",
  });
  // The provider's file format does not know the option by which the load reads timestamps.
  expect(one(EXECUTE, "ami-file-format-options").inputs.execute).toBe(
    'ALTER FILE FORMAT "FLUX_DEV"."PRODUCTION"."PARQUET_SNAPPY" SET USE_VECTORIZED_SCANNER = TRUE',
  );
  expect(one(STAGE).inputs).toMatchObject({
    database: "FLUX_DEV",
    schema: "PRODUCTION",
    name: "EXT_RAW_AMI",
    url: "s3://flux-dev-raw/raw/ami/",
    storageIntegration: "FLUX_DEV_S3_INTEGRATION",
    fileFormat: "FORMAT_NAME = FLUX_DEV.PRODUCTION.PARQUET_SNAPPY",
  });
  expect(await value(made.qualifiedName)).toBe('"FLUX_DEV"."PRODUCTION"."EXT_RAW_AMI"');
  expect(await value(made.url)).toBe("s3://flux-dev-raw/raw/ami/");
});

test("quotes a file format's name where it needs quotes, within a literal", async () => {
  for (const [fileFormatName, name] of [
    ["my format", String.raw`\"my format\"`],
    ["ORDER", String.raw`\"ORDER\"`],
    [`it's "odd" \\`, String.raw`\"it''s \"\"odd\"\" \\\"`],
  ] as const) {
    const { one } = await stage({ fileFormatName });
    expect(one(STAGE).inputs.fileFormat).toBe(
      String.raw`FORMAT_NAME = '\"FLUX_DEV\".\"PRODUCTION\".${name}'`,
    );
  }
});

test("links the stage anew when the integration is replaced under its old name, and only then", async () => {
  const linkOf = async (integrationIdentity: string) =>
    (await stage({ trust: { ...TRUST, integrationIdentity } })).one(EXECUTE, "ami-link").inputs.execute;
  const link = await linkOf("2026-01-01");
  expect(link).toContain(
    'ALTER STAGE "FLUX_DEV"."PRODUCTION"."EXT_RAW_AMI" SET STORAGE_INTEGRATION = "FLUX_DEV_S3_INTEGRATION"',
  );
  expect(await linkOf("2026-01-01")).toBe(link);
  expect(await linkOf("2026-02-02")).not.toBe(link);
});

test("takes other names, and a transform for each child", async () => {
  const { one } = await stage({
    stageName: "RAW",
    fileFormatName: "PQ",
    transform: {
      stage: (args, options) => [{ ...args, directory: "ENABLE = true" }, options],
      fileFormat: (args, options) => [{ ...args, compression: "AUTO" }, options],
    },
  });
  expect(one(STAGE).inputs).toMatchObject({ name: "RAW", directory: "ENABLE = true" });
  expect(one(FILE_FORMAT).inputs).toMatchObject({ name: "PQ", compression: "AUTO" });
});
