import { LOAD_TYPE } from "../../components/verified-load/args.ts";
import { KEPT_TABLES } from "../../components/verified-load/tables.ts";
import { bucketsBeside, lookBeside, policiesBeside } from "../../review/beside.ts";
import { snowflakeBeside } from "../../review/beside-snowflake.ts";
import { planOf } from "../../review/engine-plan.ts";
import { refreshed, summary } from "./review-events.ts";

type Inputs = Record<string, unknown>;
const same = (type: string, name: string, inputs: Inputs, outputs: Inputs = inputs) =>
  refreshed("same", type, name, { inputs, outputs }, { inputs, outputs });
const TABLE = "snowflake:index/table:Table";
const inSchema = { database: "D", schema: "S" };

const plan = planOf(
  [
    ...same(
      "aws:iam/role:Role",
      "role",
      { name: "reader" },
      {
        name: "reader",
        inlinePolicies: [{ name: "read" }, { name: "extra" }],
        managedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"],
      },
    ),
    ...same("aws:iam/rolePolicy:RolePolicy", "policy", { name: "read", role: "reader" }),
    ...same(TABLE, "table", { ...inSchema, name: "T" }),
    ...same(TABLE, "loads", { ...inSchema, name: "L" }),
    ...same("snowflake:index/schema:Schema", "schema", { database: "D", name: "S" }),
    ...same(LOAD_TYPE, "load", { database: "D", schema: "S", table: "T", role: "LOADER" }),
    ...same("snowflake:index/stage:Stage", "stage", { ...inSchema, name: "G" }),
    ...same("snowflake:index/storageIntegration:StorageIntegration", "integration", { name: "I" }),
    ...same("snowflake:index/share:Share", "share", { name: "H" }),
    ...same("snowflake:index/accountRole:AccountRole", "loader", { name: "LOADER" }),
    ...same("snowflake:index/warehouse:Warehouse", "warehouse", { name: "W", statementTimeoutInSeconds: 60 }),
    ...same("snowflake:index/grantAccountRole:GrantAccountRole", "member", {
      roleName: "LOADER",
      parentRoleName: "DEPLOYER",
    }),
    ...same("snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole", "grant", {
      accountRoleName: "LOADER",
      privileges: ["SELECT"],
      onSchemaObject: { objectType: "TABLE", objectName: '"D"."S"."T"' },
    }),
    ...same("snowflake:index/grantPrivilegesToShare:GrantPrivilegesToShare", "shared", {
      toShare: "H",
      privileges: ["SELECT"],
      onTable: '"D"."S"."T"',
    }),
    summary(),
  ],
  "prod",
);

const grant = (privilege: string, to: string, grantee: string) => ({
  privilege,
  granted_to: to,
  grantee_name: grantee,
});
const toPassOn = (privilege: string, to: string, grantee: string) => ({
  ...grant(privilege, to, grantee),
  grant_option: "true",
});
const owned = grant("OWNERSHIP", "ROLE", "DEPLOYER");
const inOrder: Record<string, readonly Record<string, unknown>[]> = {
  'SHOW GRANTS ON TABLE "D"."S"."T"': [
    owned,
    grant("SELECT", "ROLE", "LOADER"),
    grant("SELECT", "SHARE", "H"),
  ],
  'SHOW GRANTS ON TABLE "D"."S"."L"': [owned],
  'SHOW GRANTS ON STAGE "D"."S"."G"': [owned],
  'SHOW GRANTS ON INTEGRATION "I"': [owned],
  'SHOW GRANTS ON TABLE "D"."S"."T_REJECTED"': [
    toPassOn("OWNERSHIP", "ROLE", "LOADER"),
    grant("REFERENCES", "ROLE", "VIEWER"),
  ],
  'SHOW GRANTS TO SHARE "H"': [{ privilege: "SELECT", granted_on: "TABLE", name: "D.S.T" }],
  'SHOW GRANTS OF ROLE "LOADER"': [
    { granted_to: "ROLE", grantee_name: "DEPLOYER" },
    { granted_to: "USER", grantee_name: "LOADER" },
  ],
  'SHOW PARAMETERS IN WAREHOUSE "W"': [
    { key: "STATEMENT_TIMEOUT_IN_SECONDS", value: "60", level: "WAREHOUSE" },
    { key: "MAX_CONCURRENCY_LEVEL", value: "8", level: "" },
  ],
};
const beside = async (changed: typeof inOrder, lookers = ["VIEWER"]) =>
  (
    await snowflakeBeside(plan, async (statement) => ({ ...inOrder, ...changed })[statement] ?? [], lookers)
  ).map(({ what }) => what);

