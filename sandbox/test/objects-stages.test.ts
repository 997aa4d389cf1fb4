import { ARN, catalogAccount, integration } from "./support/catalog-account.ts";

const at = catalogAccount();

describe("storage integrations and stages", () => {
  beforeEach(async () => {
    await at.cloud.run(at.session, "DROP INTEGRATION IF EXISTS si");
    await at.cloud.run(at.session, integration("si"));
  });

  test("a new integration has the account's IAM user and an external ID of its own, which ALTER keeps", async () => {
    const before = await at.properties("DESC INTEGRATION si");
    expect(before).toMatchObject({
      ENABLED: "true",
      STORAGE_PROVIDER: "S3",
      STORAGE_ALLOWED_LOCATIONS: "s3://raw/ami/,s3://raw/other/",
      STORAGE_AWS_ROLE_ARN: ARN,
      STORAGE_AWS_IAM_USER_ARN: "arn:aws:iam::999999999999:user/fx10001-s-ext",
    });
    expect(before.STORAGE_AWS_EXTERNAL_ID).toMatch(/^FX10001_SFCRole=\d+_\S+=$/);
    await at.cloud.run(
      at.session,
      "ALTER STORAGE INTEGRATION si SET STORAGE_ALLOWED_LOCATIONS = ('s3://raw/ami/')",
    );
    expect((await at.properties("DESC INTEGRATION si")).STORAGE_AWS_EXTERNAL_ID).toBe(
      before.STORAGE_AWS_EXTERNAL_ID,
    );
    await at.cloud.run(at.session, "ALTER STORAGE INTEGRATION si SET STORAGE_AWS_EXTERNAL_ID = 'mine_1'");
    await at.cloud.run(at.session, "ALTER STORAGE INTEGRATION si SET ENABLED = FALSE");
    expect(await at.properties("DESC INTEGRATION si")).toMatchObject({
      STORAGE_AWS_EXTERNAL_ID: "mine_1",
      ENABLED: "false",
    });
    await at.cloud.run(
      at.session,
      `CREATE OR REPLACE ${integration("si", "STORAGE_AWS_EXTERNAL_ID = 'mine_2'").slice(7)}`,
    );
    expect((await at.properties("DESC INTEGRATION si")).STORAGE_AWS_EXTERNAL_ID).toBe("mine_2");
  });

  test.each([
    ["STORAGE_AWS_ROLE_ARN = 'reader'", "STORAGE_AWS_ROLE_ARN"],
    ["STORAGE_ALLOWED_LOCATIONS = ('raw/ami')", "STORAGE_ALLOWED_LOCATIONS"],
    ["STORAGE_ALLOWED_LOCATIONS = ('*', 's3://raw/')", "STORAGE_ALLOWED_LOCATIONS"],
    ["STORAGE_AWS_EXTERNAL_ID = 'with space'", "STORAGE_AWS_EXTERNAL_ID"],
    ["ENABLED = 'perhaps'", "ENABLED"],
  ])("%s is refused", async (setting, name) => {
    const error = await at.cloud.error(at.session, `ALTER STORAGE INTEGRATION si SET ${setting}`);
    expect(error).toMatchObject({ code: "001008", message: expect.stringContaining(`'${name}'`) });
  });

  test("what is missing is named", async () => {
    const error = await at.cloud.error(
      at.session,
      "CREATE STORAGE INTEGRATION x TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE",
    );
    expect(error).toMatchObject({ code: "001422", message: expect.stringContaining("STORAGE_AWS_ROLE_ARN") });
  });

  test("a stage must lie within the integration's locations", async () => {
    await at.cloud.run(at.session, "CREATE STAGE st URL = 's3://raw/ami/' STORAGE_INTEGRATION = si");
    for (const url of ["s3://raw/", "s3://raw/amity/", "s3://elsewhere/ami/"]) {
      expect(
        (await at.cloud.error(at.session, `CREATE STAGE x URL = '${url}' STORAGE_INTEGRATION = si`)).code,
      ).toBe("003127");
      expect((await at.cloud.error(at.session, `ALTER STAGE st SET URL = '${url}'`)).code).toBe("003127");
    }
    await at.cloud.run(at.session, "ALTER STAGE st SET URL = 's3://raw/other/deep/'");
    expect(await at.cloud.rows(at.session, "SHOW STAGES")).toMatchObject([
      { name: "ST", url: "s3://raw/other/deep/", type: "EXTERNAL", storage_integration: "SI" },
    ]);
    await at.cloud.run(
      at.session,
      "ALTER STORAGE INTEGRATION si SET STORAGE_BLOCKED_LOCATIONS = ('s3://raw/ami/secret/')",
    );
    expect((await at.cloud.error(at.session, "ALTER STAGE st SET URL = 's3://raw/ami/secret/x/'")).code).toBe(
      "003127",
    );
  });

  test("replacing an integration orphans its stages until they are linked again", async () => {
    await at.cloud.run(at.session, "CREATE STAGE st URL = 's3://raw/ami/' STORAGE_INTEGRATION = si");
    await at.cloud.run(at.session, `CREATE OR REPLACE ${integration("si").slice(7)}`);
    expect((await at.cloud.error(at.session, "LIST @st")).code).toBe("003139");
    expect((await at.cloud.error(at.session, "ALTER STAGE st SET URL = 's3://raw/ami/x/'")).code).toBe(
      "003139",
    );
    expect(await at.cloud.rows(at.session, "SHOW STAGES")).toMatchObject([{ storage_integration: "SI" }]);
    await at.cloud.run(at.session, "ALTER STAGE st SET STORAGE_INTEGRATION = si");
    await at.cloud.run(at.session, "ALTER STAGE st SET URL = 's3://raw/ami/x/'");
    expect((await at.properties("DESC STAGE st")).AWS_EXTERNAL_ID).toMatch(/^FX10001_SFCRole=/);
  });

  test("DESCRIBE STAGE prints a file format's name as it was written, quotes escaped", async () => {
    await at.cloud.run(at.session, "CREATE FILE FORMAT FF TYPE = PARQUET");
    await at.cloud.run(at.session, 'CREATE FILE FORMAT "my ""f""" TYPE = PARQUET');
    for (const [written, printed] of [
      ["D.S.FF", "D.S.FF"],
      ['"D"."S"."FF"', String.raw`\"D\".\"S\".\"FF\"`],
      ["'D.S.FF'", "D.S.FF"],
      [String.raw`'\"D\".\"S\".\"my \"\"f\"\"\"'`, String.raw`\"D\".\"S\".\"my \"\"f\"\"\"`],
    ]) {
      await at.cloud.run(
        at.session,
        `CREATE OR REPLACE STAGE st URL = 's3://raw/ami/' STORAGE_INTEGRATION = si FILE_FORMAT = (FORMAT_NAME = ${written})`,
      );
      expect((await at.properties("DESC STAGE st")).FORMAT_NAME).toBe(printed);
    }
  });

  test("DESCRIBE STAGE prints every row people know", async () => {
    await at.cloud.run(at.session, "CREATE FILE FORMAT ff TYPE = PARQUET COMPRESSION = SNAPPY");
    await at.cloud.run(
      at.session,
      "CREATE STAGE st URL = 's3://raw/ami/' STORAGE_INTEGRATION = si FILE_FORMAT = (FORMAT_NAME = 'ff') COPY_OPTIONS = (ON_ERROR = CONTINUE)",
    );
    const rows = await at.cloud.rows(at.session, "DESC STAGE st");
    expect(
      rows.map(({ parent_property, property, property_value }) => [
        parent_property,
        property,
        property_value,
      ]),
    ).toEqual([
      ["STAGE_FILE_FORMAT", "FORMAT_NAME", "ff"],
      ["STAGE_COPY_OPTIONS", "ON_ERROR", "CONTINUE"],
      ["STAGE_COPY_OPTIONS", "SIZE_LIMIT", ""],
      ["STAGE_COPY_OPTIONS", "PURGE", "false"],
      ["STAGE_COPY_OPTIONS", "RETURN_FAILED_ONLY", "false"],
      ["STAGE_COPY_OPTIONS", "ENFORCE_LENGTH", "true"],
      ["STAGE_COPY_OPTIONS", "TRUNCATECOLUMNS", "false"],
      ["STAGE_COPY_OPTIONS", "FORCE", "false"],
      ["STAGE_LOCATION", "URL", '["s3://raw/ami/"]'],
      ["STAGE_INTEGRATION", "STORAGE_INTEGRATION", "SI"],
      ["STAGE_CREDENTIALS", "AWS_ROLE", ARN],
      ["STAGE_CREDENTIALS", "AWS_EXTERNAL_ID", expect.stringMatching(/^FX10001_SFCRole=/)],
      ["STAGE_CREDENTIALS", "SNOWFLAKE_IAM_USER", "arn:aws:iam::999999999999:user/fx10001-s-ext"],
      ["DIRECTORY", "ENABLE", "false"],
      ["DIRECTORY", "AUTO_REFRESH", "false"],
    ]);
    await at.cloud.run(at.session, "ALTER STAGE st SET FILE_FORMAT = (TYPE = PARQUET)");
    expect(await at.properties("DESC STAGE st")).toMatchObject({
      TYPE: "PARQUET",
      COMPRESSION: "AUTO",
      USE_LOGICAL_TYPE: "false",
      BINARY_AS_TEXT: "true",
    });
  });

  test("keys in a stage are refused", async () => {
    const error = await at.cloud.error(
      at.session,
      "CREATE STAGE st URL = 's3://raw/ami/' CREDENTIALS = (AWS_KEY_ID = 'a' AWS_SECRET_KEY = 'b')",
    );
    expect(error).toMatchObject({ code: "000002", message: expect.stringContaining("storage integration") });
  });
});

