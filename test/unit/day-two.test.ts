import { readFileSync } from "node:fs";
import { environmentFields } from "../../config/environment.ts";

const page = readFileSync("docs/day-two.md", "utf8");

test("the page says what a change of each key does to a living stack", () => {
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  const told = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, key]) => key),
  );
  expect(told.filter((key) => Object.hasOwn(environmentFields, key as string)).sort()).toEqual(
    Object.keys(environmentFields).sort(),
  );
});
