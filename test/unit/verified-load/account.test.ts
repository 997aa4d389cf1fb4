import fc from "fast-check";
import { readAccounting, writeAccounting } from "../../../components/verified-load/account.ts";
import type { Session } from "../../../components/verified-load/session.ts";
import { record, settings } from "./support/settings.ts";

test("nothing is written twice, whatever was written before the client died", async () => {
  const files = fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { maxLength: 350 });
  await fc.assert(
    fc.asyncProperty(files, fc.nat(), async (numbers, cut) => {
      const all = numbers.map((n) => record(`${n}`));
      const before = all.slice(0, all.length === 0 ? 0 : cut % all.length);
      const table: unknown[] = before.map(({ file }) => file);
      const session = {
        once: async (sql: string, binds: readonly unknown[] = []) => {
          expect(sql).toMatch(/^INSERT INTO "FLUX"\."PRODUCTION"\."AMI_INTERVAL_READINGS_LOADS" \(FILE, /);
          expect((sql.match(/\?/g) ?? []).length).toBe(binds.length);
          table.push(...binds.filter((_, index) => index % 13 === 0));
          return [];
        },
      } as unknown as Session;
      await writeAccounting(session, settings(), all, before);
      expect([...table].sort()).toEqual(all.map(({ file }) => file).sort());
    }),
  );
});

test("when the network fails in the middle of writing, only what did not go in is written again", async () => {
  const all = ["a", "b"].map((name) => record(name));
  const table: string[] = [];
  const session = {
    once: async (_sql: string, binds: readonly unknown[]) => {
      const files = binds.filter((_, index) => index % 13 === 0) as string[];
      // The first attempt goes in, and its answer is lost.
      table.push(...files);
      if (table.length === 2) throw new Error("read ECONNRESET");
      return [];
    },
    rows: async () =>
      all.map(({ file, md5, queryId }) => ({
        FILE: file,
        MD5: md5,
        QUERY_ID: queryId,
        LOADED_AT: new Date(0),
        DISCARDED_AT: null,
      })),
  } as unknown as Session;
  await writeAccounting(session, settings(), all, []);
  expect(table).toEqual(all.map(({ file }) => file));
});

test("a row that was written twice counts once; two loads by other people of one file are two", async () => {
  const row = (more: object) => ({
    ...{ FILE: "a", SIZE: 1, MD5: "m", STATUS: "LOADED", ROWS_PARSED: 10, ROWS_LOADED: 10, ROWS_REJECTED: 0 },
    ...{
      FIRST_ERROR: null,
      FIRST_ERROR_LINE: null,
      FIRST_ERROR_COLUMN: null,
      LOADED_BY: "x",
      DISCARDED_AT: null,
    },
    ...{ QUERY_ID: "q1", LOADED_AT: new Date(0), ...more },
  });
  const rows = [
    row({}),
    row({}),
    row({ QUERY_ID: "", LOADED_AT: new Date(1000) }),
    row({ QUERY_ID: "", LOADED_AT: new Date(2000) }),
    row({ QUERY_ID: "q0", DISCARDED_AT: new Date(500) }),
  ];
  const session = { rows: async () => rows } as unknown as Session;
  const accounting = await readAccounting(session, settings());
  expect(accounting.records.map(({ queryId }) => queryId)).toEqual(["q1", "", ""]);
  expect(accounting.discarded.map(({ queryId }) => queryId)).toEqual(["q0"]);
  expect(accounting.discardedAt).toBe(500);
});
