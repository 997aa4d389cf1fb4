import type { Session } from "../../../components/snowflake/session.ts";
import { borrowWarehouse } from "../../../components/verified-load/warehouse.ts";
import { sizeOf } from "../../../components/verified-load/warehouse-sizes.ts";
import { settings } from "./support/settings.ts";

/** A warehouse that takes its time to grow, as real ones do. */
function warehouse(size: string, growsInMilliseconds = 0) {
  const state = { size, altered: [] as string[] };
  const session = {
    rows: async (sql: string) => {
      if (sql.startsWith("SHOW WAREHOUSES")) return [{ name: "LOAD_WH", size: state.size }];
      const wanted = /WAREHOUSE_SIZE = '(\w+)'/.exec(sql)?.[1] as string;
      if (sql.includes("WAIT_FOR_COMPLETION"))
        await new Promise((resolve) => setTimeout(resolve, growsInMilliseconds));
      state.size = wanted;
      state.altered.push(wanted);
      return [];
    },
  } as unknown as Session;
  return { state, borrowed: borrowWarehouse(session, settings()) };
}

test("large for the load, small again afterwards", async () => {
  const { state, borrowed } = warehouse("Medium");
  await borrowed.enlarge();
  expect(state.size).toBe("XLARGE");
  await expect(borrowed.giveBack()).resolves.toBe(true);
  expect(state.altered).toEqual(["XLARGE", "MEDIUM"]);
  await expect(borrowed.giveBack()).resolves.toBe(false);
});

test("given back while it still grows, it is small in the end all the same", async () => {
  const { state, borrowed } = warehouse("Medium", 50);
  const enlarged = borrowed.enlarge();
  await expect(borrowed.giveBack()).resolves.toBe(true);
  await enlarged;
  expect(state.altered).toEqual(["XLARGE", "MEDIUM"]);
});

test("once given back it is not made large any more", async () => {
  const { state, borrowed } = warehouse("Medium");
  await borrowed.giveBack();
  await expect(borrowed.enlarge()).rejects.toMatchObject({ kind: "ended" });
  expect(state.altered).toEqual([]);
});

test.each([
  ["X-Small", "XSMALL"],
  ["Medium", "MEDIUM"],
  ["X-Large", "XLARGE"],
  ["2X-Large", "XXLARGE"],
  ["XXLARGE", "XXLARGE"],
  ["3X-Large", "XXXLARGE"],
  ["4X-Large", "X4LARGE"],
  ["X5LARGE", "X5LARGE"],
  ["Adaptive", undefined],
])("a warehouse of size %s is %s", (shown, size) => {
  expect(sizeOf(shown)).toBe(size);
});

test("a resize that does not come to its end is overruled, whatever the warehouse shows meanwhile", async () => {
  jest.useFakeTimers();
  try {
    const sent: string[] = [];
    const session = {
      rows: (sql: string) => {
        if (sql.startsWith("SHOW")) return Promise.resolve([{ name: "LOAD_WH", size: "Medium" }]);
        sent.push(/WAREHOUSE_SIZE = '(\w+)'/.exec(sql)?.[1] as string);
        return sql.includes("WAIT_FOR_COMPLETION") ? new Promise(() => {}) : Promise.resolve([]);
      },
    } as unknown as Session;
    const borrowed = borrowWarehouse(session, settings());
    void borrowed.enlarge();
    await jest.advanceTimersByTimeAsync(1000);
    const returned = borrowed.giveBack();
    await jest.advanceTimersByTimeAsync(95_000);
    await expect(returned).resolves.toBe(true);
    expect(sent).toEqual(["XLARGE", "MEDIUM"]);
  } finally {
    jest.useRealTimers();
  }
});
