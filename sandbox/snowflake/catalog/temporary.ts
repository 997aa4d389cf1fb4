import type { Cloud, Session } from "../context.ts";
import type { SchemaObject, SchemaObjects, SecurableObject, TemporaryObjects } from "./model.ts";
import { requirePrivilege } from "./privileges.ts";
import type { Context, Place } from "./scope.ts";

/**
 * Where the objects of a schema are looked up, the first before the second: a temporary object hides what else has its
 * name, for its session alone (docs: Working with temporary and transient tables).
 */
export function layersOf({ session }: Context, schema: Place["schema"]): SchemaObjects[] {
  const temporary = session.temporary.get(schema.id);
  return temporary ? [temporary, schema] : [schema];
}

/** Everything of one kind that a session sees in a schema, hidden or not. */
export const objectsIn = <Kind extends keyof SchemaObject>(
  context: Context,
  schema: Place["schema"],
  kind: Kind,
): SchemaObject[Kind][] => layersOf(context, schema).flatMap((layer) => [...layer[kind].values()]);

/** Where a new object of a schema is to be kept. */
export function layerFor(
  { session }: Context,
  { schema, database }: Place,
  temporary: boolean,
): SchemaObjects {
  if (!temporary) return schema;
  const known = session.temporary.get(schema.id);
  if (known) return known;
  const made: TemporaryObjects = {
    databaseId: database.id,
    tables: new Map(),
    views: new Map(),
    stages: new Map(),
    fileFormats: new Map(),
  };
  session.temporary.set(schema.id, made);
  return made;
}

/** Only its owner may hide a table (docs: behavior change 427, Temporary tables: changes to table creation in schemas). */
export function requireMayHide(context: Context, hidden: SecurableObject | undefined): void {
  if (hidden) requirePrivilege(context, "OWNERSHIP", hidden);
}

/** Takes a session's temporary objects away from it, and answers those of databases that are still there. */
export function takeTemporary({ catalog }: Cloud, session: Session): TemporaryObjects[] {
  if (session.temporary.size === 0) return [];
  const taken = [...session.temporary.values()];
  session.temporary.clear();
  const databases = new Set(
    [...catalog.accountOfKey(session.account).databases.values()].map(({ id }) => id),
  );
  return taken.filter(({ databaseId }) => databases.has(databaseId));
}
