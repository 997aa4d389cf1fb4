import { placed } from "../../../components/verified-load/audit/scan.ts";
import { standaloneSession } from "../support/standalone-session.ts";
import { settings } from "./support/settings.ts";

jest.setTimeout(60_000);

const session = standaloneSession("CREATE WAREHOUSE WH", "CREATE DATABASE DB");

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
  const rows = await session().rows(`SELECT SLOT FROM (${readings}) s ORDER BY TIMESTAMP`);
  expect(rows.map(({ SLOT }) => SLOT)).toEqual(slots);
});
