/** What a role may do in Snowflake, by itself and by the roles that it inherits from. */
import type { Row, Session } from "../snowflake/session.ts";
import { identifier, parseName } from "../sql.ts";

/** Kinds of objects that a stack may use instead of making them. */
export type Kind = "DATABASE" | "SCHEMA" | "WAREHOUSE" | "INTEGRATION";

export interface Rights {
  /** It and every role that it inherits from. */
  readonly roles: ReadonlySet<string>;
  /** Whether it has the privilege, or owns the object. */
  may(privilege: string, kind: Kind, name: readonly string[]): boolean;
  /** Whether it may give the privilege on the object to others. */
  mayGrant(privilege: string, kind: Kind, name: readonly string[]): boolean;
}

/** What was granted to a role, and to all that it inherits from (docs: SHOW GRANTS, TO ROLE). */
export async function grantsTo(
  session: Session,
  role: string,
): Promise<{ roles: ReadonlySet<string>; grants: Row[] }> {
  const roles = new Set([role]);
  const grants: Row[] = [];
  // A set is gone through with what is added meanwhile.
  for (const one of roles)
    for (const row of await session.rows(`SHOW GRANTS TO ROLE ${identifier(one)}`)) {
      grants.push(row);
      // Who owns a role does not have what it has.
      if (row.granted_on === "ROLE" && row.privilege === "USAGE")
        roles.add(stored(String(row.name))[0] ?? "");
    }
  return { roles, grants };
}

/** Reads what a role may do. */
export async function rightsOf(session: Session, role: string): Promise<Rights> {
  const { roles, grants } = await grantsTo(session, role);
  const held = new Set<string>();
  const passable = new Set<string>();
  for (const row of grants) {
    const kind = String(row.granted_on).replaceAll("_", " ");
    const one = key(String(row.privilege), kind, stored(String(row.name ?? "")));
    held.add(one);
    if (String(row.grant_option) === "true") passable.add(one);
  }
  const has = (privilege: string, kind: Kind, name: readonly string[]) =>
    held.has(key(privilege, kind, name));
  return {
    roles,
    may: (privilege, kind, name) => has(privilege, kind, name) || has("OWNERSHIP", kind, name),
    mayGrant: (privilege, kind, name) =>
      has("OWNERSHIP", kind, name) ||
      passable.has(key(privilege, kind, name)) ||
      [...held].some((one) => one.startsWith("MANAGE GRANTS on ACCOUNT ")),
  };
}

const key = (privilege: string, kind: string, name: readonly string[]) =>
  `${privilege} on ${kind} ${JSON.stringify(name)}`;

/** The parts of a name as SHOW writes it, in quotes where it needs them. */
function stored(name = ""): string[] {
  for (const count of [1, 2, 3]) {
    try {
      return parseName(name, count);
    } catch {
      // Another number of parts, or a name with its arguments, which nothing here asks for.
    }
  }
  return [name];
}