describe("what stands beside what the stack declares", () => {
  test("policies that were put on a role by hand", () => {
    expect(policiesBeside(plan).map(({ what }) => what)).toEqual([
      "The policy extra was put on the role reader.",
      "The policy arn:aws:iam::aws:policy/AdministratorAccess was attached to the role reader.",
    ]);
  });

  test("the stack's own grants, members and parameters are none of it", async () => {
    expect(await beside({})).toEqual([]);
  });

  test.each([
    [
      "a privilege more for the loader",
      { 'SHOW GRANTS ON TABLE "D"."S"."T"': [owned, grant("DELETE", "ROLE", "LOADER")] },
      'The role LOADER was given DELETE on TABLE "D"."S"."T".',
    ],
    [
      "a role whose name differs in case alone",
      { 'SHOW GRANTS ON TABLE "D"."S"."T"': [owned, grant("SELECT", "ROLE", "loader")] },
      'The role loader was given SELECT on TABLE "D"."S"."T".',
    ],
    [
      "a privilege that may be passed on",
      { 'SHOW GRANTS ON TABLE "D"."S"."T"': [owned, toPassOn("SELECT", "ROLE", "LOADER")] },
      'The role LOADER was given SELECT on TABLE "D"."S"."T", to pass it on.',
    ],
    [
      "a user who is called like the role",
      { 'SHOW GRANTS ON TABLE "D"."S"."T"': [owned, grant("SELECT", "USER", "LOADER")] },
      'The user LOADER was given SELECT on TABLE "D"."S"."T".',
    ],
    [
      "who looks, to pass it on",
      { 'SHOW GRANTS ON TABLE "D"."S"."T"': [owned, toPassOn("SELECT", "ROLE", "VIEWER")] },
      'The role VIEWER was given SELECT on TABLE "D"."S"."T", to pass it on.',
    ],
    [
      "a table of another case in the share",
      { 'SHOW GRANTS TO SHARE "H"': [{ privilege: "SELECT", granted_on: "TABLE", name: 'D.S."t"' }] },
      'The share H was given SELECT on TABLE D.S."t".',
    ],
    [
      "a user whose name differs from the loader's in case alone",
      { 'SHOW GRANTS OF ROLE "LOADER"': [{ granted_to: "USER", grantee_name: "loader" }] },
      "The user loader was given the role LOADER.",
    ],
    [
      "a user who is called like the role that deploys",
      { 'SHOW GRANTS OF ROLE "LOADER"': [{ granted_to: "USER", grantee_name: "DEPLOYER" }] },
      "The user DEPLOYER was given the role LOADER.",
    ],
    [
      "the rejected rows, which nobody sees",
      { 'SHOW GRANTS ON TABLE "D"."S"."T_REJECTED"': [grant("SELECT", "SHARE", "X.H")] },
      'The share X.H was given SELECT on TABLE "D"."S"."T_REJECTED".',
    ],
    [
      "the rejected rows to who looks",
      { 'SHOW GRANTS ON TABLE "D"."S"."T_REJECTED"': [grant("SELECT", "ROLE", "VIEWER")] },
      'The role VIEWER was given SELECT on TABLE "D"."S"."T_REJECTED".',
    ],
    [
      "another owner of the control table",
      { 'SHOW GRANTS ON TABLE "D"."S"."T_CONTROL"': [grant("OWNERSHIP", "ROLE", "EVE")] },
      'TABLE "D"."S"."T_CONTROL" belongs to the role EVE.',
    ],
    [
      "whatever is made in the schema",
      {
        'SHOW FUTURE GRANTS IN SCHEMA "D"."S"': [
          {
            privilege: "SELECT",
            grant_on: "TABLE",
            name: "D.S.<TABLE>",
            grant_to: "ROLE",
            grantee_name: "EVE",
          },
        ],
      },
      'The role EVE is given SELECT on every TABLE that is made in SCHEMA "D"."S".',
    ],
    [
      "another role on the stage",
      { 'SHOW GRANTS ON STAGE "D"."S"."G"': [owned, grant("USAGE", "ROLE", "EVE")] },
      'The role EVE was given USAGE on STAGE "D"."S"."G".',
    ],
    [
      "somebody on the integration",
      { 'SHOW GRANTS ON INTEGRATION "I"': [owned, grant("USAGE", "ROLE", "PUBLIC")] },
      'The role PUBLIC was given USAGE on INTEGRATION "I".',
    ],
    [
      "another owner",
      { 'SHOW GRANTS ON TABLE "D"."S"."L"': [grant("OWNERSHIP", "ROLE", "EVE")] },
      'TABLE "D"."S"."L" belongs to the role EVE.',
    ],
    [
      "a table more in the share",
      { 'SHOW GRANTS TO SHARE "H"': [{ privilege: "SELECT", granted_on: "TABLE", name: "D.S.X" }] },
      "The share H was given SELECT on TABLE D.S.X.",
    ],
    [
      "a member more of the loader's role",
      { 'SHOW GRANTS OF ROLE "LOADER"': [{ granted_to: "USER", grantee_name: "EVE" }] },
      "The user EVE was given the role LOADER.",
    ],
    [
      "somebody on the warehouse",
      { 'SHOW GRANTS ON WAREHOUSE "W"': [grant("USAGE", "ROLE", "EVE")] },
      'The role EVE was given USAGE on WAREHOUSE "W".',
    ],
    [
      "a parameter of the warehouse",
      {
        'SHOW PARAMETERS IN WAREHOUSE "W"': [
          { key: "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", value: "9", level: "WAREHOUSE" },
        ],
      },
      "The warehouse W has STATEMENT_QUEUED_TIMEOUT_IN_SECONDS = 9.",
    ],
  ])("%s", async (_what, changed, expected) => {
    expect(await beside(changed as unknown as typeof inOrder)).toEqual([expected]);
  });

  test("who is let in to look is none of it, unless they may do more", async () => {
    const shown = {
      'SHOW GRANTS ON TABLE "D"."S"."T"': [
        owned,
        grant("SELECT", "ROLE", "VIEWER"),
        grant("INSERT", "ROLE", "VIEWER"),
      ],
      'SHOW GRANTS ON INTEGRATION "I"': [owned, grant("USAGE", "ROLE", "VIEWER")],
    };
    expect(await beside(shown)).toEqual(['The role VIEWER was given INSERT on TABLE "D"."S"."T".']);
    expect(await beside(shown, [])).toHaveLength(4);
  });

  test("the share of a partner's own stack has the readings, and nothing else of what the stack keeps", async () => {
    const shown = (share: string) => async (statement: string) =>
      ["TABLE", "SCHEMA", "DATABASE"].flatMap((kind) =>
        statement.startsWith(`SHOW GRANTS ON ${kind} `)
          ? [grant(kind === "TABLE" ? "SELECT" : "USAGE", "SHARE", share)]
          : [],
      );
    const found = async (share: string) =>
      (await snowflakeBeside(plan, shown(share), [], ["FLUX_PROD_GRIDWORKS"])).map(({ what }) => what);
    const partners = await found("ORG.ACCOUNT.FLUX_PROD_GRIDWORKS");
    expect(partners).toHaveLength(1 + KEPT_TABLES.length);
    expect(partners).toContain(
      'The share ORG.ACCOUNT.FLUX_PROD_GRIDWORKS was given SELECT on TABLE "D"."S"."L".',
    );
    expect(partners).toContain(
      'The share ORG.ACCOUNT.FLUX_PROD_GRIDWORKS was given SELECT on TABLE "D"."S"."T_REJECTED".',
    );
    expect(await found("ORG.ACCOUNT.OTHERS")).toContain(
      'The share ORG.ACCOUNT.OTHERS was given SELECT on TABLE "D"."S"."T".',
    );
  });

  test("what nobody could look at is named, and the rest is looked at", async () => {
    const found = await snowflakeBeside(plan, async (statement) => {
      if (statement.includes("STAGE")) throw new Error("003001: Insufficient privileges\nmore");
      return statement === 'SHOW GRANTS ON TABLE "D"."S"."L"' ? [grant("SELECT", "ROLE", "EVE")] : [];
    });
    expect(found.map(({ what }) => what)).toEqual([
      'The role EVE was given SELECT on TABLE "D"."S"."L".',
      'Nobody could look: SHOW GRANTS ON STAGE "D"."S"."G".',
    ]);
  });

  test("what a bucket was told to do by itself", () => {
    const bucket = (outputs: Inputs) =>
      refreshed(
        "same",
        "aws:s3/bucket:Bucket",
        "b",
        { inputs: { bucket: "raw" }, outputs: { bucket: "raw", corsRules: [] } },
        { inputs: { bucket: "raw" }, outputs: { bucket: "raw", ...outputs } },
      );
    const found = (outputs: Inputs) =>
      bucketsBeside(planOf([...bucket(outputs), summary()], "prod")).map(({ what }) => what);
    expect(found({ corsRules: [], lifecycleRules: [] })).toEqual([]);
    expect(
      found({ lifecycleRules: [{ expiration: { days: 1 } }], replicationConfiguration: { role: "r" } }),
    ).toEqual([
      "The bucket raw was given lifecycleRules.",
      "The bucket raw was given replicationConfiguration.",
    ]);
  });

  test("a run that could not look says so", async () => {
    const found = await lookBeside(plan, async () => {
      throw new Error("390144: JWT token is invalid");
    });
    expect(found.at(-1)).toMatchObject({
      what: "Nobody could look for grants, members and parameters beside the stack.",
      consequence: "Snowflake said: 390144: JWT token is invalid",
    });
  });
});
