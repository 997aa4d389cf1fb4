import { Clients } from "./support/clients.ts";
import { standaloneServer } from "./support/standalone-server.ts";

const server = standaloneServer();
let clients: Clients;

beforeAll(async () => {
  await server.start();
  clients = new Clients(server);
}, 60_000);

afterAll(async () => {
  clients.remove();
  await server.stop();
});

test("logs in by a named connection, changes and reads rows, and sees Snowflake's codes", async () => {
  const outcomes = await clients.statements([
    "CREATE DATABASE CLIENTS",
    "CREATE WAREHOUSE CLIENTS",
    "CREATE TABLE READINGS (METER_ID VARCHAR, KWH NUMBER(10,3), AT TIMESTAMP_NTZ)",
    "INSERT INTO READINGS VALUES ('M1', 1.25, '2026-01-01 00:15:00'), ('M2', NULL, NULL)",
    "SELECT * FROM READINGS ORDER BY METER_ID",
    "SELECT * FROM NO_SUCH_TABLE",
  ]);
  expect(outcomes.slice(3)).toMatchObject([
    { rows: [["2"]] },
    {
      rows: [
        ["M1", "1.250", "2026-01-01 00:15:00.000"],
        ["M2", null, null],
      ],
    },
    { error: "002003" },
  ]);
}, 240_000);
