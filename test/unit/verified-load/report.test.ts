import { bytes, duration, throttled } from "../../../components/verified-load/format.ts";
import type { Plan } from "../../../components/verified-load/plan.ts";
import {
  pendingLines,
  planLines,
  progressLine,
  rejectedLines,
} from "../../../components/verified-load/report.ts";
import { record, staged } from "./support/settings.ts";

const plan = (more: Partial<Plan>): Plan => ({ fresh: [], replaced: [], uncertain: [], loaded: [], ...more });

test("the plan says files, bytes, time and credits before anything is loaded", () => {
  const fresh = [staged("a")];
  const expected = { files: 385, bytes: 80_080_000_000, seconds: 35, credits: 0.267 };
  expect(planLines(plan({ fresh, loaded: [staged("x")] }), expected, "XLARGE")).toEqual([
    "load: 385 files, 80.1 GB, about 35 s and 0.267 credits on XLARGE (1 file already in the table)",
  ]);
  expect(pendingLines(plan({ fresh }), expected, "XLARGE")[0]).toMatch(
    /^load: waiting to be loaded: 385 files, 80\.1 GB/,
  );
});

test("nothing waiting is no line in a preview", () => {
  expect(
    pendingLines(plan({ loaded: [staged("a")] }), { files: 0, bytes: 0, seconds: 0, credits: 0 }, "XLARGE"),
  ).toEqual([]);
});

test("files that need an eye are named", () => {
  const files = Array.from({ length: 12 }, (_, index) => staged(`f${index}`));
  const [, line] = planLines(
    plan({ replaced: files }),
    { files: 0, bytes: 0, seconds: 0, credits: 0 },
    "XLARGE",
  );
  expect(line).toMatch(/^load: 12 files changed under their name .*\/f0, .*\/f9 and 2 more$/);
});

test("progress is plain text: files, bytes, rows, elapsed, estimate", () => {
  const line = progressLine({
    filesDone: 100,
    files: 385,
    bytesDone: 20e9,
    bytes: 80e9,
    rows: 1_900_000_000,
    elapsedSeconds: 10,
    expectedSeconds: 35,
  });
  expect(line).toBe(
    "load: 100 of 385 files, 20.0 GB of 80.0 GB, 1,900,000,000 rows, 10 s so far, about 30 s to go",
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point
  expect(line).not.toMatch(/[\x00-\x1f\x7f]/);
  expect(
    progressLine({
      filesDone: 0,
      files: 1,
      bytesDone: 0,
      bytes: 0,
      rows: 0,
      elapsedSeconds: 60,
      expectedSeconds: 35,
    }),
  ).toBe("load: 0 of 1 file, 1 min 0 s so far, longer than expected");
});

test("while one COPY runs, files done are told by their share of the bytes", () => {
  const progress = { filesDone: 0, files: 385, bytesDone: 20e9, bytes: 80e9, rows: 0, elapsedSeconds: 10 };
  expect(progressLine({ ...progress, expectedSeconds: 35 })).toBe(
    "load: about 96 of 385 files, 20.0 GB of 80.0 GB, 10 s so far, about 30 s to go",
  );
});

test("a COPY that an earlier run started shows what is known of it, and no more", () => {
  const none = { filesDone: 0, files: 0, bytes: 0, expectedSeconds: 0 };
  expect(progressLine({ ...none, bytesDone: 0, rows: 0, elapsedSeconds: 12 })).toBe("load: 12 s so far");
  expect(progressLine({ ...none, bytesDone: 3e9, rows: 7, elapsedSeconds: 12 })).toBe(
    "load: 3.0 GB, 7 rows, 12 s so far",
  );
});

test("only what waits is said to wait; files that need an eye are said as they are", () => {
  const lines = pendingLines(
    plan({ fresh: [staged("a")], uncertain: [staged("old")], replaced: [staged("new")] }),
    { files: 1, bytes: 5, seconds: 3, credits: 0.3 },
    "XLARGE",
  );
  expect(lines).toEqual([
    expect.stringMatching(/^load: waiting to be loaded: 1 file, 5 B/),
    expect.stringMatching(/^load: 1 file changed under their name/),
    expect.stringMatching(/^load: 1 file too old to know/),
  ]);
});

test("a line about the same work comes at once and then every ten seconds", () => {
  let now = 0;
  const lines: string[] = [];
  const say = throttled(
    (line) => lines.push(line),
    () => now,
  );
  for (now = 0; now <= 25_000; now += 500) say(`${now}`);
  expect(lines).toEqual(["0", "10000", "20000"]);
});

test("the worst files come first, with the first error of each", () => {
  const lines = rejectedLines([
    record("good"),
    record("some", {
      status: "PARTIALLY_LOADED",
      rowsRejected: 2,
      firstError: "bad\nvalue",
      firstErrorLine: 7,
      firstErrorColumn: "VOLTAGE",
    }),
    record("more", { status: "PARTIALLY_LOADED", rowsRejected: 5, firstError: "bad" }),
    record("none", { status: "LOAD_FAILED", rowsLoaded: 0, firstError: "not a Parquet file" }),
  ]);
  expect(lines).toEqual([
    "ami_interval_readings/none: not loaded: not a Parquet file",
    "ami_interval_readings/more: 5 of 10 rows rejected: bad",
    "ami_interval_readings/some: 2 of 10 rows rejected: bad value (column VOLTAGE, row 7)",
  ]);
  expect(
    rejectedLines(Array.from({ length: 13 }, (_, i) => record(`${i}`, { status: "LOAD_FAILED" }))).at(-1),
  ).toBe("and 3 more files");
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [208e6, "208 MB"],
  [80.08e9, "80.1 GB"],
  [999.6e6, "1.0 GB"],
])("%d bytes are %s", (value, text) => {
  expect(bytes(value)).toBe(text);
});

test.each([
  [3, "3 s"],
  [59.6, "1 min 0 s"],
  [125, "2 min 5 s"],
  [7260, "2 h 1 min"],
])("%d seconds are %s", (value, text) => {
  expect(duration(value)).toBe(text);
});
