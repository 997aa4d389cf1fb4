/** Objects in Snowflake that were there before the stack, and what it needs of them. Looks and changes nothing. */
import type { Row, Session } from "../snowflake/session.ts";
import { integrationProperties, shown } from "../snowflake/shown.ts";
import { identifier, qualified } from "../sql.ts";
import type { WarehouseSize } from "../verified-load/args.ts";
import { sizeOf } from "../verified-load/warehouse-sizes.ts";
import { type Kind, type Rights, rightsOf } from "./rights.ts";

/** What is used instead of made, and by whom. */
export interface Used {
  /** Role of the session that deploys. */
  readonly deployer: string;
  /** Role of the load, and whether that was there as well. */
  readonly loader: { readonly name: string; readonly existing: boolean };
  readonly database?: string;
  /** Needs a database that was there. */
  readonly schema?: string;
  readonly warehouse?: string;
  readonly integration?: { readonly name: string; readonly url: string };
  readonly bucket?: string;
}

/** A storage integration as it was found. */
export interface FoundIntegration {
  readonly name: string;
  readonly roleArn: string;
  readonly iamUserArn: string;
  /** Changes when it is replaced. */
  readonly createdOn: string;
}

export interface Found {
  readonly integration?: FoundIntegration;
  readonly warehouseSize?: WarehouseSize;
  /** What is missing, each with its cure. */
  readonly faults: readonly string[];
}

/** Privileges on an object that was there. */
interface Need {
  readonly who: "deployer" | "loader";
  readonly kind: Kind;
  readonly name: readonly string[];
  readonly privileges: readonly string[];
}

/** What has to be granted on objects that were there: to who deploys, and to the load's role. */
export function needsOf({ database, schema, warehouse, integration }: Used): Need[] {
  const need = (
    who: Need["who"],
    kind: Kind,
    name: readonly (string | undefined)[],
    ...privileges: string[]
  ): Need[] =>
    name.every((part) => part !== undefined) ? [{ who, kind, name: name as string[], privileges }] : [];
  return [
    ...need("deployer", "DATABASE", [database], ...(schema ? [] : ["CREATE SCHEMA"]), "USAGE"),
    ...need("loader", "DATABASE", [database], "USAGE"),
    ...need(
      "deployer",
      "SCHEMA",
      [database, schema],
      "CREATE FILE FORMAT",
      "CREATE STAGE",
      "CREATE TABLE",
      "USAGE",
    ),
    ...need("loader", "SCHEMA", [database, schema], "CREATE TABLE", "USAGE"),
    ...need("loader", "WAREHOUSE", [warehouse], "MONITOR", "USAGE"),
    ...need("deployer", "INTEGRATION", [integration?.name], "USAGE"),
  ];
}

/** Looks at everything that is used, and finds all that is missing at once. */
export async function lookAtUsed(session: Session, used: Used): Promise<Found> {
  const faults: string[] = [];
  const deployer = await rightsOf(session, used.deployer);
  const loader = used.loader.existing ? await loaderRights(session, used, deployer, faults) : undefined;
  const needs = new Needs(used, deployer, loader, faults);
  const { database, schema, warehouse, integration } = used;
  if (database && (await found(session, "DATABASES", "database ", database, used, faults))) {
    needs.on("DATABASE");
    const within = `DATABASE ${identifier(database)}`;
    const there =
      schema && (await found(session, "SCHEMAS", `schema ${database}.`, schema, used, faults, within));
    if (there) {
      needs.on("SCHEMA");
      if (String(there.options).includes("MANAGED ACCESS")) needs.grantsIn([database, schema]);
    }
  }
  const row = warehouse && (await found(session, "WAREHOUSES", "warehouse ", warehouse, used, faults));
  if (row) needs.on("WAREHOUSE");
  const size = row ? sizeOf(String(row.size)) : undefined;
  const held = integration && (await integrationAs(session, integration, used, faults));
  if (held) needs.on("INTEGRATION");
  return { ...(held && { integration: held }), ...(size && { warehouseSize: size }), faults };
}

async function loaderRights(session: Session, used: Used, deployer: Rights, faults: string[]) {
  const { name } = used.loader;
  if (!(await found(session, "ROLES", "role ", name, used, faults))) return undefined;
  if (!deployer.roles.has(name))
    faults.push(
      `role ${used.deployer} may not run the load under ${name}; cure: GRANT ROLE ${identifier(name)} TO ROLE ${identifier(used.deployer)};`,
    );
  return rightsOf(session, name);
}

/** Holds privileges against what is needed. */
class Needs {
  private readonly used: Used;
  private readonly deployer: Rights;
  private readonly loader: Rights | undefined;
  private readonly faults: string[];

