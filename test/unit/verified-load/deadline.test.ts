import { secondsOf } from "../../../components/snowflake/times.ts";
import { startDeadline } from "../../../components/verified-load/deadline.ts";
import { problemsOf } from "../../../components/verified-load/input-rules.ts";
import { sessionOf } from "../support/session-of.ts";
import { given, settings } from "./support/settings.ts";

const limited = (create: string) =>
  startDeadline(settings({ customTimeouts: { create } }), "create", () => "copying files into the table");
const never = () => new Promise<never>(() => {});

test.each([
  ["8h", 28_800],
  ["1h30m", 5400],
  ["90s", 90],
  ["1.5h", 5400],
  ["500ms", 0.5],
  ["1m0.5s", 60.5],
])("%s is %d seconds", (text, seconds) => {
  expect(secondsOf(text)).toBeCloseTo(seconds, 9);
});

test.each(["", "8", "h", "8 h", "8hours", "-1h", "1d"])("%j is no duration", (text) => {
  expect(secondsOf(text)).toBeNaN();
});

test("limits that are none are refused, with what is allowed", () => {
  const customTimeouts = { create: "soon", update: "0s", delete: "501h", read: "5m" };
  expect(problemsOf({ ...given, customTimeouts }).map(({ reason }) => reason)).toEqual([
    'customTimeouts.create is "soon"; it must be a duration up to 500h, like 8h or 1h30m',
    'customTimeouts.update is "0s"; it must be a duration up to 500h, like 8h or 1h30m',
    'customTimeouts.delete is "501h"; it must be a duration up to 500h, like 8h or 1h30m',
  ]);
});

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test("without a limit, or for another operation, work may take as long as it takes", async () => {
  for (const operation of ["update", "delete", undefined] as const) {
    const deadline = startDeadline(settings({ customTimeouts: { create: "1ms" } }), operation, () => "");
    jest.advanceTimersByTime(5);
    expect(deadline.remaining()).toBe(Number.POSITIVE_INFINITY);
    await expect(deadline.within(async () => "done")).resolves.toBe("done");
  }
});

test("work that ends in time passes, with its result or with its own error", async () => {
  const deadline = limited("1h");
  await expect(deadline.within(async () => 7)).resolves.toBe(7);
  await expect(deadline.within(() => Promise.reject(new Error("its own")))).rejects.toThrow("its own");
});

test("when the time is up the error names the limit, what was being done, and the cure", async () => {
  const late = expect(limited("30ms").within(never)).rejects.toMatchObject({
    kind: "out-of-time",
    message: expect.stringMatching(
      /create of the load of FLUX\.PRODUCTION\.AMI_INTERVAL_READINGS had not ended after 30ms.*customTimeouts\.create[\s\S]*copying files into the table[\s\S]*cure: run `pulumi up -s <stack>` again/,
    ),
  });
  await jest.advanceTimersByTimeAsync(30);
  await late;
});

test("a limited session sends nothing once the time is up, so work left behind ends by itself", async () => {
  const sent: string[] = [];
  const deadline = limited("40ms");
  const session = deadline.limit(
    sessionOf(async (sql) => {
      sent.push(sql);
      return [];
    }),
  );
  let leftBehind: unknown;
  const work = async () => {
    try {
      for (;;) {
        await session.rows("SELECT 1");
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } catch (error) {
      leftBehind = error;
      throw error;
    }
  };
  const late = expect(deadline.within(work)).rejects.toMatchObject({ kind: "out-of-time" });
  await jest.advanceTimersByTimeAsync(60);
  await late;
  expect(leftBehind).toMatchObject({ kind: "out-of-time" });
  expect(sent).toHaveLength(8);
  await expect(session.once("INSERT")).rejects.toMatchObject({ kind: "out-of-time" });
  expect(sent).toHaveLength(8);
});
