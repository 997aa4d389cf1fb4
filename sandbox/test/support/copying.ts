import type { Table } from "../../snowflake/catalog/model.ts";
import type { SnowflakeError } from "../../snowflake/errors.ts";
import { startTestAws, type TestAws } from "./aws.ts";
import { LocalAccount } from "./local-account.ts";
import { type FixtureName, fixtures, type Reading, readings } from "./parquet-fixtures.ts";

export const PATH = "raw/ami/ami_interval_readings/";
export const COPY = `COPY INTO AMI_INTERVAL_READINGS FROM @EXT_RAW_AMI/ami_interval_readings/
  FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE`;
export const CONTINUE = `${COPY} ON_ERROR = 'CONTINUE'`;
/** What the readings come to once a file of them is loaded whole. */
export const RIGHT = {
  rows: 192,
  meters: 2,
  first: "2026-07-01 00:00:00",
  last: "2026-07-01 23:45:00",
};

/** A bucket and an account whose table of readings is empty before each test; files go when the test ends. */
export function copying() {
  const placed: string[] = [];
  const made = {} as { aws: TestAws; local: LocalAccount; table: Table };
  const at = Object.assign(made, {
    placed,
    put: async (name: string, kind: FixtureName, rows: readonly Reading[] = readings()) => {
      const key = `${PATH}${name}`;
      await made.aws.put(key, await fixtures[kind](rows));
      placed.push(key);
    },
    url: (name: string) => `s3://${made.aws.bucket}/${PATH}${name}`,
    figures: async (of = made.table) => {
      const [row] = await made.local.rows<Record<string, unknown>>(
        of,
        `SELECT count(*)::INT AS rows, count(DISTINCT METER_ID)::INT AS meters, min("TIMESTAMP")::VARCHAR AS first, max("TIMESTAMP")::VARCHAR AS last FROM $T`,
      );
      return row;
    },
    failure: async (sql: string): Promise<SnowflakeError> => {
      const outcome = await made.local.execute(sql).outcome;
      if (!("error" in outcome)) throw new Error(`${sql} should have failed`);
      return outcome.error;
    },
  });
  beforeAll(async () => {
    at.aws = await startTestAws();
    at.local = await LocalAccount.start(at.aws);
  });
  afterAll(async () => {
    await at.local?.stop();
    await at.aws?.stop();
  });
  beforeEach(async () => {
    at.table = await at.local.createTable("AMI_INTERVAL_READINGS");
    at.local.offsetDays = 0;
  });
  afterEach(async () => {
    for (const key of placed.splice(0)) await at.aws.remove(key);
  });
  return at;
}
