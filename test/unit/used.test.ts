import { lookAtUsed, type Used } from "../../components/existing/look.ts";
import { rightsOf } from "../../components/existing/rights.ts";
import type { Row, Session } from "../../components/snowflake/session.ts";
import { accountNames } from "../../config/default-names.ts";
import { usedBy } from "../../config/used.ts";
import { deployerSql } from "../../preflight/rights/snowflake.ts";

type Grant = [privilege: string, on: string, name: string, option?: boolean];

/** A Snowflake with these grants to roles, where these objects can be seen. */
function snowflake(
  grants: Record<string, Grant[]>,
  seen: string[] = [],
  integration: Record<string, string> = {},
) {
  const rows = async (sql: string): Promise<Row[]> => {
    const role = /^SHOW GRANTS TO ROLE "(.*)"$/.exec(sql)?.[1];
    if (role !== undefined)
      return (grants[role] ?? []).map(([privilege, granted_on, name, grant_option = false]) => ({
        privilege,
        granted_on,
        name,
        grant_option,
      }));
    if (sql.startsWith("DESC"))
      return Object.entries(integration).map(([property, property_value]) => ({ property, property_value }));
    const name = /LIKE '(.*?)'/.exec(sql)?.[1] ?? "";
    return seen.includes(name) ? [{ name, size: "X-Small", created_on: "today" }] : [];
  };
  return { rows } as unknown as Session;
}

const USED: Used = { deployer: "BUILDER", loader: { name: "LOADER", existing: false } };

test("a role has what it owns, what it was given, and what the roles below it have", async () => {
  const session = snowflake({
    TOP: [
      ["USAGE", "ROLE", "MIDDLE"],
      ["USAGE", "DATABASE", "D"],
    ],
    MIDDLE: [
      ["USAGE", "ROLE", '"below"'],
      ["USAGE", "ROLE", "TOP"],
    ],
    below: [
      ["OWNERSHIP", "SCHEMA", 'D."odd one"'],
      ["MANAGE GRANTS", "ACCOUNT", "X"],
    ],
  });
  const rights = await rightsOf(session, "TOP");
  expect([...rights.roles]).toEqual(["TOP", "MIDDLE", "below"]);
  expect(rights.may("USAGE", "DATABASE", ["D"])).toBe(true);
  expect(rights.may("CREATE SCHEMA", "DATABASE", ["D"])).toBe(false);
  expect(rights.may("CREATE TABLE", "SCHEMA", ["D", "odd one"])).toBe(true);
  expect(rights.mayGrant("USAGE", "WAREHOUSE", ["W"])).toBe(true);
  expect(
    (await rightsOf(snowflake({ TOP: [["USAGE", "DATABASE", "D"]] }), "TOP")).mayGrant("USAGE", "DATABASE", [
      "D",
    ]),
  ).toBe(false);
});

test("nothing is missing where everything is there", async () => {
  const own: Grant[] = [
    ["OWNERSHIP", "DATABASE", "D"],
    ["OWNERSHIP", "SCHEMA", "D.S"],
    ["OWNERSHIP", "WAREHOUSE", "W"],
    ["USAGE", "INTEGRATION", "I"],
  ];
  const session = snowflake({ BUILDER: own }, ["D", "S", "W", "I"], {
    ENABLED: "true",
    STORAGE_ALLOWED_LOCATIONS: "s3://other/,s3://b/raw/",
    STORAGE_AWS_ROLE_ARN: "arn:aws:iam::111111111111:role/theirs",
    STORAGE_AWS_IAM_USER_ARN: "arn:aws:iam::999999999999:user/s",
  });
  const used = {
    ...USED,
    database: "D",
    schema: "S",
    warehouse: "W",
    integration: { name: "I", url: "s3://b/raw/ami/" },
  };
  expect(await lookAtUsed(session, used)).toEqual({
    integration: {
      name: "I",
      roleArn: "arn:aws:iam::111111111111:role/theirs",
      iamUserArn: "arn:aws:iam::999999999999:user/s",
      createdOn: "today",
    },
    warehouseSize: "XSMALL",
    faults: [],
  });
});

test("the SQL for who deploys gives what is needed of objects that were there, whoever makes the role", async () => {
  const names = {
    ...accountNames("prod", "111111111111"),
    environment: "prod",
    partition: "aws",
    prefix: "raw/ami/",
    schemaName: "METERS",
    stageName: "EXT_RAW_AMI",
    fileFormatName: "PARQUET_SNAPPY",
    metersTableKind: "table",
    useDatabase: true,
    useSchema: true,
    useWarehouse: true,
    useIntegration: true,
  } as const;
  for (const useRole of [true, false]) {
    const sql = deployerSql({ ...names, useRole });
    const grants: Record<string, Grant[]> = {};
    const grant =
      /^GRANT (?:(ROLE) (\w+)|([A-Z, ]+) ON (\w+) ([\w.]+)) TO ROLE (\w+)( WITH GRANT OPTION)?;$/gm;
    for (const [, , role, privileges = "USAGE", on = "ROLE", name, to = "", option] of sql.matchAll(grant))
      for (const privilege of privileges.split(", ")) {
        grants[to] ??= [];
        grants[to].push([privilege, on, role ?? name ?? "", option !== undefined]);
      }
    const used = usedBy({ ...names, useRole, deployerRoleName: "FLUX_PROD_DEPLOYER" });
    const all = ["databaseName", "schemaName", "warehouseName", "integrationName", "loaderRoleName"] as const;
    const session = snowflake(
      grants,
      all.map((key) => names[key]),
      { ENABLED: "true", STORAGE_ALLOWED_LOCATIONS: "*" },
    );
    expect((await lookAtUsed(session, used)).faults).toEqual([]);
    expect(sql.includes("CREATE ROLE ON ACCOUNT")).toBe(!useRole);
    expect(sql).not.toContain("MONITOR USAGE");
    expect(deployerSql({ ...names, useRole, meterCredits: true })).toContain(
      "GRANT MONITOR USAGE ON ACCOUNT TO ROLE FLUX_PROD_DEPLOYER WITH GRANT OPTION;",
    );
  }
});

test("all that is missing is named at once, with cures", async () => {
  const session = snowflake({ BUILDER: [["USAGE", "DATABASE", "D"]] }, ["D", "I"], {
    ENABLED: "false",
    STORAGE_ALLOWED_LOCATIONS: "s3://b/raw/am/",
    STORAGE_BLOCKED_LOCATIONS: "s3://b/raw/",
  });
  const used = { ...USED, database: "D", warehouse: "W", integration: { name: "I", url: "s3://b/raw/ami/" } };
  expect((await lookAtUsed(session, used)).faults).toEqual([
    'role BUILDER lacks CREATE SCHEMA on database D; cure: GRANT CREATE SCHEMA ON DATABASE "D" TO ROLE "BUILDER";',
    expect.stringMatching(
      /^role BUILDER may not give USAGE on database D to role LOADER.*set flux-ami:useRole to true$/,
    ),
    expect.stringMatching(/^there is no warehouse W, or role BUILDER may not see it/),
    expect.stringMatching(/^storage integration I is not enabled/),
    expect.stringMatching(
      /^storage integration I does not allow s3:\/\/b\/raw\/ami\/ \(it allows s3:\/\/b\/raw\/am\/\)/,
    ),
    expect.stringMatching(/^storage integration I blocks s3:\/\/b\/raw\/ami\//),
    expect.stringMatching(/^role BUILDER lacks USAGE on integration I/),
  ]);
});
