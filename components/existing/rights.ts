/** What a role may do in Snowflake, by itself and by the roles that it inherits from. */
import type { Session } from "../snowflake/session.ts";
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

/** Reads the grants of a role and of all that it inherits from (docs: SHOW GRANTS, TO ROLE). */
export async function rightsOf(session: Session, role: string): Promise<Rights> {
  const roles = new Set<string>();
  const held = new Set<string>();
  const passable = new Set<string>();
  const waiting = [role];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (roles.has(next)) continue;
    roles.add(next);
    for (const row of await session.rows(`SHOW GRANTS TO ROLE ${identifier(next)}`)) {
      const [privilege, kind, name] = [row.privilege, row.granted_on, row.name].map((value) =>
        String(value ?? ""),
      );
      if (kind === "ROLE" && privilege === "USAGE") waiting.push(stored(name)[0] ?? "");
      const one = key(privilege ?? "", kind?.replaceAll("_", " ") ?? "", stored(name));
      held.add(one);
      if (String(row.grant_option) === "true") passable.add(one);
    }
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
