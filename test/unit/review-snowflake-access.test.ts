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

  describe("a share that was made with its accounts, before a resource of its own opened it", () => {
    const inputs = { name: "S", accounts: ["OLD.ONE"] };
    const opening = (...accounts: string[]) =>
      step("create", "pulumi-nodejs:dynamic/flux-ami:ShareAccounts", "a", {
        new: { inputs: { share: "S", accounts } },
      });
    const SHARE = "snowflake:index/share:Share";
    const diff = (...events: ReturnType<typeof step>[]) => {
      const { gains, losses } = diffSnowflakeAccess(planOf(events, "prod").resources);
      return { gains: gains.map(({ who }) => who), losses: losses.map(({ who }) => who) };
    };
    const share = (op: "update" | "replace") => step(op, SHARE, "s", { old: { inputs }, new: { inputs } });

    test("another account, and none, are a loss of the first", () => {
      expect(diff(share("update"), opening("NEW.ONE"))).toEqual({
        gains: ["account NEW.ONE"],
        losses: ["account OLD.ONE"],
      });
      expect(diff(share("update"), opening())).toEqual({ gains: [], losses: ["account OLD.ONE"] });
      expect(diff(share("update"), opening("OLD.ONE"))).toEqual({ gains: [], losses: [] });
    });

    test("one that is made now is made with its accounts", () => {
      const made = step("create", SHARE, "s", { new: { inputs } });
      expect(diff(made, opening("NEW.ONE")).gains).toEqual(["account OLD.ONE", "account NEW.ONE"]);
      expect(diff(share("replace"), opening("NEW.ONE"))).toEqual({ gains: ["account NEW.ONE"], losses: [] });
    });
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
