/**
 * What was added beside what the stack declares: a refresh looks at the stack's own resources and sees none of it.
 * Policies on its roles, and what a bucket does by itself, come with the refresh; grants, members of the loader's role and
 * parameters of the warehouse are asked of Snowflake.
 */
import { isDeepStrictEqual } from "node:util";
import { identifier } from "../components/sql.ts";
import { viewerRole } from "../config/default-names.ts";
import type { Danger } from "./judges/index.ts";
import type { Plan, ResourceChange } from "./plan.ts";
import { texts } from "./values.ts";

type Row = Readonly<Record<string, unknown>>;
/** Asks Snowflake one SHOW statement. */
export type Show = (statement: string) => Promise<readonly Row[]>;
/** Somebody who looks, and gives back what that takes. */
export interface Looker {
  readonly show: Show;
  /** Whose rights these are: to see, one has to be let in oneself. */
  readonly role: string;
  readonly close: () => Promise<void>;
}

const type =
  (name: string) =>
  ({ type }: ResourceChange) =>
    type === name;
const BUCKET = type("aws:s3/bucket:Bucket");
const ROLE = type("aws:iam/role:Role");
const ROLE_POLICY = type("aws:iam/rolePolicy:RolePolicy");
const ROLE_GRANT = "snowflake:index/grantAccountRole:GrantAccountRole";

const danger = (what: string, consequence: string): Danger => ({ urn: "", what, consequence });

/** Policies on the stack's roles that the stack did not put there. */
export function policiesBeside(plan: Plan): Danger[] {
  return plan.found.filter(ROLE).flatMap(({ before, after }) => {
    const role = String(before?.inputs.name ?? "");
    const declared = new Set([
      ...plan.found
        .filter((change) => ROLE_POLICY(change) && change.before?.inputs.role === role)
        .map((change) => String(change.before?.inputs.name)),
      ...names(before?.inputs.inlinePolicies),
    ]);
    const attached = new Set(texts(before?.inputs.managedPolicyArns));
    return [
      ...names(after?.outputs.inlinePolicies)
        .filter((name) => !declared.has(name))
        .map((name) =>
          danger(`The policy ${name} was put on the role ${role}.`, "The role may do what it says."),
        ),
      ...texts(after?.outputs.managedPolicyArns)
        .filter((arn) => !attached.has(arn))
        .map((arn) =>
          danger(`The policy ${arn} was attached to the role ${role}.`, "The role may do what it says."),
        ),
    ];
  });
}

const names = (policies: unknown): string[] =>
  (Array.isArray(policies) ? (policies as { name?: unknown }[]) : []).flatMap(({ name }) =>
    name === undefined || name === "" ? [] : [String(name)],
  );

/** What a bucket may be told to do with its objects, and what it means when the stack did not say so. */
const BY_ITSELF: Readonly<Record<string, string>> = {
  lifecycleRules: "Objects may expire: raw readings are deleted, without anybody deleting them.",
  replicationConfiguration: "Objects are copied to another bucket, whose policy nobody here reads.",
  website: "The bucket is served to browsers.",
  corsRules: "The bucket is served to browsers.",
  grants: "An ACL lets others read or write, beside the bucket policy.",
  loggings: "Names of objects go somewhere else.",
  logging: "Names of objects go somewhere else.",
};

/** What somebody told a bucket of the stack to do by itself. */
export function bucketsBeside(plan: Plan): Danger[] {
  return plan.found.filter(BUCKET).flatMap(({ before, after }) =>
    Object.entries(BY_ITSELF).flatMap(([setting, consequence]) => {
      const [was, is] = [before?.outputs[setting], after?.outputs[setting]];
      const declared = setting in (before?.inputs ?? {});
      return declared || is === undefined || isDeepStrictEqual(was, is) || isDeepStrictEqual(is, [])
        ? []
        : [danger(`The bucket ${after?.outputs.bucket} was given ${setting}.`, consequence)];
    }),
  );
}

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

/** A name without its quotes, to compare names however they are written. */
const bare = (name: unknown) =>
  String(name ?? "")
    .replaceAll('"', "")
    .toUpperCase();

/**
 * Grants, members and parameters in Snowflake that the stack did not make.
 * @param lookers roles that are let in to look, as examples/accounts ships it: who looks is no find
 */
export async function snowflakeBeside(
  plan: Plan,
  ask: Show,
  lookers: readonly string[] = [],
): Promise<Danger[]> {
  const there = plan.found.filter(({ before, after }) => before && after);
  const unseen: Danger[] = [];
  const show: Show = async (statement) => {
    try {
      return await ask(statement);
    } catch (error) {
      const [why = ""] = (error as Error).message.split("\n");
      unseen.push(danger(`Nobody could look: ${statement}.`, `Snowflake said: ${why}`));
      return [];
    }
  };
  const beside: Beside = { there, show, lookers, owners: new Map() };
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
  /** Who owns what, as it is found. */
  readonly owners: Map<string, string>;
}