describe("file formats", () => {
  test("options are kept as JSON with the defaults of their type", async () => {
    await at.cloud.run(
      at.session,
      "CREATE FILE FORMAT ff TYPE = PARQUET COMPRESSION = SNAPPY NULL_IF = ('', 'NULL')",
    );
    const [row] = await at.cloud.rows(at.session, "SHOW FILE FORMATS LIKE 'FF' IN SCHEMA d.s");
    expect(row).toMatchObject({ name: "FF", type: "PARQUET", database_name: "D", schema_name: "S" });
    expect(JSON.parse(row?.format_options ?? "")).toEqual({
      TYPE: "PARQUET",
      COMPRESSION: "SNAPPY",
      NULL_IF: ["", "NULL"],
      TRIM_SPACE: false,
      SNAPPY_COMPRESSION: true,
      BINARY_AS_TEXT: true,
      USE_LOGICAL_TYPE: false,
      USE_VECTORIZED_SCANNER: false,
      REPLACE_INVALID_CHARACTERS: false,
    });
    await at.cloud.run(at.session, "ALTER FILE FORMAT ff SET USE_LOGICAL_TYPE = TRUE COMMENT = 'c'");
    expect(await at.properties("DESC FILE FORMAT ff")).toMatchObject({
      USE_LOGICAL_TYPE: "true",
      COMPRESSION: "SNAPPY",
    });
    expect((await at.cloud.error(at.session, "ALTER FILE FORMAT ff SET SKIP_HEADER = 1")).code).toBe(
      "001420",
    );
  });
});
