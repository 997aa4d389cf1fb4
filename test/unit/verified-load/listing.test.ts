import {
  bytesOf,
  filesNamed,
  fingerprint,
  listFiles,
  listFolder,
  nameOf,
} from "../../../components/verified-load/write/listing.ts";
import { isGlob } from "../../../components/verified-load/write/selection.ts";
import { sessionOf } from "../support/session-of.ts";
import { settings, staged } from "./support/settings.ts";

test("LIST becomes files, by their URL and in its order", async () => {
  const row = (name: string) => ({
    name: `s3://bucket/raw/ami/ami_interval_readings/${name}`,
    size: "12",
    md5: "m",
    last_modified: "Fri, 27 Nov 2026 10:00:00 GMT",
  });
  const rows = ["b.parquet", "2026/a.parquet", "z.csv", "c.csv"].map(row);
  const session = sessionOf(async () => rows);
  expect((await listFolder(session, settings())).left.map(({ name }) => name)).toEqual(["c.csv", "z.csv"]);
  expect(await listFiles(session, settings())).toEqual(
    ["2026/a.parquet", "b.parquet"].map((name) => ({
      file: `s3://bucket/raw/ami/ami_interval_readings/${name}`,
      name,
      size: 12,
      md5: "m",
      lastModified: new Date("2026-11-27T10:00:00Z"),
    })),
  );
});

describe("which objects are data", () => {
  const BELOW = [
    ..."a.parquet b.PARQUET c.parq d deep/day=2026-07-01/e.parquet f.snappy.parquet g.parquet.gz old/h.parquet".split(
      " ",
    ),
    ..."_SUCCESS _delta_log/0.parquet .hidden.parquet x/_temporary/0/i.parquet x/.spark/j.parquet".split(" "),
    "folder/",
    "",
  ];
  const listing = async (more: Parameters<typeof settings>[0] = {}) => {
    const rows = BELOW.map((name) => ({
      name: `s3://bucket/raw/ami/ami_interval_readings/${name}`,
      size: "12",
      md5: "m",
      last_modified: "Fri, 27 Nov 2026 10:00:00 GMT",
    }));
    const { files, left } = await listFolder(
      sessionOf(async () => rows),
      settings(more),
    );
    return {
      files: files.map(({ name }) => name),
      excluded: left.filter(({ why }) => why === "excluded").map(({ name }) => name),
      others: left.filter(({ why }) => why === "not included").map(({ name }) => name),
      bookkeeping: left.filter(({ why }) => why === "bookkeeping").length,
    };
  };

  test("every .parquet file, wherever it lies, but for bookkeeping", async () => {
    expect(await listing()).toEqual({
      files: ["a.parquet", "deep/day=2026-07-01/e.parquet", "f.snappy.parquet", "old/h.parquet"],
      excluded: [],
      others: ["b.PARQUET", "c.parq", "d", "g.parquet.gz"],
      bookkeeping: 5,
    });
  });

  test("include and exclude are globs on the path below the folder; bookkeeping is never data", async () => {
    const found = await listing({
      include: ["**/*.{parquet,PARQUET,parq}", "d"],
      exclude: ["old/**", "**/f.*"],
    });
    expect(found).toEqual({
      files: ["a.parquet", "b.PARQUET", "c.parq", "d", "deep/day=2026-07-01/e.parquet"],
      excluded: ["f.snappy.parquet", "old/h.parquet"],
      others: ["g.parquet.gz"],
      bookkeeping: 5,
    });
    expect((await listing({ include: ["*.parquet"] })).files).toEqual(["a.parquet", "f.snappy.parquet"]);
    expect((await listing({ include: ["**", "_delta_log/**"] })).bookkeeping).toBe(5);
  });

  test.each(["", "/a", "../a", "a/../b", "a\\b", 7, "x".repeat(1000)])("%j is no glob", (text) => {
    expect(isGlob(text)).toBe(false);
  });
});

test.each([
  ["s3://bucket/raw/ami/ami_interval_readings/2026/a.parquet", "2026/a.parquet"],
  ["s3gov://bucket/raw/ami/ami_interval_readings/a.parquet", "a.parquet"],
  ["s3://bucket/raw/elsewhere/a.parquet", "s3://bucket/raw/elsewhere/a.parquet"],
  [
    "s3://other/raw/ami/ami_interval_readings/a.parquet",
    "s3://other/raw/ami/ami_interval_readings/a.parquet",
  ],
])("%s is called %s", (file, name) => {
  expect(nameOf(file, settings())).toBe(name);
});

describe("files by the names of an answer", () => {
  const FOLDER = "raw/ami/ami_interval_readings/";
  // What the second is called below the bucket is what the third is called below the stage.
  const NAMES = ["a.parquet", "b.parquet", `raw/ami/${FOLDER}a.parquet`];
  const files = NAMES.map((name) => staged(name, { file: `s3://bucket/${FOLDER}${name}` }));
  const named = (names: readonly string[]) =>
    [...filesNamed(names, files, settings())].map(([name, file]) => [name, files.indexOf(file)]);
  const asNamed = (of: (name: string) => string) => NAMES.map((name, at) => [of(name), at]);

  test.each<[string, (name: string) => string]>([
    ["whole URLs", (name) => `s3://bucket/${FOLDER}${name}`],
    ["paths in the bucket", (name) => FOLDER + name],
    ["paths in the bucket, from its root", (name) => `//${FOLDER}${name}`],
    ["paths below the stage", (name) => `ami_interval_readings/${name}`],
    ["paths below the folder", (name) => name],
  ])("%s: one way for all of them", (_way, of) => {
    expect(named(NAMES.map(of))).toEqual(asNamed(of));
  });

  test("what no file is called is nobody's, and where two ways name as many the longer one counts", () => {
    expect(named(["c.parquet", "b.parquet"])).toEqual([["b.parquet", 1]]);
    expect(named(["c.parquet"])).toEqual([]);
    expect(named([`${FOLDER}a.parquet`])).toEqual([[`${FOLDER}a.parquet`, 0]]);
    expect(named([`raw/ami/${FOLDER}a.parquet`, "b.parquet"])).toEqual([
      [`raw/ami/${FOLDER}a.parquet`, 2],
      ["b.parquet", 1],
    ]);
  });
});

test("the fingerprint changes with every file, size and checksum, and with nothing else", () => {
  const files = [staged("a"), staged("b")];
  const known = fingerprint(files);
  expect(fingerprint(files.map((file) => ({ ...file, lastModified: new Date(0) })))).toBe(known);
  const others = [
    [staged("a")],
    [staged("a"), staged("c")],
    [staged("a"), staged("b", { size: 1001 })],
    [staged("a"), staged("b", { md5: "other" })],
    [...files, staged("c")],
  ];
  expect(new Set([known, ...others.map(fingerprint)]).size).toBe(others.length + 1);
  expect(fingerprint([])).toBe("");
  expect(bytesOf(files)).toBe(2000);
});
