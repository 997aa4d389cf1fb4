import { planOf } from "../../review/engine-plan.ts";
import { reviewPlan } from "../../review/review.ts";
import { withUnheard } from "../../review/unheard.ts";
import { type Side, step, summary } from "./review-events.ts";

const GRANT = "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole";
const ROLE = "snowflake:index/accountRole:AccountRole";
const TABLE = "snowflake:index/table:Table";
const DATABASE = "snowflake:index/database:Database";
const grant = {
  accountRoleName: "EVE",
  privileges: ["SELECT"],
  onSchemaObject: { objectType: "TABLE", objectName: '"D"."S"."T"' },
};
const urn = (type: string, name: string) => `urn:pulumi:prod::flux-ami::${type}::${name}`;

/** What is told when a grant goes that is said to go with something, and that goes as well, or stays. */
async function dangers(type: string, inputs: Record<string, unknown>, more: Side = {}, op = "delete") {
  const old = { inputs, ...more };
  const plan = planOf(
    [
      step("delete", GRANT, "grant", { old: { inputs: grant } }),
      step(op, type, "other", op === "delete" ? { old } : { old, new: old }),
      summary(),
    ],
    "prod",
  );
  const known = await withUnheard(plan, async () => new Map([[urn(GRANT, "grant"), urn(type, "other")]]));
  const review = await reviewPlan(known, { python: "/nowhere/python", list: async () => [] });
  return { said: review.dangers.map(({ what }) => what), losses: review.access.snowflake.losses };
}

const LET_GO = expect.stringMatching(/^The grant .* is let go\.$/);

test.each([
  ["a stage", "snowflake:index/stage:Stage", { database: "D", schema: "S", name: "G" }],
  ["another role", ROLE, { name: "OTHER" }],
  ["another table", TABLE, { database: "D", schema: "S", name: "OTHER" }],
  ["something that nobody knows", "random:index/randomId:RandomId", { name: "EVE" }],
])("a grant that is forgotten along with %s stays with whom it was given to", async (_what, type, inputs) => {
  const { said, losses } = await dangers(type, inputs);
  expect(said).toContainEqual(LET_GO);
  expect(losses).toEqual([]);
});

test("so does one whose role is let go itself", async () => {
  expect((await dangers(ROLE, { name: "EVE" }, { retainOnDelete: true })).said).toContainEqual(LET_GO);
});

test.each([
  ["the role that it is given to", ROLE, { name: "EVE" }],
  ["the table that it is on", TABLE, { database: "D", schema: "S", name: "T" }],
  ["the database that it is in", DATABASE, { name: "D" }],
])("a grant goes with %s", async (_what, type, inputs) => {
  const { said, losses } = await dangers(type, inputs);
  expect(said).not.toContainEqual(LET_GO);
  expect(losses).toHaveLength(1);
});

test("a grant is taken back where the other thing stays", async () => {
  const { said, losses } = await dangers(ROLE, { name: "OTHER" }, {}, "same");
  expect(said).not.toContainEqual(LET_GO);
  expect(losses).toHaveLength(1);
});
