import { placed } from "../../../components/verified-load/audit/scan.ts";
import type { LocalServer } from "../../../sandbox/test/support/local-server.ts";
import { standaloneServer, TestSession } from "../../../sandbox/test/support/standalone-server.ts";
import { settings } from "./support/settings.ts";

jest.setTimeout(60_000);

let server: LocalServer;
let session: TestSession;
beforeAll(async () => {
  server = standaloneServer();
  await server.start();
  session = await TestSession.open(server.login);
  for (const sql of ["CREATE WAREHOUSE WH", "CREATE DATABASE DB"]) await session.run(sql);
}, 60_000);
afterAll(async () => {
  await session?.close();
  await server?.stop();
});

test.each([
  [15, [0, 3, 4, 95]],
  [60, [0, 0, 1, 23]],
  [1440, [0, 0, 0, 0]],
])("a reading lies in the last interval that began before it: %i minutes", async (intervalMinutes, slots) => {
  const moments = ["00:00:00", "00:59:59.999", "01:00:00", "23:59:59.999"].map(
    (time) => `SELECT '2026-07-01 ${time}'::TIMESTAMP_NTZ AS TIMESTAMP`,
  );
  const readings = placed(
    moments.join(" UNION ALL "),
    settings({ quality: { continuity: { intervalMinutes } } }),
  );
  const rows = await session.rows(`SELECT SLOT FROM (${readings}) s ORDER BY TIMESTAMP`);
  expect(rows.map(({ SLOT }) => SLOT)).toEqual(slots);
});
