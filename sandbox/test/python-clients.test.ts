/** What data engineers use beside the drivers: SQLAlchemy, Snowpark, Snowflake's command line, dbt. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Clients } from "./support/clients.ts";
import { standaloneServer, TestSession } from "./support/standalone-server.ts";

jest.setTimeout(240_000);

const server = standaloneServer();
let session: TestSession;
let clients: Clients;
let connect: Record<string, unknown>;

beforeAll(async () => {
  await server.start();
  session = await TestSession.open(server.login);
  clients = new Clients(server);
  for (const sql of [
    "CREATE DATABASE ENERGY",
    "CREATE SCHEMA PRODUCTION",
    "CREATE WAREHOUSE ENERGY",
    "CREATE TABLE AMI_INTERVAL_READINGS (METER_ID VARCHAR, TIMESTAMP TIMESTAMP_NTZ, USAGE_KWH FLOAT, CUSTOMER_SEGMENT_ID VARCHAR)",
    `INSERT INTO AMI_INTERVAL_READINGS SELECT 'M' || (SEQ4() % 4),
       DATEADD(minute, 15 * FLOOR(SEQ4() / 4), '2026-01-01'::TIMESTAMP_NTZ), 0.25,
       IFF(SEQ4() % 2 = 0, 'RESIDENTIAL', 'COMMERCIAL') FROM TABLE(GENERATOR(ROWCOUNT => 768))`,
  ])
    await session.run(sql);
  const { hostname, port } = new URL(server.login.accessUrl);
  const { account, username: user, password } = server.login;
  const place = { database: "ENERGY", schema: "PUBLIC", warehouse: "ENERGY" };
  connect = { account, user, password, host: hostname, port: Number(port), protocol: "http", ...place };
});

afterAll(async () => {
  clients.remove();
  await session.close();
  await server.stop();
});

test("SQLAlchemy makes, fills and reflects tables", async () => {
  expect(await clients.script("alchemy.py", { connect })).toEqual({
    rows: [
      ["1", "a", "1.500"],
      ["2", "b", "None"],
    ],
    tables: ["meters", "numbers"],
    key: ["id"],
    columns: { id: ["DECIMAL(38, 0)", false], name: ["VARCHAR(20)", false], kwh: ["DECIMAL(10, 3)", true] },
    sum: 6,
  });
});

test("Snowpark works on frames", async () => {
  expect(await clients.script("snowpark.py", { connect })).toEqual({
    joined: [
      ["Homes", 0.75, 2],
      ["Shops", 1, 1],
    ],
    updated: 1,
    merged: 3,
    many: 179_700,
    cached: 2,
    pandas: { METER_ID: "object", QUARTER: "int8", KWH: "float64" },
  });
});

test("snow tests the connection, runs SQL, lists and describes objects, and copies files", async () => {
  const at = ["--database", "ENERGY", "--schema", "PRODUCTION", "--warehouse", "ENERGY"];
  const file = path.join(clients.home, "notes.csv");
  writeFileSync(file, "a,b\n1,2\n");
  expect(await clients.snow("connection", "test")).toMatchObject({ Status: "OK", Role: "ACCOUNTADMIN" });
  expect(
    await clients.snow("sql", "-q", "SELECT 1 AS A; SELECT COUNT(*) AS N FROM AMI_INTERVAL_READINGS", ...at),
  ).toEqual([[{ A: 1 }], [{ N: 768 }]]);
  expect(await clients.snow("object", "list", "table", ...at)).toMatchObject([
    { name: "AMI_INTERVAL_READINGS" },
  ]);
  expect(await clients.snow("object", "describe", "table", "AMI_INTERVAL_READINGS", ...at)).toMatchObject([
    { name: "METER_ID" },
    { name: "TIMESTAMP", type: "TIMESTAMP_NTZ(9)" },
    {},
    {},
  ]);
  await clients.snow("stage", "create", "SNOWED", ...at);
  expect(await clients.snow("stage", "copy", file, "@SNOWED/in", ...at)).toMatchObject([
    { status: "UPLOADED" },
  ]);
  expect(await clients.snow("stage", "list-files", "@SNOWED", ...at)).toMatchObject([
    { name: "snowed/in/notes.csv" },
  ]);
  const target = path.join(clients.home, "copied");
  expect(await clients.snow("stage", "copy", "@SNOWED/in", target, ...at)).toMatchObject([
    { status: "DOWNLOADED" },
  ]);
  expect(readFileSync(path.join(target, "notes.csv"), "utf8")).toBe("a,b\n1,2\n");
});

test("dbt seeds, runs, tests, looks how fresh sources are, and documents", async () => {
  const env = { DBT_WAREHOUSE: "ENERGY", DBT_DATABASE: "ENERGY" };
  await clients.dbt(["debug"], env);
  const built = await clients.dbt(["build"], env);
  expect(Object.keys(built)).toHaveLength(10);
  expect(new Set(Object.values(built))).toEqual(new Set(["success", "pass"]));
  const days = "SELECT COUNT(*), SUM(USAGE_KWH) FROM DBT.METER_DAYS";
  expect(Object.values((await session.rows(days))[0] ?? {})).toEqual([8, 192]);

  await session.run(
    "INSERT INTO AMI_INTERVAL_READINGS VALUES ('M1', '2026-01-03 12:00', 200, 'RESIDENTIAL')",
  );
  expect(await clients.dbt(["run", "--select", "meter_days"], env)).toEqual({ meter_days: "success" });
  expect(await clients.dbt(["run", "--select", "meter_days"], env)).toEqual({ meter_days: "success" });
  expect(Object.values((await session.rows(days))[0] ?? {})).toEqual([9, 392]);
  expect(await clients.dbt(["test", "--select", "no_day_above_100_kwh"], env)).toEqual({
    no_day_above_100_kwh: "fail",
  });

  await clients.dbt(["source", "freshness"], env);
  const made = (name: string) => JSON.parse(readFileSync(path.join(clients.home, "target", name), "utf8"));
  expect(made("sources.json").results).toMatchObject([{ status: "pass" }]);
  await clients.dbt(["docs", "generate"], env);
  const { nodes, sources, errors } = made("catalog.json");
  expect(errors).toBeNull();
  expect(Object.keys({ ...nodes, ...sources }).sort()).toEqual([
    "model.flux_readings.busiest_days",
    "model.flux_readings.meter_days",
    "model.flux_readings.segment_days",
    "seed.flux_readings.segments",
    "source.flux_readings.ami.AMI_INTERVAL_READINGS",
  ]);
});
