import { findForeignCopies } from "../../../components/verified-load/history.ts";
import type { Session } from "../../../components/verified-load/session.ts";
import { settings } from "./support/settings.ts";

const seen = (QUERY_TEXT: string, more: object = {}) => ({
  QUERY_ID: "q",
  ...{ QUERY_TEXT, QUERY_TAG: "", EXECUTION_STATUS: "RUNNING", START_TIME: new Date(0) },
  ...{ DATABASE_NAME: "FLUX", SCHEMA_NAME: "PRODUCTION", ...more },
});
const foreign = (...rows: object[]) =>
  findForeignCopies({ rows: async () => rows } as unknown as Session, settings());

test.each([
  "COPY INTO AMI_INTERVAL_READINGS FROM @stage",
  "copy into production.ami_interval_readings from @stage",
  '  COPY\n INTO "FLUX"."PRODUCTION"."AMI_INTERVAL_READINGS" FROM @stage',
  "COPY INTO Flux.Production.AMI_INTERVAL_READINGS(METER_ID) FROM (SELECT $1 FROM @stage)",
  "-- the yearly load\nCOPY INTO AMI_INTERVAL_READINGS FROM @stage",
  "/* by hand */ COPY INTO AMI_INTERVAL_READINGS FROM @stage",
])("%j copies into the readings table", async (text) => {
  await expect(foreign(seen(text))).resolves.toEqual(["q"]);
});

test.each([
  seen("COPY INTO OTHER_READINGS FROM @stage"),
  seen("COPY INTO AMI_INTERVAL_READINGS FROM @stage", { SCHEMA_NAME: "TEST" }),
  seen("COPY INTO TEST.AMI_INTERVAL_READINGS FROM @stage"),
  seen("COPY INTO @stage FROM AMI_INTERVAL_READINGS"),
  seen("SELECT 'COPY INTO AMI_INTERVAL_READINGS'"),
  seen("COPY INTO AMI_INTERVAL_READINGS FROM @stage", { EXECUTION_STATUS: "SUCCESS" }),
  seen("COPY INTO AMI_INTERVAL_READINGS FROM @stage", { EXECUTION_STATUS: "FAILED_WITH_ERROR" }),
])("%j does not", async (row) => {
  await expect(foreign(row)).resolves.toEqual([]);
});

test("a long text of comments takes no time", async () => {
  const started = Date.now();
  await expect(foreign(seen(`${"/* x */\n".repeat(5000)}SELECT 'COPY INTO'`))).resolves.toEqual([]);
  expect(Date.now() - started).toBeLessThan(1000);
});

test("a statement seen in both histories, as running and as ended, has ended", async () => {
  const text = "COPY INTO AMI_INTERVAL_READINGS FROM @stage";
  await expect(foreign(seen(text), seen(text, { EXECUTION_STATUS: "SUCCESS" }))).resolves.toEqual([]);
});
