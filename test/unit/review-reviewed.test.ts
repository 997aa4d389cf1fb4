import { planOf } from "../../review/engine-plan.ts";
import { unreviewed } from "../../review/reviewed.ts";
import { step, summary } from "./review-events.ts";

const WAREHOUSE = "snowflake:index/warehouse:Warehouse";
const LOAD = "pulumi-nodejs:dynamic/flux-ami:VerifiedLoad";
const resized = (name: string, size: string) =>
  step("update", WAREHOUSE, name, {
    old: { inputs: { warehouseSize: "MEDIUM" } },
    new: { inputs: { warehouseSize: size } },
  });
const loading = (inputs: object = {}) =>
  step("update", LOAD, "load", { old: { inputs: {} }, new: { inputs: { ...inputs } } });
const changes = (...events: ReturnType<typeof step>[]) => planOf([...events, summary()], "prod").resources;
/** As the JSON report holds them. */
const reviewed = (...events: ReturnType<typeof step>[]) => JSON.parse(JSON.stringify(changes(...events)));
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);

describe("what an update would do beyond what was reviewed", () => {
  test("the same is nothing new, and what is done already is no change any more", () => {
    const before = reviewed(resized("a", "SMALL"), resized("b", "SMALL"));
    expect(unreviewed(before, changes(resized("a", "SMALL"), resized("b", "SMALL")))).toEqual([]);
    expect(unreviewed(before, changes(resized("b", "SMALL")))).toEqual([]);
  });

  test("files that arrived are loaded along", () => {
    expect(unreviewed(reviewed(resized("a", "SMALL")), changes(resized("a", "SMALL"), loading()))).toEqual(
      [],
    );
  });

  test.each([
    ["another value", [resized("a", "LARGE")], ["a"]],
    ["another resource", [resized("a", "SMALL"), resized("c", "SMALL")], ["c"]],
    ["a deletion", [step("delete", WAREHOUSE, "a", { old: { inputs: { warehouseSize: "MEDIUM" } } })], ["a"]],
    [
      "a load that is told something else",
      [resized("a", "SMALL"), loading({ maxRejectedRows: 9 })],
      ["load"],
    ],
    [
      "protection taken off",
      [
        step("update", WAREHOUSE, "a", {
          old: { inputs: { warehouseSize: "MEDIUM" }, protect: true },
          new: { inputs: { warehouseSize: "SMALL" } },
        }),
      ],
      ["a"],
    ],
  ])("%s has to be reviewed", (_what, now, expected) => {
    expect(names(unreviewed(reviewed(resized("a", "SMALL")), changes(...now)))).toEqual(expected);
  });
});
