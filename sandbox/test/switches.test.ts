import { readSwitches } from "../snowflake/switches.ts";
import { standaloneServer, TestSession } from "./support/standalone-server.ts";

test("a switch that nobody knows, or a value that does not fit, is refused by name", () => {
  expect(readSwitches({ queryHistoryDelaySeconds: 5 }).queryHistoryDelaySeconds).toBe(5);
  expect(() => readSwitches({ queryHistoryDelay: 5 })).toThrow("there is no switch 'queryHistoryDelay'");
  expect(() => readSwitches({ queryHistoryDelaySeconds: "5" })).toThrow(
    'queryHistoryDelaySeconds takes a number from 0, not "5"',
  );
});

test("a late query history does not have what has just ended", async () => {
  const count =
    "SELECT COUNT(*) FROM TABLE(DB.INFORMATION_SCHEMA.QUERY_HISTORY()) WHERE QUERY_TEXT = 'SELECT 1'";
  const seen = async (switches: Parameters<typeof standaloneServer>[0]) => {
    const server = standaloneServer(switches);
    await server.start();
    const session = await TestSession.open(server.login);
    try {
      for (const sql of ["CREATE WAREHOUSE WH", "CREATE DATABASE DB", "SELECT 1"]) await session.run(sql);
      return await session.value(count);
    } finally {
      await session.close();
      await server.stop();
    }
  };
  expect(await seen({})).toBe(1);
  expect(await seen({ queryHistoryDelaySeconds: 3_600 })).toBe(0);
}, 60_000);