  constructor(used: Used, deployer: Rights, loader: Rights | undefined, faults: string[]) {
    this.used = used;
    this.deployer = deployer;
    this.loader = loader;
    this.faults = faults;
  }

  /** Of an object that can be seen. */
  on(kind: Kind): void {
    for (const need of needsOf(this.used).filter((one) => one.kind === kind))
      if (need.who === "deployer") this.missing(this.used.deployer, this.deployer, need);
      else this.ofLoader(need);
  }

  /** A role that the stack makes is given what it needs, by whoever deploys; one that was there has to have it. */
  private ofLoader(need: Need): void {
    const { deployer, loader } = this.used;
    const { kind, name, privileges } = need;
    if (loader.existing) {
      if (this.loader) this.missing(loader.name, this.loader, need);
      return;
    }
    const lacking = privileges.filter((privilege) => !this.deployer.mayGrant(privilege, kind, name));
    if (lacking.length > 0)
      this.faults.push(
        `role ${deployer} may not give ${lacking.join(", ")} on ${kind.toLowerCase()} ${name.join(".")} to role ${loader.name}: it ` +
          `neither owns it, nor has them with the grant option, nor MANAGE GRANTS; cure: have its owner make the role and run ` +
          `GRANT ${privileges.join(", ")} ON ${kind} ${qualified(...name)} TO ROLE ${identifier(loader.name)}; ` +
          "then set flux-ami:useRole to true",
      );
  }

  /** In a schema with managed access the owners of objects do not decide who gets in (docs: GRANT <privileges>). */
  grantsIn(schema: readonly string[]): void {
    if (this.deployer.mayGrant("SELECT", "SCHEMA", schema)) return;
    const name = qualified(...schema);
    this.faults.push(
      `schema ${schema.join(".")} has managed access: role ${this.used.deployer} could make the readings table in it and let ` +
        `nobody read it, for it neither owns the schema nor has MANAGE GRANTS; cure: have its owner run ` +
        `ALTER SCHEMA ${name} DISABLE MANAGED ACCESS; or name another schema in flux-ami:schemaName`,
    );
  }

  private missing(role: string, rights: Rights, { kind, name, privileges }: Need) {
    const lacking = privileges.filter((privilege) => !rights.may(privilege, kind, name));
    if (lacking.length === 0) return;
    this.faults.push(
      `role ${role} lacks ${lacking.join(", ")} on ${kind.toLowerCase()} ${name.join(".")}; cure: ` +
        `GRANT ${lacking.join(", ")} ON ${kind} ${qualified(...name)} TO ROLE ${identifier(role)};`,
    );
  }
}

/**
 * The row of an object; noted as a fault when there is none.
 * @param what stands before its name
 */
async function found(
  session: Session,
  objects: string,
  what: string,
  name: string,
  { deployer }: Used,
  faults: string[],
  within?: string,
): Promise<Row | undefined> {
  const row = await shown(session, objects, name, within);
  if (!row)
    faults.push(
      `there is no ${what}${name}, or role ${deployer} may not see it; cure: correct its name, or have its owner grant ${deployer} a privilege on it`,
    );
  return row;
}

async function integrationAs(
  session: Session,
  { name, url }: { name: string; url: string },
  used: Used,
  faults: string[],
): Promise<FoundIntegration | undefined> {
  const row = await found(session, "STORAGE INTEGRATIONS", "storage integration ", name, used, faults);
  if (!row) return undefined;
  const value = await integrationProperties(session, name);
  const list = (property: string) => value(property).split(",").filter(Boolean);
  const covers = (location: string) => location === "*" || url.startsWith(location);
  if (value("ENABLED").toLowerCase() !== "true")
    faults.push(
      `storage integration ${name} is not enabled; cure: ALTER STORAGE INTEGRATION ${identifier(name)} SET ENABLED = TRUE;`,
    );
  if (!list("STORAGE_ALLOWED_LOCATIONS").some(covers))
    faults.push(
      `storage integration ${name} does not allow ${url} (it allows ${value("STORAGE_ALLOWED_LOCATIONS") || "nothing"}); cure: have its owner add that location`,
    );
  if (list("STORAGE_BLOCKED_LOCATIONS").some(covers))
    faults.push(`storage integration ${name} blocks ${url}; cure: have its owner take that location out`);
  return {
    name,
    roleArn: value("STORAGE_AWS_ROLE_ARN"),
    iamUserArn: value("STORAGE_AWS_IAM_USER_ARN"),
    createdOn: String(row.created_on),
  };
}
