import { firstLineOf, kindOf } from "../../components/snowflake/errors.ts";
import { shown } from "../../components/snowflake/shown.ts";
import { literal, parseName, qualified } from "../../components/sql.ts";
import { pinnedParameters } from "../../components/verified-load/load-session.ts";
import { generationOf } from "../../components/verified-load/warehouse.ts";
import { sizeOf } from "../../components/verified-load/warehouse-sizes.ts";
import { type Partition, partitionOf } from "../../config/name-rules.ts";
import { advice, type Check, type Finding, fail, pass, unknown } from "../check.ts";
import type { World } from "../world.ts";

/**
 * The stack may only pass on what it has to give.
 * @param whom whom it gives it to
 */
async function mayPassOn(
  world: World,
  table: string,
  kind: "table" | "view",
  whom: string,
): Promise<Finding> {
  const { roles, has } = await world.grants();
  if (roles.has("ACCOUNTADMIN") || has("MANAGE GRANTS", "ACCOUNT")) return pass(`${table}, ${kind}`);
  const [database = "", schema = ""] = table.split(".");
  const lacking = [
    ["USAGE", "DATABASE", database],
    ["USAGE", "SCHEMA", `${database}.${schema}`],
    ["SELECT", kind.toUpperCase(), table],
  ].filter(([privilege = "", on = "", name]) => !has(privilege, on, name, true));
  const role = await world.sessionRole();
  return lacking.length === 0
    ? pass(`${table}, ${kind}`)
    : fail(
        `role ${role} may not pass on ${lacking.map(([privilege, on, name]) => `${privilege} on ${on} ${name}`).join(", ")}, which ${whom} needs`,
        lacking
          .map(
            ([privilege, on, name]) =>
              `GRANT ${privilege} ON ${on} ${name} TO ROLE ${role} WITH GRANT OPTION;`,
          )
          .join(" "),
      );
}

/**
 * @param current what CURRENT_REGION() says: AWS_US_WEST_2, with the region's group before it (PUBLIC.AWS_US_WEST_2), or with
 * what Snowflake keeps for governments behind it (docs: Supported cloud regions: AWS_US_EAST_1_GOV, AWS_US_GOV_WEST_1_FHPLUS)
 */
export function regionFinding(current: string, region: string, partition: Partition): Finding {
  const named = current.replace(/^.*\./, "");
  const [, cloud = "", theirs = ""] =
    /^([a-z]+)-((?:[a-z]+-)+\d+)?/.exec(named.toLowerCase().replaceAll("_", "-")) ?? [];
  if (cloud === "aws" && theirs === region) return pass(named);
  // docs: CREATE STORAGE INTEGRATION, usage notes: storage in a government region, or one of China, from that same region alone.
  if (partition !== "aws")
    return fail(
      `the Snowflake account is in ${named}, and only one in ${region} itself reads buckets there`,
      `deploy with a Snowflake account in ${region}`,
    );
  if (cloud === "aws" && partitionOf(theirs) !== partition)
    return fail(
      `the Snowflake account is in ${named}, and only one of the same kind of region reads buckets of ${partition}`,
      `deploy with a Snowflake account in a region of ${partition}`,
    );
  return advice(
    `the Snowflake account is in ${named}, the bucket in ${region}: AWS bills the transfer, and it takes longer`,
    `take an account in AWS_${region.toUpperCase().replaceAll("-", "_")}, or accept the transfer`,
  );
}