/** Grants on an object; notes who owns it. */
async function grantsBeside(
  { type, before }: ResourceChange,
  { there, show, lookers, owners }: Beside,
): Promise<Danger[]> {
  const object = OBJECTS[type];
  if (object === undefined) return [];
  const looks = (row: Row) =>
    lookers.some((role) => bare(role) === bare(row.grantee_name)) && LOOKING.includes(String(row.privilege));
  const { name, database, schema } = before?.inputs ?? {};
  const parts = [database, schema, name].filter((part) => typeof part === "string");
  const full = parts.map(identifier).join(".");
  const rows = await show(`SHOW GRANTS ON ${object} ${full}`);
  for (const row of rows)
    if (row.privilege === "OWNERSHIP") owners.set(`${object} ${full}`, String(row.grantee_name));
  return rows
    .filter((row) => row.privilege !== "OWNERSHIP" && !looks(row) && !isDeclared(there, full, row))
    .map((row) => granted(row, `${object} ${full}`));
}

async function givenToShare({ before }: ResourceChange, { there, show }: Beside): Promise<Danger[]> {
  const name = before?.inputs.name;
  const known = (row: Row) =>
    there.some(
      ({ type, before }) =>
        type.endsWith(":GrantPrivilegesToShare") &&
        bare(before?.inputs.toShare) === bare(name) &&
        Object.values(before?.inputs ?? {}).some((value) => bare(value) === bare(row.name)),
    );
  const rows = await show(`SHOW GRANTS TO SHARE ${identifier(String(name))}`);
  return rows
    .filter((row) => !known(row))
    .map((row) =>
      danger(
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
        bare(before?.inputs.roleName) === bare(name) &&
        bare(before?.inputs.parentRoleName ?? before?.inputs.userName) === bare(row.grantee_name),
    );
  const rows = await show(`SHOW GRANTS OF ROLE ${identifier(String(name))}`);
  return rows
    .filter(
      (row) =>
        // The user that examples/accounts makes for loads without the engine.
        !(row.granted_to === "USER" && bare(row.grantee_name) === bare(name)) && !known(row),
    )
    .map((row) =>
      danger(
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
      danger(`The warehouse ${name} has ${row.key} = ${row.value}.`, "The stack did not set that."),
    );
}

/** What is looked at beside the grants on an object. */
const LOOKS: Readonly<Record<string, (change: ResourceChange, beside: Beside) => Promise<Danger[]>>> = {
  "snowflake:index/share:Share": givenToShare,
  "snowflake:index/accountRole:AccountRole": membersOfRole,
  "snowflake:index/warehouse:Warehouse": parametersOfWarehouse,
};

const granted = (row: Row, object: string): Danger =>
  danger(
    `The ${String(row.granted_to).toLowerCase()} ${row.grantee_name} was given ${row.privilege} on ${object}.`,
    "The stack did not grant that.",
  );

/** Whether a grant of the stack gives this privilege on this object to this role or share. */
function isDeclared(there: readonly ResourceChange[], object: string, row: Row): boolean {
  return there.some(({ type, before }) => {
    if (!/:GrantPrivilegesTo\w+$/.test(type)) return false;
    const inputs = before?.inputs ?? {};
    const on = [inputs.onAccountObject, inputs.onSchemaObject, inputs.onSchema].map((object) => {
      const { objectName, schemaName } = Object(object) as { objectName?: unknown; schemaName?: unknown };
      return objectName ?? schemaName ?? object;
    });
    return (
      bare(inputs.accountRoleName ?? inputs.toShare) === bare(row.grantee_name) &&
      [...on, inputs.onDatabase, inputs.onTable, inputs.onView].some(
        (name) => name !== undefined && bare(name) === bare(object),
      ) &&
      texts(inputs.privileges).some((privilege) => privilege.toUpperCase() === row.privilege)
    );
  });
}

/** One role made all of it, so what another one owns was given away. */
function strangeOwners(owners: ReadonlyMap<string, string>): Danger[] {
  const counted = Map.groupBy([...owners], ([, owner]) => owner);
  if (counted.size < 2) return [];
  const [[usual] = [""]] = [...counted].sort(([, a], [, b]) => b.length - a.length);
  return [...owners]
    .filter(([, owner]) => owner !== usual)
    .map(([object, owner]) =>
      danger(
        `${object} belongs to the role ${owner}.`,
        `The rest belongs to ${usual}: its owner may do everything with it.`,
      ),
    );
}

/** What stands beside the stack; where nobody could look, that is what is told. */
export async function lookBeside(plan: Plan, open: () => Promise<Looker>): Promise<Danger[]> {
  const policies = [...policiesBeside(plan), ...bucketsBeside(plan)];
  if (!plan.found.some(({ type }) => type.startsWith("snowflake:"))) return policies;
  try {
    const { show, role, close } = await open();
    const environment = plan.config["flux-ami:environment"] || plan.stack;
    try {
      return [...policies, ...(await snowflakeBeside(plan, show, [role, viewerRole(environment)]))];
    } finally {
      await close();
    }
  } catch (error) {
    const [why = ""] = (error as Error).message.split("\n");
    return [
      ...policies,
      danger(
        "Nobody could look for grants, members and parameters beside the stack.",
        `Snowflake said: ${why}`,
      ),
    ];
  }
}
