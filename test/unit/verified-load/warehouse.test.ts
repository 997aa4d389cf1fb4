import type { Session } from "../../../components/snowflake/session.ts";
import { borrowWarehouse } from "../../../components/verified-load/warehouse.ts";
import { sizeOf } from "../../../components/verified-load/warehouse-sizes.ts";
import type { Statement } from "../../../sandbox/snowflake/grammar/statement.ts";
import { localSnowflake } from "../support/local-snowflake.ts";
import { settings } from "./support/settings.ts";

const open = localSnowflake(["CREATE WAREHOUSE LOAD_WH"]);
const sizeNow = async (session: Session) => (await session.rows("SHOW WAREHOUSES LIKE 'LOAD_WH'"))[0]?.size;
const isChange = ({ kind }: Statement) => kind === "alterObject";

/** A warehouse at rest, which takes until `grown` to grow, as real ones take their time. */
async function warehouse(grown: Promise<void> = Promise.resolve()) {
  await open().rows("ALTER WAREHOUSE LOAD_WH SET WAREHOUSE_SIZE = 'MEDIUM'");
  let changes = 0;
  const session = open(async (statement) => {
    if (isChange(statement) && ++changes === 1) await grown;
  });
  const size = () => sizeNow(open());
  return { size, changes: () => changes, borrowed: borrowWarehouse(session, settings()) };
}

test("large for the load, small again afterwards", async () => {
  const { size, borrowed } = await warehouse();
  await borrowed.enlarge();
  expect(await size()).toBe("X-Large");
  await expect(borrowed.giveBack()).resolves.toBe(true);
  expect(await size()).toBe("Medium");
  await expect(borrowed.giveBack()).resolves.toBe(false);
});

test("given back while it still grows, it is small in the end all the same", async () => {
  const grown = Promise.withResolvers<void>();
  const { size, changes, borrowed } = await warehouse(grown.promise);
  const enlarged = borrowed.enlarge();
  const returned = borrowed.giveBack();
  grown.resolve();
  await expect(returned).resolves.toBe(true);
  await enlarged;
  expect(await size()).toBe("Medium");
  expect(changes()).toBe(2);
});

test("once given back it is not made large any more", async () => {
  const { changes, borrowed } = await warehouse();
  await borrowed.giveBack();
  await expect(borrowed.enlarge()).rejects.toMatchObject({ kind: "ended" });
  expect(changes()).toBe(0);
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
  const { size, changes, borrowed } = await warehouse(new Promise(() => {}));
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
  try {
    void borrowed.enlarge();
    await jest.advanceTimersByTimeAsync(1000);
    const returned = borrowed.giveBack();
    await jest.advanceTimersByTimeAsync(95_000);
    await expect(returned).resolves.toBe(true);
    expect(changes()).toBe(2);
    expect(await size()).toBe("Medium");
  } finally {
    jest.useRealTimers();
  }
});
