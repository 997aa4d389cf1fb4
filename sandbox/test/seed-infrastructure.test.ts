import { seedInfrastructure } from "../seed/infrastructure.ts";
import { LocalServer } from "./support/local-server.ts";

/** No statement here reads S3. */
const nowhere = {
  endpoint: "http://127.0.0.1:9",
  snowflakeUser: { arn: "arn:aws:iam::999999999999:user/none", accessKeyId: "none", secretAccessKey: "none" },
};
const TABLE = "FLUX_REFERENCE.PRODUCTION.METER_INFRASTRUCTURE";

let server: LocalServer;
beforeAll(async () => {
  server = new LocalServer(nowhere);
  await server.start();
}, 30_000);
afterAll(() => server.stop());

const seed = (meters: number) => seedInfrastructure({ ...server.login, role: undefined }, meters);
async function figures() {
  await server.sql("USE WAREHOUSE SEED_WH");
  const [row] = await server.sql(
    `SELECT COUNT(*) AS METERS, COUNT(DISTINCT METER_ID) AS IDS, MIN(METER_ID) AS FIRST, MAX(METER_ID) AS LAST,
       COUNT(DISTINCT TRANSFORMER_ID) AS TRANSFORMERS, COUNT(DISTINCT SUBSTATION_ID) AS SUBSTATIONS,
       MIN(LATITUDE) AS SOUTH, MAX(LATITUDE) AS NORTH, MIN(LONGITUDE) AS WEST, MAX(LONGITUDE) AS EAST,
       MAX(LENGTH(CUSTOMER_SEGMENT_ID)) AS LONGEST FROM ${TABLE}`,
  );
  return row;
}

it("writes each meter of the readings once, with where it is", async () => {
  expect(await seed(2_500)).toBe(2_500);
  expect(await figures()).toEqual({
    METERS: 2_500,
    IDS: 2_500,
    FIRST: "MTR-00000001",
    LAST: "MTR-00002500",
    TRANSFORMERS: 313,
    SUBSTATIONS: 6,
    SOUTH: expect.closeTo(29.6, 0),
    NORTH: expect.closeTo(29.7, 0),
    WEST: expect.closeTo(-95.6, 0),
    EAST: expect.closeTo(-95.6, 0),
    LONGEST: 11,
  });
}, 60_000);

it("adds only what is missing, and takes nothing away", async () => {
  expect(await seed(2_500)).toBe(0);
  expect(await seed(3_000)).toBe(500);
  expect(await seed(100)).toBe(0);
  expect(await figures()).toMatchObject({ METERS: 3_000, IDS: 3_000, LAST: "MTR-00003000" });
}, 60_000);
