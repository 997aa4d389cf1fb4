/** Grants, members of roles and parameters of warehouses in Snowflake that the stack did not make. */
import { identifier } from "../components/sql.ts";
import { LOAD_TYPE } from "../components/verified-load/args.ts";
import { KEPT_TABLES, keptTableName } from "../components/verified-load/tables.ts";
import { VIEWED_TABLES } from "../config/default-names.ts";
import type { Plan, ResourceChange } from "./engine-plan.ts";
import { isDeclared, isPassedOn, isRole, isSameName, isSameShare, type Row } from "./granted.ts";
import { type Danger, dangerBeside } from "./judges/index.ts";

/** Asks Snowflake one SHOW statement. */
export type Show = (statement: string) => Promise<readonly Row[]>;

const ROLE_GRANT = "snowflake:index/grantAccountRole:GrantAccountRole";

/** How SHOW GRANTS calls the objects that a stack makes. */
const OBJECTS: Readonly<Record<string, string>> = {
  "snowflake:index/table:Table": "TABLE",
  "snowflake:index/stage:Stage": "STAGE",
  "snowflake:index/storageIntegration:StorageIntegration": "INTEGRATION",
  "snowflake:index/database:Database": "DATABASE",
  "snowflake:index/schema:Schema": "SCHEMA",
  "snowflake:index/fileFormat:FileFormat": "FILE FORMAT",
  "snowflake:index/warehouse:Warehouse": "WAREHOUSE",
};
/** Privileges by which nothing can be changed. */
const LOOKING = ["USAGE", "SELECT", "REFERENCES", "MONITOR", "READ"];
/** Parameters of a warehouse, each with the input that sets it. */
const PARAMETERS: Readonly<Record<string, string>> = {
  STATEMENT_TIMEOUT_IN_SECONDS: "statementTimeoutInSeconds",
  STATEMENT_QUEUED_TIMEOUT_IN_SECONDS: "statementQueuedTimeoutInSeconds",
  MAX_CONCURRENCY_LEVEL: "maxConcurrencyLevel",
};

/**
 * Grants, members and parameters in Snowflake that the stack did not make.
 * @param lookers roles that are let in to look, as examples/accounts ships it: who looks is no find
 * @param shares of partners whose own stacks let them in: the readings in them are no find
 */
export async function snowflakeBeside(
  plan: Plan,
  ask: Show,
  lookers: readonly string[] = [],
  shares: readonly string[] = [],
): Promise<Danger[]> {
  const there = plan.found.filter(({ before, after }) => before && after);
  const unseen: Danger[] = [];
  const show: Show = async (statement) => {
    try {
      return await ask(statement);
    } catch (error) {
      const [why = ""] = (error as Error).message.split("\n");
      unseen.push(dangerBeside(`Nobody could look: ${statement}.`, `Snowflake said: ${why}`));
      return [];
    }
  };
  const beside: Beside = { there, show, lookers, shares, owners: new Map() };
  const found: Danger[] = [];
  for (const change of there) {
    found.push(...(await grantsBeside(change, beside)));
    const look = LOOKS[change.type];
    if (look) found.push(...(await look(change, beside)));
    found.push(...unseen.splice(0));
  }
  return [...found, ...strangeOwners(beside.owners)];
}

interface Beside {
  /** What the stack has, and is there. */
  readonly there: readonly ResourceChange[];
  readonly show: Show;
  readonly lookers: readonly string[];
  readonly shares: readonly string[];
  /** Who owns what, as it is found. */
  readonly owners: Map<string, string>;
}

/** Grants on an object; notes who owns it. */
async function grantsBeside(
  { type, before }: ResourceChange,
  { there, show, lookers, shares, owners }: Beside,
): Promise<Danger[]> {
  const object = OBJECTS[type];
  if (object === undefined) return [];
  const { name, database, schema } = before?.inputs ?? {};
  const full = fullName(database, schema, name);
  const shared = isReadings(there, before?.inputs ?? {}) || CONTAINERS.includes(object) ? shares : [];
  const rows = await show(`SHOW GRANTS ON ${object} ${full}`);
  for (const row of rows)
    if (row.privilege === "OWNERSHIP") owners.set(`${object} ${full}`, String(row.grantee_name));
  return [
    ...rows
      .filter(
        (row) =>
          row.privilege !== "OWNERSHIP" &&
          !looksOnly(row, lookers, LOOKING) &&
          !isPartners(row, shared) &&
          !isDeclared(there, { kind: object, name: full }, row),
      )
      .map((row) => granted(row, `${object} ${full}`)),
    ...(CONTAINERS.includes(object) ? await futureGrants(`${object} ${full}`, show) : []),
  ];
}

const fullName = (...parts: unknown[]) =>
  parts
    .filter((part) => typeof part === "string")
    .map(identifier)
    .join(".");

/** Whether somebody who is let in to look may do no more by this. */
const looksOnly = (row: Row, lookers: readonly string[], looking: readonly string[]) =>
  isRole(row) &&
  !isPassedOn(row) &&
  lookers.some((role) => isSameName(role, row.grantee_name)) &&
  looking.includes(String(row.privilege));

/** What is in a partner's share: the readings, read, and the way to them. */
const isPartners = (row: Row, shares: readonly string[]) =>
  row.granted_to === "SHARE" &&
  ["USAGE", "SELECT"].includes(String(row.privilege)) &&
  shares.some((share) => isSameShare(share, row.grantee_name));

