/** The frame of CREATE, ALTER, DROP and SHOW that all objects of an account share; each kind adds what is its own. */
import type { Account, SecurableObject } from "../catalog/model.ts";
import { mayKnow, requirePrivilege } from "../catalog/privileges.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import type { Execution } from "../context.ts";
import { doesNotExist } from "../errors.ts";
import { displayIdentifier } from "../grammar/identifiers.ts";
import type { AlterObject, DropObject } from "../grammar/object-statements.ts";
import type { Describe } from "../grammar/show-statements.ts";
import type { ObjectName } from "../grammar/values.ts";
import type { ResultSet } from "../result.ts";
import { alreadyDropped, created, done, dropped, existing, forgetGrants } from "./ddl.ts";
import { byName } from "./shown.ts";

/** A kind of object of which an account has a map by name. */
export interface AccountKind<Thing extends SecurableObject> {
  /** As messages call it. @example "Warehouse" */
  readonly label: string;
  readonly objects: (account: Account) => Map<string, Thing>;
}

interface Making<Thing> {
  /** Refuses whoever may not make one, or replace the one that is there. */
  readonly allow: (name: string, old: Thing | undefined) => void;
  /** Reads the properties; whatever is wrong with them is said before anything changes. */
  readonly make: (name: string) => Thing;
  /** Takes the one that is replaced out, with what hangs on it. @default its grants go */
  readonly replace?: (old: Thing) => void;
  /** Once the new one is in the catalog. */
  readonly after?: (made: Thing, old: Thing | undefined) => void | Promise<void>;
}

/** CREATE. Nothing waits until the object is in the catalog, or two statements could both find the name free. */
export async function createAccountObject<Thing extends SecurableObject>(
  statement: { name: ObjectName; orReplace: boolean; ifNotExists: boolean },
  execution: Execution,
  { label, objects }: AccountKind<Thing>,
  { allow, make, replace, after }: Making<Thing>,
): Promise<ResultSet> {
  const all = objects(accountOf(execution));
  const [name] = statement.name as [string];
  const old = all.get(name);
  allow(name, old);
  const kept = existing(execution, statement, old);
  if (kept) return kept;
  const made = make(name);
  if (old && replace) replace(old);
  else if (old) forgetGrants(execution, old.id);
  all.set(name, made);
  execution.cloud.catalog.save();
  await after?.(made, old);
  return created(label, name);
}

/** ALTER: `change` refuses what is not allowed, and changes the object. */
export function alterAccountObject<Thing extends SecurableObject>(
  statement: AlterObject,
  execution: Execution,
  kind: AccountKind<Thing>,
  change: (object: Thing, name: string) => void,
): ResultSet {
  const object = find(statement, execution, kind);
  if (!object) return done();
  change(object, object.name);
  execution.cloud.catalog.save();
  return done();
}

interface Dropping<Thing> {
  /** Refuses what its owner may not drop either. @default nothing */
  readonly allow?: (object: Thing) => void;
  /** Takes it out with what hangs on it. @default its grants go with it */
  readonly remove?: (object: Thing) => void;
  /** Once it is out of the catalog. */
  readonly after?: (object: Thing) => void | Promise<void>;
}

/** DROP: its owner's right. */
export async function dropAccountObject<Thing extends SecurableObject>(
  statement: DropObject,
  execution: Execution,
  kind: AccountKind<Thing>,
  { allow, remove, after }: Dropping<Thing> = {},
): Promise<ResultSet> {
  const [name] = statement.name as [string];
  const object = find(statement, execution, kind);
  if (!object) return alreadyDropped(name);
  allow?.(object);
  requirePrivilege(execution, "OWNERSHIP", object);
  if (remove) remove(object);
  else forgetGrants(execution, object.id);
  kind.objects(accountOf(execution)).delete(name);
  execution.cloud.catalog.save();
  await after?.(object);
  return dropped(name);
}

/** Undefined when IF EXISTS allows that it is missing. */
function find<Thing extends SecurableObject>(
  { name: [name = ""], ifExists }: AlterObject | DropObject,
  execution: Execution,
  { label, objects }: AccountKind<Thing>,
): Thing | undefined {
  const object = objects(accountOf(execution)).get(name);
  if (!object && !ifExists) throw doesNotExist(label, displayIdentifier(name));
  return object;
}

/** DESCRIBE: the object of that name, if the session may know of it. */
export function describedObject<Thing extends SecurableObject>(
  { name: [name = ""] }: Describe,
  execution: Execution,
  { label, objects }: AccountKind<Thing>,
): Thing {
  const object = objects(accountOf(execution)).get(name);
  if (!object || !mayKnow(execution, object)) throw doesNotExist(label, displayIdentifier(name));
  return object;
}

/** Refuses as if it were not there what the session may not know of. */
export function requireKnown(context: Context, label: string, object: SecurableObject): void {
  if (!mayKnow(context, object)) throw doesNotExist(label, displayIdentifier(object.name));
}

/** SHOW: those that the session may know of, by name. */
export const knownObjects = <Thing extends SecurableObject>(
  execution: Execution,
  { objects }: AccountKind<Thing>,
): Thing[] => byName(objects(accountOf(execution)).values()).filter((object) => mayKnow(execution, object));
