import type { Session } from "../../../components/snowflake/session.ts";
import { bytesOf, fingerprint, listFiles, nameOf } from "../../../components/verified-load/write/listing.ts";
import { settings, staged } from "./support/settings.ts";

test("LIST becomes files, by their URL and in its order", async () => {
  const row = (name: string) => ({
    name: `s3://bucket/raw/ami/ami_interval_readings/${name}`,
    size: "12",
    md5: "m",
    last_modified: "Fri, 27 Nov 2026 10:00:00 GMT",
  });
  const session = { rows: async () => [row("b.parquet"), row("2026/a.parquet")] } as unknown as Session;
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