/** Whether a table is the one that the stack loads: no other of its tables is in any share. */
const isReadings = (there: readonly ResourceChange[], { database, schema, name }: Row) =>
  there.some(({ type, before }) => {
    const { inputs } = before ?? {};
    return (
      type === LOAD_TYPE &&
      inputs?.table === name &&
      inputs?.schema === schema &&
      inputs?.database === database
    );
  });

/** What has objects in it that nobody has made yet. The stack grants nothing on those. */
const CONTAINERS = ["DATABASE", "SCHEMA"];

async function futureGrants(object: string, show: Show): Promise<Danger[]> {
  const rows = await show(`SHOW FUTURE GRANTS IN ${object}`);
  return rows.map((row) =>
    dangerBeside(
      `The ${String(row.grant_to).toLowerCase()} ${row.grantee_name} is given ${row.privilege} on every ${row.grant_on} that is made in ${object}.`,
      "The stack did not grant that; what the load makes there is given away with it.",
    ),
  );
}

/** Grants on the tables that the load keeps, which the stack gives nobody: it makes them itself, and owns them. */
async function grantsOnKept({ before }: ResourceChange, { show, lookers }: Beside): Promise<Danger[]> {
  const { database, schema, table, role } = before?.inputs ?? {};
  const found: Danger[] = [];
  for (const kept of KEPT_TABLES) {
    const object = `TABLE ${fullName(database, schema, keptTableName(String(table), kept))}`;
    const looking = VIEWED_TABLES.some((viewed) => viewed === kept) ? LOOKING : ["REFERENCES"];
    for (const row of await show(`SHOW GRANTS ON ${object}`)) {
      if (
        row.privilege === "OWNERSHIP" ? isSameName(row.grantee_name, role) : looksOnly(row, lookers, looking)
      )
        continue;
      found.push(
        row.privilege === "OWNERSHIP"
          ? dangerBeside(
              `${object} belongs to the role ${row.grantee_name}.`,
              `The load, as ${role}, made it: its owner may do everything with it.`,
            )
          : granted(row, object),
      );
    }
  }
  return found;
}

async function givenToShare({ before }: ResourceChange, { there, show }: Beside): Promise<Danger[]> {
  const name = before?.inputs.name;
  const known = (row: Row) =>
    there.some(
      ({ type, before }) =>
        type.endsWith(":GrantPrivilegesToShare") &&
        isSameName(before?.inputs.toShare, name) &&
        Object.values(before?.inputs ?? {}).some((value) => isSameName(value, row.name)),
    );
  const rows = await show(`SHOW GRANTS TO SHARE ${identifier(String(name))}`);
  return rows
    .filter((row) => !known(row))
    .map((row) =>
      dangerBeside(
        `The share ${name} was given ${row.privilege} on ${row.granted_on} ${row.name}.`,
        "Partners see it.",
      ),
    );
}

async function membersOfRole({ before }: ResourceChange, { there, show }: Beside): Promise<Danger[]> {
  const name = before?.inputs.name;
  const known = (row: Row) =>
    there.some(
      ({ type, before }) =>
        type === ROLE_GRANT &&
        isSameName(before?.inputs.roleName, name) &&
        isSameName(
          before?.inputs[row.granted_to === "USER" ? "userName" : "parentRoleName"],
          row.grantee_name,
        ),
    );
  const rows = await show(`SHOW GRANTS OF ROLE ${identifier(String(name))}`);
  return rows
    .filter(
      (row) =>
        // The user that examples/accounts makes for loads without the engine.
        !(row.granted_to === "USER" && isSameName(row.grantee_name, name)) && !known(row),
    )
    .map((row) =>
      dangerBeside(
        `The ${String(row.granted_to).toLowerCase()} ${row.grantee_name} was given the role ${name}.`,
        "It may do what the load may.",
      ),
    );
}

async function parametersOfWarehouse({ before }: ResourceChange, { show }: Beside): Promise<Danger[]> {
  const name = before?.inputs.name;
  const declared = (row: Row) => {
    const input = PARAMETERS[String(row.key)];
    return input !== undefined && input in (before?.inputs ?? {});
  };
  const rows = await show(`SHOW PARAMETERS IN WAREHOUSE ${identifier(String(name))}`);
  return rows
    .filter((row) => row.level === "WAREHOUSE" && !declared(row))
    .map((row) =>
      dangerBeside(`The warehouse ${name} has ${row.key} = ${row.value}.`, "The stack did not set that."),
    );
}

/** What is looked at beside the grants on an object. */
const LOOKS: Readonly<Record<string, (change: ResourceChange, beside: Beside) => Promise<Danger[]>>> = {
  [LOAD_TYPE]: grantsOnKept,
  "snowflake:index/share:Share": givenToShare,
  "snowflake:index/accountRole:AccountRole": membersOfRole,
  "snowflake:index/warehouse:Warehouse": parametersOfWarehouse,
};

const granted = (row: Row, object: string): Danger =>
  dangerBeside(
    `The ${String(row.granted_to).toLowerCase()} ${row.grantee_name} was given ${row.privilege} on ${object}${isPassedOn(row) ? ", to pass it on" : ""}.`,
    "The stack did not grant that.",
  );

/** One role made all of it, so what another one owns was given away. */
function strangeOwners(owners: ReadonlyMap<string, string>): Danger[] {
  const counted = Map.groupBy([...owners], ([, owner]) => owner);
  if (counted.size < 2) return [];
  const [[usual] = [""]] = [...counted].sort(([, a], [, b]) => b.length - a.length);
  return [...owners]
    .filter(([, owner]) => owner !== usual)
    .map(([object, owner]) =>
      dangerBeside(
        `${object} belongs to the role ${owner}.`,
        `The rest belongs to ${usual}: its owner may do everything with it.`,
      ),
    );
}
