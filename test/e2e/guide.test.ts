import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "../../components/snowflake/session.ts";
import { Project } from "./support/project.ts";

jest.setTimeout(300_000);

const METERS = 10;
const DAYS = 2;
const ROWS = METERS * DAYS * 96;

let project: Project;
beforeAll(async () => {
  project = await Project.start();
  await project.seed(METERS, DAYS);
  await project.init("guide", {
    "aws:region": "us-east-1",
    "flux-ami:awsAccountId": "111111111111",
    "flux-ami:bucketName": "flux-sandbox-raw-111111111111",
    "flux-ami:adoptBucket": true,
    "flux-ami:protect": false,
    "flux-ami:onDelete": "drop",
  });
  await project.up("guide");
  // A person who follows the guide starts without the table.
  await project.sql("owner", "DROP TABLE FLUX_GUIDE.PRODUCTION.AMI_INTERVAL_READINGS");
});
afterAll(() => project.stop());

/** The guide's statements in their order, with this stack's names filled in; nothing else is touched. */
const statements = readFileSync(join(__dirname, "../fixtures/guide-statements.sql"), "utf8")
  .replace(/^--.*$/gm, "")
  .replaceAll("<your_database>", "FLUX_GUIDE")
  .replaceAll("<your_warehouse>", "FLUX_GUIDE_LOAD_WH")
  .split(/;\s*$/m)
  .map((statement) => statement.trim())
  .filter((statement) => statement !== "");

const results = new Map<string, Row[]>();
function resultOf(start: string): Row[] {
  const found = [...results].find(([statement]) => statement.startsWith(start));
  if (!found) throw new Error(`the guide has no statement that starts with ${start}`);
  return found[1];
}

test("every statement of the guide runs as written, through the Node driver", async () => {
  expect(statements).toHaveLength(11);
  // The guide samples the stage before it sets a warehouse; a person has one by default.
  await project.sql("owner", "USE WAREHOUSE FLUX_GUIDE_LOAD_WH");
  for (const statement of statements) results.set(statement, await project.sql("owner", statement));
});

test("DESC STAGE shows the URL and the integration", () => {
  const properties = Object.fromEntries(
    resultOf("DESC STAGE").map(({ property, property_value: value }) => [property, value]),
  );
  expect(properties.URL).toBe('["s3://flux-sandbox-raw-111111111111/raw/ami/"]');
  expect(properties.STORAGE_INTEGRATION).toBe("FLUX_GUIDE_S3_INTEGRATION");
});

test("LIST names the files, with size, checksum and time", () => {
  const files = resultOf("LIST");
  expect(files).toHaveLength(DAYS);
  for (const file of files) {
    expect(file.name).toMatch(
      /^s3:\/\/flux-sandbox-raw-111111111111\/raw\/ami\/ami_interval_readings\/.*parquet$/,
    );
    expect(Number(file.size)).toBeGreaterThan(1000);
    expect(file.md5).toMatch(/^[0-9a-f]{32}/);
    expect(Number.isNaN(Date.parse(String(file.last_modified)))).toBe(false);
  }
});

test("the sample from the stage has ten readings with their types", () => {
  const sample = resultOf("SELECT $1:METER_ID");
  expect(sample).toHaveLength(10);
  for (const row of sample) {
    expect(typeof row.METER_ID).toBe("string");
    expect(row.TIMESTAMP).toBeInstanceOf(Date);
    expect(typeof row.USAGE_KWH).toBe("number");
  }
});

test("COPY INTO loads every file, and the verification finds what was generated", () => {
  const copied = resultOf("COPY INTO");
  expect(copied.map(({ status }) => status)).toEqual(Array(DAYS).fill("LOADED"));
  expect(copied.reduce((sum, row) => sum + Number(row.rows_loaded), 0)).toBe(ROWS);
  const [verified] = resultOf("SELECT COUNT(*)");
  expect(verified).toMatchObject({ TOTAL_ROWS: ROWS, UNIQUE_METERS: METERS });
  expect(new Date(String(verified?.MIN_DATE)).toISOString()).toBe("2026-07-01T00:00:00.000Z");
  expect(new Date(String(verified?.MAX_DATE)).toISOString()).toBe("2026-07-02T23:45:00.000Z");
});

test("the guide leaves the warehouse at MEDIUM", async () => {
  const [warehouse] = await project.sql("owner", "SHOW WAREHOUSES LIKE 'FLUX_GUIDE_LOAD_WH'");
  expect(warehouse?.size).toBe("Medium");
});
