import type { Execution } from "../snowflake/context.ts";
import type { SnowflakeError } from "../snowflake/errors.ts";
import { validateStorageIntegration } from "../snowflake/statements/validate-integration.ts";
import { stageSource } from "../snowflake/storage/stage-source.ts";
import { startTestAws, type TestAws } from "./support/aws.ts";
import { LocalAccount } from "./support/local-account.ts";
import { fixtures, readings } from "./support/parquet-fixtures.ts";

jest.setTimeout(60_000);

describe("S3 through an integration", () => {
  let aws: TestAws;
  let local: LocalAccount;
  const failure = async (sql: string): Promise<SnowflakeError> => {
    const outcome = await local.execute(sql).outcome;
    if (!("error" in outcome)) throw new Error(`${sql} should have failed`);
    return outcome.error;
  };
  const LIST = "LIST @EXT_RAW_AMI";

  beforeAll(async () => {
    aws = await startTestAws();
    local = await LocalAccount.start(aws);
    await aws.put("raw/ami/a.parquet", await fixtures.plain(readings()));
    await aws.put("raw/ami/deep/b.parquet", await fixtures.hyparquet(readings({ firstMeter: 3 })));
    await aws.put("raw/ami/notes.txt", "hello");
    await aws.put("raw/ami/folder/", Buffer.alloc(0));
    await aws.put("raw/other/c.parquet", "x");
  });
  afterAll(async () => {
    await local?.stop();
    await aws?.stop();
  });
  afterEach(async () => {
    local.integration.awsExternalId = "external-1";
    local.integration.enabled = true;
    local.integration.blockedLocations = [];
    await aws.trust("external-1");
    await aws.allow(["s3:ListBucket", "s3:GetObject"]);
  });

  describe("LIST", () => {
    it("shows URL, size, MD5 and time as Snowflake does, and no folder markers", async () => {
      const rows = await local.sql(LIST);
      expect(rows.map(({ name }) => name)).toEqual([
        `s3://${aws.bucket}/raw/ami/a.parquet`,
        `s3://${aws.bucket}/raw/ami/deep/b.parquet`,
        `s3://${aws.bucket}/raw/ami/notes.txt`,
      ]);
      expect(rows[2]).toMatchObject({ size: "5", md5: "5d41402abc4b2a76b9719d911017c592" });
      expect(rows[2]?.last_modified).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
    });

    it.each([
      [`${LIST}/deep/`, 1],
      [`${LIST}/dee`, 1],
      [`${LIST} PATTERN = '.*parquet'`, 2],
      [`${LIST} PATTERN = '.*/deep/.*'`, 1],
      [`${LIST} PATTERN = 'parquet'`, 0],
      [`${LIST}/nothing/`, 0],
    ])("%s finds %i", async (sql, count) => {
      expect(await local.sql(sql)).toHaveLength(count);
    });

    it("needs no warehouse", async () => {
      const session = local.newSession();
      session.warehouse = null;
      expect(await local.sql(LIST, session)).toHaveLength(3);
    });
  });

  it("a file that was replaced or removed since it was listed is not read, nor a mixture of the two", async () => {
    const names = ["kept", "replaced", "removed"].map((name) => `raw/ami/changing/${name}.parquet`);
    const [kept, replaced, removed] = names as [string, string, string];
    const file = await fixtures.plain(readings());
    for (const name of names) await aws.put(name, file);
    const access = await local.cloud.storage.open(local.session.account, local.integration);
    try {
      const listed = await access.list({ bucket: aws.bucket, key: "raw/ami/changing/" });
      await aws.put(replaced, await fixtures.plain(readings({ meters: 3 })));
      await aws.remove(removed);
      for (const copies of [await access.localCopies(listed), await access.localFooters(listed)]) {
        const outcomes = copies.outcomes.map((copy) => [copy.file.key, "path" in copy]);
        expect(Object.fromEntries(outcomes)).toEqual({ [kept]: true, [replaced]: false, [removed]: false });
        await copies.release();
      }
    } finally {
      access.close();
      await aws.remove(kept);
      await aws.remove(replaced);
    }
  });

  describe("trust", () => {
    it("a wrong external ID is refused with the role and the user, and works once it is right", async () => {
      local.integration.awsExternalId = "wrong";
      const error = await failure(LIST);
      expect(error).toMatchObject({ code: "003167", sqlState: "42601" });
      expect(error.message).toBe(
        `Error assuming AWS_ROLE:\nUser: ${aws.snowflakeUser.arn} is not authorized to perform: sts:AssumeRole on resource: ${aws.roleArn}`,
      );
      await aws.trust("wrong");
      expect(await local.sql(LIST)).toHaveLength(3);
    });

    it("taking the trust away shows at the next statement", async () => {
      expect(await local.sql(LIST)).toHaveLength(3);
      await aws.trust("another");
      expect((await failure(LIST)).code).toBe("003167");
    });

    it("a role that may not list or read is told from one that cannot be assumed", async () => {
      await aws.allow(["s3:GetObject"]);
      expect(await failure(LIST)).toMatchObject({
        code: "091003",
        message: expect.stringMatching(
          /^Failure using stage area\. Cause: \[.*\(Status Code: 403; Error Code: AccessDenied\)\]$/,
        ),
      });
      await aws.allow(["s3:ListBucket"]);
      await local.createTable("AMI_INTERVAL_READINGS");
      expect(
        await failure(
          "COPY INTO AMI_INTERVAL_READINGS FROM @EXT_RAW_AMI PATTERN = '.*parquet' MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE",
        ),
      ).toMatchObject({
        code: "100089",
        sqlState: "42501",
        message: expect.stringContaining(
          "Failed to access remote file: access denied. Please check your credentials",
        ),
      });
    });
  });

  describe("the integration", () => {
    it("must allow the location, and block none of it", async () => {
      const url = local.stage.url;
      try {
        local.stage.url = `s3://${aws.bucket}/raw/other/`;
        expect(await failure(LIST)).toMatchObject({
          code: "003127",
          message: expect.stringContaining(
            `Location 's3://${aws.bucket}/raw/other/' is not allowed by integration 'S3_INTEGRATION'.`,
          ),
        });
      } finally {
        local.stage.url = url;
      }
      local.integration.blockedLocations = [`s3://${aws.bucket}/raw/ami/deep/`];
      expect(await local.sql(LIST)).toHaveLength(2);
      expect((await failure(`${LIST}/deep/`)).code).toBe("003127");
    });

    it("must be open to the session's role or to the stage's owner", async () => {
      const account = local.cloud.catalog.accountOfKey("FLUX-OPERATIONS");
      const database = account.databases.get("FLUX");
      const schema = database?.schemas.get("PRODUCTION");
      const grant = (
        object: { type: "DATABASE" | "SCHEMA" | "STAGE" | "INTEGRATION"; id: number } | undefined,
      ) => ({
        privilege: "USAGE",
        on: { type: object?.type ?? "STAGE", id: object?.id ?? 0 },
        to: { type: "ROLE" as const, name: "LOADER" },
        grantOption: false,
        grantedBy: "ACCOUNTADMIN",
        createdOn: 0,
      });
      const session = { ...local.newSession(), role: "LOADER" };
      await expect(local.sql(LIST, session)).rejects.toMatchObject({ code: "002003" });
      account.grants.push(grant(database), grant(schema), grant(local.stage));
      expect(await local.sql(LIST, session)).toHaveLength(3);
      try {
        local.stage.owner = "SOMEBODY";
        await expect(local.sql(LIST, session)).rejects.toMatchObject({
          code: "003001",
          message: expect.stringContaining(
            "Insufficient privileges to operate on integration 'S3_INTEGRATION'",
          ),
        });
        account.grants.push(grant(local.integration));
        expect(await local.sql(LIST, session)).toHaveLength(3);
      } finally {
        local.stage.owner = "ACCOUNTADMIN";
        account.grants.length = 0;
      }
    });

    it("must be enabled", async () => {
      local.integration.enabled = false;
      expect((await failure(LIST)).message).toContain("Integration 'S3_INTEGRATION' is disabled");
    });

    it("that was replaced leaves its stages orphaned", async () => {
      const link = local.stage.integration;
      local.stage.integration = { id: -1, name: "S3_INTEGRATION" };
      try {
        expect(await failure(LIST)).toMatchObject({
          code: "003139",
          message: expect.stringContaining(
            "Integration 'S3_INTEGRATION' associated with the stage 'FLUX.PRODUCTION.EXT_RAW_AMI' cannot be found.",
          ),
        });
      } finally {
        if (link) local.stage.integration = link;
      }
    });
  });

  describe("SYSTEM$VALIDATE_STORAGE_INTEGRATION", () => {
    const location = () => `s3://${aws.bucket}/raw/ami/`;
    const validate = async (file: string, action: string, name = "S3_INTEGRATION", at = location()) => {
      let answer = "";
      const outcome = await local.run("SELECT 1", local.session, async (execution: Execution) => {
        answer = await validateStorageIntegration(execution, [name, at, file, action]);
        return { columns: [], rows: [] };
      }).outcome;
      if ("error" in outcome) throw outcome.error;
      return JSON.parse(answer);
    };

    it("reads a file that is there", async () => {
      expect(await validate("a.parquet", "read")).toEqual({
        status: "success",
        actions: { READ: { status: "success" } },
      });
    });

    it("fails to read one that is missing", async () => {
      expect(await validate("gone.parquet", "read")).toEqual({
        status: "failure",
        actions: { READ: { message: "The specified file was not found", status: "failure" } },
        message:
          "Some of the integration checks failed. Check the Snowflake documentation for more information.",
      });
    });

    it("says for each action what the role may do", async () => {
      const answer = await validate("probe.txt", "all");
      expect(answer).toMatchObject({
        status: "failure",
        actions: {
          WRITE: { status: "failure", message: expect.stringContaining("Error Code: AccessDenied") },
          LIST: { status: "success" },
        },
      });
      await aws.allow(["s3:*"]);
      expect(await validate("probe.txt", "all")).toMatchObject({
        status: "success",
        actions: {
          READ: { status: "success" },
          WRITE: { status: "success" },
          LIST: { status: "success" },
          DELETE: { status: "success" },
        },
      });
    });

    it("reports a role that cannot be assumed", async () => {
      await aws.trust("another");
      const answer = await validate("a.parquet", "read");
      expect(answer.status).toBe("failure");
      expect(answer.actions.READ.message).toMatch(
        /^Error assuming AWS_ROLE:\nUser: .* is not authorized to perform: sts:AssumeRole/,
      );
    });

    it("knows names by case, locations and actions", async () => {
      await expect(validate("a.parquet", "read", "s3_integration")).rejects.toMatchObject({ code: "002003" });
      await expect(
        validate("a.parquet", "read", "S3_INTEGRATION", `s3://${aws.bucket}/raw/other/`),
      ).rejects.toMatchObject({ code: "003127" });
      await expect(validate("a.parquet", "peek")).rejects.toThrow(
        "must be one of read, write, list, delete, all",
      );
    });
  });

  describe("a stage in a query", () => {
    const query = async (text: string, sql: (source: string) => string, rowsWanted?: number) => {
      let rows: Record<string, unknown>[] = [];
      let columns: string[] = [];
      const outcome = await local.run(text, local.session, async (execution: Execution) => {
        const source = await stageSource(execution, text, rowsWanted);
        try {
          columns = source.columns.map(({ name }) => name);
          rows = await (await execution.connection()).all(sql(source.sql));
        } finally {
          await source.release();
        }
        return { columns: [], rows: [] };
      }).outcome;
      if ("error" in outcome) throw outcome.error;
      return { rows, columns };
    };
    const count = (source: string) =>
      `SELECT count(*)::INT AS n, count(DISTINCT METER_ID)::INT AS m, count(DISTINCT "METADATA$FILENAME")::INT AS f FROM (${source})`;

    it("shows all files' rows with METADATA$ columns", async () => {
      const { rows, columns } = await query("@EXT_RAW_AMI (PATTERN => '.*parquet')", count);
      expect(rows).toEqual([{ n: 384, m: 4, f: 2 }]);
      expect(columns).toEqual([
        "METER_ID",
        "TIMESTAMP",
        "USAGE_KWH",
        "VOLTAGE",
        "POWER_FACTOR",
        "CUSTOMER_SEGMENT_ID",
        "SOURCE_TABLE",
      ]);
    });

    it("takes a path and a file format", async () => {
      const { rows } = await query(
        "@FLUX.PRODUCTION.EXT_RAW_AMI/deep/ (FILE_FORMAT => (TYPE = PARQUET))",
        (source) =>
          `SELECT typeof("TIMESTAMP") AS t, "METADATA$FILENAME" AS f, max("METADATA$FILE_ROW_NUMBER")::INT AS r FROM (${source}) GROUP BY ALL`,
      );
      expect(rows).toEqual([{ t: "TIMESTAMP", f: "raw/ami/deep/b.parquet", r: 192 }]);
    });

    it("fetches no more files than the rows that are wanted need", async () => {
      const { rows } = await query("@EXT_RAW_AMI (PATTERN => '.*parquet')", count, 10);
      expect(rows).toEqual([{ n: 192, m: 2, f: 1 }]);
    });

    it("is empty when there is no file", async () => {
      const { rows, columns } = await query(
        "@EXT_RAW_AMI/nothing/",
        (source) => `SELECT count(*)::INT AS n FROM (${source})`,
      );
      expect(rows).toEqual([{ n: 0 }]);
      expect(columns).toEqual([]);
    });

    it("names a file that is no parquet", async () => {
      await expect(query("@EXT_RAW_AMI", count)).rejects.toMatchObject({
        message: expect.stringMatching(/Parquet file size is 5 bytes[\s\S]*File 'raw\/ami\/notes.txt'/),
      });
    });
  });
});
