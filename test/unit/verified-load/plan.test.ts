import {
  expectedRows,
  filesToLoad,
  makePlan,
  namesOf,
  pendingOf,
  sameContentLines,
} from "../../../components/verified-load/plan.ts";
import { accounted, published, settings, staged } from "./support/settings.ts";

const names = (files: readonly { name: string }[]) => files.map(({ name }) => name);

test("files are fresh, present, replaced or gone", () => {
  const plan = makePlan(
    [
      staged("fresh"),
      staged("present"),
      staged("larger", { size: 1001 }),
      staged("same size", { md5: "other" }),
    ],
    published(
      ["present", "larger", "same size", "gone"].map((name, index) => accounted(name, { fileId: index + 1 })),
    ),
  );
  expect(names(plan.fresh)).toEqual(["fresh"]);
  expect(names(plan.present)).toEqual(["present"]);
  expect(names(plan.replaced.map(({ staged }) => staged))).toEqual(["larger", "same size"]);
  expect(plan.gone.map(({ file }) => file)).toEqual([staged("gone").file]);
  expect(plan.emptied).toBe(false);
});

test("a file that was merely written again, with the same content, is the same", () => {
  const again = staged("a", { lastModified: new Date("2026-01-01T00:00:00Z") });
  expect(names(makePlan([again], published([accounted("a")])).present)).toEqual(["a"]);
});

test("once a table is emptied all of its files are fresh, and none is gone", () => {
  const plan = makePlan(
    [staged("a")],
    published([accounted("a"), accounted("b", { fileId: 2 })], { rows: 0 }),
  );
  expect(plan).toMatchObject({ emptied: true, present: [], replaced: [], gone: [] });
  expect(names(plan.fresh)).toEqual(["a"]);
});

test("a table whose files have no rows is not an emptied one", () => {
  const plan = makePlan([staged("a")], published([accounted("a", { rowsLoaded: 0, rowsParsed: 0 })]));
  expect(plan.emptied).toBe(false);
  expect(names(plan.present)).toEqual(["a"]);
});

test("rows of before count once, by the baseline, not by their files", () => {
  const before = accounted("before", { fileId: undefined, rowsLoaded: 70 });
  expect(expectedRows(published([before, accounted("after")], { baselineRows: 70 }))).toBe(80);
});

describe("a replaced file", () => {
  const replacedOne = (more = {}) =>
    makePlan([staged("new"), staged("a", { md5: "other" })], published([accounted("a", more)]));

  test("fail: named, with what each way out means", () => {
    expect(() => filesToLoad(replacedOne(), settings())).toThrow(
      /1 file \(1\.0 kB\) changed under their name.*: a\n {2}cure: set replacedFiles to replace.*\d+ s and [\d.]+ credits on XLARGE.*skip/,
    );
  });

  test("skip: the others are loaded", () => {
    const { files, removed } = filesToLoad(replacedOne(), settings({ replacedFiles: "skip" }));
    expect(names(files)).toEqual(["new"]);
    expect(removed).toEqual([]);
  });

  test("replace: it is loaded, and the rows of its record go", () => {
    const { files, removed } = filesToLoad(
      replacedOne({ fileId: 7 }),
      settings({ replacedFiles: "replace" }),
    );
    expect(names(files)).toEqual(["new", "a"]);
    expect(removed).toMatchObject([{ fileId: 7 }]);
  });

  test("replace: refused with the reason when its rows are not marked", () => {
    expect(() =>
      filesToLoad(replacedOne({ fileId: undefined }), settings({ replacedFiles: "replace" })),
    ).toThrow(/1 file changed that were loaded before rows were marked with their file.*: a\n {2}cure: \S/);
  });

  test("waits, unless it is skipped", () => {
    expect(pendingOf(replacedOne(), settings())).toEqual({ files: 1, bytes: 1000, replaced: 1 });
    expect(pendingOf(replacedOne(), settings({ replacedFiles: "skip" }))).toMatchObject({ replaced: 0 });
  });
});

test("files of the same content are told, the newcomer by the one that was there; empty ones are not", () => {
  const twin = { size: 1000, md5: "md5-a" };
  const found = [
    staged("a"),
    staged("b", twin),
    staged("c"),
    staged("d", { size: 7, md5: "md5-a" }),
    staged("e", { size: 0, md5: "none" }),
    staged("f", { size: 0, md5: "none" }),
  ];
  const lines = (listed: typeof found, ...there: string[]) =>
    sameContentLines(makePlan(listed, published(there.map((name) => accounted(name)))), settings());
  expect(lines(found)).toEqual(["b has the content of a"]);
  expect(lines(found, "b")).toEqual(["a has the content of b"]);
  expect(lines([staged("z", twin)], "a")).toEqual(["z has the content of a"]);
});

test("of many names a few are said", () => {
  const files = Array.from({ length: 7 }, (_, index) => staged(`f${index}`));
  expect(namesOf(files)).toBe("f0, f1, f2, f3, f4 and 2 more");
  expect(namesOf(files.slice(0, 5))).toBe("f0, f1, f2, f3, f4");
});
