import { diffSnowflakeAccess } from "../../review/access/snowflake.ts";
import { planOf } from "../../review/engine-plan.ts";
import { step } from "./review-events.ts";

const ROLE_GRANT = "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole";
function lines(type: string, before: object | undefined, after: object | undefined) {
  const event = step(before ? (after ? "update" : "delete") : "create", type, "g", {
    ...(before && { old: { inputs: before as Record<string, unknown> } }),
    ...(after && { new: { inputs: after as Record<string, unknown> } }),
  });
  const { gains, losses } = diffSnowflakeAccess(planOf([event], "prod").resources);
  const text = ({ who, privilege, on }: { who: string; privilege: string; on: string }) =>
    `${who}: ${privilege} on ${on}`;
  return { gains: gains.map(text), losses: losses.map(text) };
}

describe("access in Snowflake", () => {
  const onTable = { onSchemaObject: { objectType: "TABLE", objectName: '"D"."S"."T"' } };

  test("a privilege more and one less", () => {
    const grant = (...privileges: string[]) => ({ accountRoleName: "LOADER", privileges, ...onTable });
    expect(lines(ROLE_GRANT, grant("SELECT", "INSERT"), grant("SELECT", "TRUNCATE"))).toEqual({
      gains: ['role LOADER: TRUNCATE on TABLE "D"."S"."T"'],
      losses: ['role LOADER: INSERT on TABLE "D"."S"."T"'],
    });
  });

  test.each([
    ["a warehouse", { onAccountObject: { objectType: "WAREHOUSE", objectName: "W" } }, "WAREHOUSE W"],
    ["a schema", { onSchema: { schemaName: '"D"."S"' } }, 'SCHEMA "D"."S"'],
    ["the account", { onAccount: true }, "ACCOUNT"],
    [
      "all future tables",
      { onSchemaObject: { future: { objectTypePlural: "TABLES", inSchema: '"D"."S"' } } },
      'SCHEMA OBJECT FUTURE TABLES "D"."S"',
    ],
  ])("a grant on %s", (_what, on, expected) => {
    const { gains } = lines(ROLE_GRANT, undefined, { accountRoleName: "R", privileges: ["USAGE"], ...on });
    expect(gains).toEqual([`role R: USAGE on ${expected}`]);
  });

  test("all privileges, ownership, roles and shares", () => {
    expect(
      lines(ROLE_GRANT, undefined, { accountRoleName: "R", allPrivileges: true, ...onTable }).gains,
    ).toEqual(['role R: ALL on TABLE "D"."S"."T"']);
    expect(
      lines("snowflake:index/grantOwnership:GrantOwnership", undefined, {
        accountRoleName: "R",
        on: { objectType: "TABLE", objectName: "T" },
      }).gains,
    ).toEqual(["role R: OWNERSHIP on TABLE T"]);
    expect(
      lines(
        "snowflake:index/grantAccountRole:GrantAccountRole",
        { roleName: "A", parentRoleName: "B" },
        undefined,
      ).losses,
    ).toEqual(["role B: may act as on role A"]);
    expect(
      lines(
        "snowflake:index/share:Share",
        { name: "S", accounts: ["O.A"] },
        { name: "S", accounts: ["O.A", "O.B"] },
      ),
    ).toEqual({ gains: ["account O.B: may mount on share S"], losses: [] });
    expect(
      lines(
        "pulumi-nodejs:dynamic/flux-ami:ShareAccounts",
        { share: "S", accounts: ["O.A"] },
        { share: "S", accounts: ["O.B"] },
      ),
    ).toEqual({
      gains: ["account O.B: may mount on share S"],
      losses: ["account O.A: may mount on share S"],
    });
    expect(
      lines("snowflake:index/grantPrivilegesToShare:GrantPrivilegesToShare", undefined, {
        toShare: "S",
        privileges: ["SELECT"],
        onTable: '"D"."S"."T"',
      }).gains,
    ).toEqual(['share S: SELECT on TABLE "D"."S"."T"']);
  });
});
