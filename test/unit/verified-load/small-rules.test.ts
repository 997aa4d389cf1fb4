/** Rules of one line each that the load and its inputs rest on. */
import { isClusterKey } from "../../../components/readings-columns.ts";
import { offenders, start } from "../../../components/verified-load/quality/check.ts";
import { checkRows, severitiesOf } from "../../../components/verified-load/quality/index.ts";
import { complete, namesOf } from "../../../components/verified-load/settings.ts";
import { sizeOf } from "../../../components/verified-load/warehouse-sizes.ts";
import { isGlob, selector } from "../../../components/verified-load/write/selection.ts";
import { given } from "./support/settings.ts";

test.each([
  ["X-Small", "XSMALL"],
  ["Medium", "MEDIUM"],
  ["X-Large", "XLARGE"],
  ["2X-Large", "XXLARGE"],
  ["XXLarge", "XXLARGE"],
  ["X2Large", "XXLARGE"],
  ["3X-Large", "XXXLARGE"],
  ["X3LARGE", "XXXLARGE"],
  ["4X-Large", "X4LARGE"],
  ["6X-Large", "X6LARGE"],
  ["7X-Large", undefined],
  ["Not 2X-Large", undefined],
  ["2X-Large or more", undefined],
  ["3X-Large or more", undefined],
  ["14X-Large", undefined],
  ["4X-Large or more", undefined],
])("SHOW's %s is %s", (shown, size) => {
  expect(sizeOf(shown)).toBe(size);
});

test.each([
  [["TO_DATE(TIMESTAMP)"], true],
  [["TIMESTAMP", "METER_ID", "VOLTAGE", "SUBSTR(METER_ID, 1, 3)"], true],
  [["DATE_TRUNC('day', TIMESTAMP)", "NOT_A_COLUMN"], false],
  [["TIMESTAMP", "METER_ID", "VOLTAGE", "POWER_FACTOR", "METER_ID"], false],
  [["METER_ID", "TIMESTAMP"], false],
  [["DATE_TRUNC('minute', TIMESTAMP)"], false],
  [[], false],
])("%p can be a clustering key: %p", (expressions, can) => {
  expect(isClusterKey(expressions)).toBe(can);
});

test.each([
  ["**/*.parquet", true],
  ["a//b", true],
  ["a..b/c", true],
  ["x".repeat(999), true],
  ["x".repeat(1000), false],
  ["", false],
  [7, false],
  [undefined, false],
  ["/a", false],
  ["a/../b", false],
  ["a\\b", false],
  ["a\nb", false],
])("%p can be a glob: %p", (text, can) => {
  expect(isGlob(text)).toBe(can);
});

test("globs see files that begin with a dot in a folder's name only as bookkeeping, and take ! and \\ as they are", () => {
  const why = selector({ include: ["**/*.parquet"], exclude: [] });
  expect(why("a/b.parquet")).toBeUndefined();
  expect(why(".a/b.parquet")).toBe("bookkeeping");
  expect(why("b.csv")).toBe("not included");
  expect(selector({ include: ["!a.parquet"], exclude: [] })("b.parquet")).toBe("not included");
  expect(selector({ include: ["**"], exclude: ["a/*"] })("a/b.parquet")).toBe("excluded");
});

test("rows that break a rule are counted against what it accepts, and an empty day is said so", () => {
  const found = (rows: number, max: number) =>
    offenders({ rows, examples: ["x"] }, max, "none", (text) => `${text} do`);
  expect(found(0, 0)).toEqual({ holds: true, figure: 0, threshold: 0, message: "none", examples: ["x"] });
  expect(found(2, 2)).toMatchObject({ holds: true, message: "2 rows do" });
  expect(found(1, 0)).toMatchObject({ holds: false, message: "1 row do" });
  expect(start("2026-07-01")).toContain("2026-07-01");
  expect(start("tomorrow")).not.toContain("tomorrow");
});

test("only a check of single rows can put rows aside", () => {
  for (const [, check] of checkRows)
    expect(severitiesOf(check).includes("quarantine")).toBe(check.row !== undefined);
});

test("a load publishes, leaves what it has verified and meters nothing, unless it is told to", () => {
  expect(complete(given)).toMatchObject({
    publish: true,
    verifyAll: false,
    meterCredits: false,
    exclude: [],
  });
});

test("each table of a load has a name of its own, in the load's schema", () => {
  const names = namesOf(complete(given));
  const { schema, information, files, meters, work, warehouse, plain, stage, ...tables } = names;
  const all = Object.values(tables);
  expect(new Set(all).size).toBe(11);
  for (const name of [...all, work("X"), stage]) expect(name.startsWith(`${schema}.`)).toBe(true);
  expect([files, information, warehouse, plain].every((name) => name.length > 0)).toBe(true);
  expect(files).toContain(stage);
  expect(meters).toBeUndefined();
  expect(namesOf(complete({ ...given, metersTable: "A.B.C" })).meters).toBe('"A"."B"."C"');
});
