import fc from "fast-check";
import { batches, copyStatement } from "../../../components/verified-load/copy.ts";
import { batchName, tagOf } from "../../../components/verified-load/history.ts";
import { belowStage, fingerprint } from "../../../components/verified-load/listing.ts";
import { settings, staged } from "./support/settings.ts";

test("the COPY names its files, matches columns by name, goes on after errors, and never forces", () => {
  expect(copyStatement(settings(), [staged("2025-01-01.parquet"), staged("it's.parquet")])).toBe(
    `COPY INTO "FLUX"."PRODUCTION"."AMI_INTERVAL_READINGS"
FROM @"FLUX"."PRODUCTION"."EXT_RAW_AMI"/ami_interval_readings/
FILES = ('2025-01-01.parquet', 'it''s.parquet')
FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)
MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE
ON_ERROR = 'CONTINUE'`,
  );
  expect(copyStatement(settings(), [staged("a")], true)).toContain("LOAD_UNCERTAIN_FILES = TRUE");
});

test("batches hold every file once, in order, none too large", () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 1000 }), (files, size) => {
      const split = batches(files, size);
      expect(split.flat()).toEqual(files);
      expect(split.every((batch) => batch.length > 0 && batch.length <= size)).toBe(true);
    }),
  );
});

test("the tag depends on table and files only, and begins alike for every load of the table", () => {
  const files = ["a", "b", "c"].map((name) => staged(name));
  const tag = tagOf(settings(), batchName(files));
  expect(tagOf(settings(), batchName(files.toReversed()))).toBe(tag);
  expect(tagOf(settings(), batchName([...files.slice(1), staged("a", { md5: "other" })]))).not.toBe(tag);
  expect(JSON.parse(tag)).toMatchObject({
    app: "verified-load",
    table: "FLUX.PRODUCTION.AMI_INTERVAL_READINGS",
    owner: "flux-ami/dev",
  });
  expect(tag.startsWith('{"app":"verified-load","table":"FLUX.PRODUCTION.AMI_INTERVAL_READINGS",')).toBe(
    true,
  );
  expect(tag.length).toBeLessThan(2000);
});

test("a listing's fingerprint changes with any file", () => {
  const files = [staged("a"), staged("b")];
  const changes = [
    [staged("a")],
    [staged("a"), staged("b", { size: 1 })],
    [staged("a"), staged("b", { md5: "x" })],
    [staged("a"), staged("c")],
  ];
  expect(new Set([files, ...changes].map(fingerprint)).size).toBe(5);
  expect(fingerprint([])).toBe("");
});

test.each([
  ["s3://bucket/raw/ami/x/y.parquet", "x/y.parquet"],
  ["x/y.parquet", "x/y.parquet"],
  ["/x/y.parquet", "x/y.parquet"],
])("%s is %s below the stage", (name, below) => {
  expect(belowStage(name, "s3://bucket/raw/ami/")).toBe(below);
});