/** What the account is like, and what the load finds in it. */
export const accountChecks: Check[] = [
  {
    id: "snowflake.region",
    title: "Snowflake runs where the bucket lies",
    service: "snowflake",
    needs: ["snowflake.login"],
    run: async (world) => {
      const { region, partition } = await world.environment();
      const [row] = await (await world.session()).rows("SELECT CURRENT_REGION() AS REGION");
      return regionFinding(String(row?.REGION ?? ""), region, partition);
    },
  },
  {
    id: "snowflake.edition",
    title: "the edition",
    service: "snowflake",
    needs: ["snowflake.role"],
    essential: false,
    run: async (world) => {
      const { accountName } = (await world.environment()).snowflake;
      try {
        const row = await shown(await world.provider(), "ORGANIZATION ACCOUNTS", accountName);
        const edition =
          row?.edition ?? (await shown(await world.provider(), "ACCOUNTS", accountName))?.edition;
        return edition ? pass(String(edition)) : unknown("only an organization administrator can see it");
      } catch {
        return unknown("only an organization administrator can see it; every edition is enough");
      }
    },
  },
  {
    id: "snowflake.parameters",
    title: "a session can be set up as the load relies on",
    service: "snowflake",
    needs: ["snowflake.login"],
    beforeUp: true,
    run: async (world) => {
      const { statementTimeoutSeconds } = await world.environment();
      const session = await world.session();
      const pinned = Object.entries(pinnedParameters({ statementTimeoutSeconds }));
      const refused: string[] = [];
      for (const [name, value] of pinned)
        await session
          .rows(`ALTER SESSION SET ${name} = ${typeof value === "string" ? literal(value) : String(value)}`)
          .catch((error: unknown) => refused.push(`${name} (${firstLineOf(error)})`));
      return refused.length === 0
        ? pass(`${pinned.length} parameters`)
        : fail(
            `Snowflake refuses to set ${refused.join(", ")}`,
            "ask the account's administrator for a session policy that allows it",
          );
    },
  },
  {
    id: "snowflake.warehouse",
    title: "the warehouse is as the config has it",
    service: "snowflake",
    needs: ["snowflake.names"],
    essential: false,
    run: async (world) => {
      const { warehouseName, warehouseSize, useWarehouse } = await world.environment();
      if (useWarehouse) return pass("it was there, and keeps its size");
      const row = await shown(await world.provider(), "WAREHOUSES", warehouseName);
      if (!row)
        return pass("`up` makes it, of the account's default generation; load.estimate counts the first");
      const size = sizeOf(String(row.size));
      return size === warehouseSize
        ? pass(`${size}, generation ${generationOf(row) ?? "not told"}`)
        : advice(
            `${warehouseName} rests at ${row.size}, not at ${warehouseSize}`,
            `pulumi up -s ${world.at.stack} --refresh   # sets it back`,
          );
    },
  },
  {
    id: "snowflake.meters",
    title: "the table of known meters can be read",
    service: "snowflake",
    needs: ["snowflake.role"],
    beforeUp: true,
    run: async (world) => {
      const { metersTable, metersTableKind } = await world.environment();
      if (!metersTable) return pass("none is set: that check of the load is skipped");
      const [database = "", schema = "", name = ""] = parseName(metersTable, 3);
      const session = await world.provider();
      try {
        for (const [kind, show] of [
          ["view", "VIEWS"],
          ["table", "TABLES"],
        ] as const) {
          if (!(await shown(session, show, name, `SCHEMA ${qualified(database, schema)}`))) continue;
          if (metersTableKind === "imported") return pass(`${metersTable}, imported`);
          if (metersTableKind === kind) return mayPassOn(world, metersTable, kind, "the loader");
          return fail(
            `${metersTable} is a ${kind}; flux-ami:metersTableKind says ${metersTableKind}`,
            `pulumi config set -s ${world.at.stack} flux-ami:metersTableKind ${kind}`,
          );
        }
      } catch (error) {
        if (!["object-missing", "privilege-missing"].includes(kindOf(error))) throw error;
      }
      return fail(
        `there is no ${metersTable}, or role ${await world.sessionRole()} may not see it`,
        `GRANT SELECT ON ${metersTableKind === "view" ? "VIEW" : "TABLE"} ${metersTable} TO ROLE ${await world.sessionRole()} WITH GRANT OPTION;   -- and USAGE on its database and schema; or correct flux-ami:metersTable`,
      );
    },
  },
  {
    id: "snowflake.readings",
    title: "the readings can be shared",
    service: "snowflake",
    needs: ["snowflake.role"],
    kinds: ["partner"],
    beforeUp: true,
    run: async (world) => {
      const { stack, databaseName, schemaName, tableName } = await world.environment();
      const within = `SCHEMA ${qualified(databaseName, schemaName)}`;
      const table = `${databaseName}.${schemaName}.${tableName}`;
      const row = await shown(await world.provider(), "TABLES", tableName, within).catch((error: unknown) => {
        if (!["object-missing", "privilege-missing"].includes(kindOf(error))) throw error;
      });
      return row
        ? mayPassOn(world, table, "table", "the share")
        : fail(
            `there is no ${table}, or role ${await world.sessionRole()} may not see it`,
            `pulumi up -s ${stack}   # makes it; or log in as who deploys ${stack}`,
          );
    },
  },
];
