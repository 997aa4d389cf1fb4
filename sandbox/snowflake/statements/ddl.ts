import type { CatalogObject, SecurableObject } from "../catalog/model.ts";
import { requirePrivilege } from "../catalog/privileges.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import type { Execution } from "../context.ts";
import { alreadyExists, SnowflakeError, unsupported } from "../errors.ts";
import { displayIdentifier } from "../grammar/identifiers.ts";
import type { AlterObject, CreateObject, DropObject } from "../grammar/object-statements.ts";
import { asText, readProperties } from "../grammar/properties.ts";
import type { Describe, Show } from "../grammar/show-statements.ts";
import type { Property } from "../grammar/values.ts";
import { requireIdentifierLength } from "../limits.ts";
import { type ResultSet, statusResult } from "../result.ts";
import type { Shown } from "./shown.ts";

/** What the statements of one kind of object do. */
export interface ObjectKind {
  create(statement: CreateObject, execution: Execution): ResultSet | Promise<ResultSet>;
  alter(statement: AlterObject, execution: Execution): ResultSet | Promise<ResultSet>;
  drop(statement: DropObject, execution: Execution): ResultSet | Promise<ResultSet>;
  show(statement: Show, execution: Execution): Shown | Promise<Shown>;
  describe?(statement: Describe, execution: Execution): ResultSet | Promise<ResultSet>;
}

export const done = () => statusResult("Statement executed successfully.");
export const created = (label: string, name: string) =>
  statusResult(`${label} ${displayIdentifier(name)} successfully created.`);
export const dropped = (name: string) => statusResult(`${displayIdentifier(name)} successfully dropped.`);
export const alreadyDropped = (name: string) =>
  statusResult(`Drop statement executed successfully (${displayIdentifier(name)} already dropped).`);

/**
 * What CREATE does about an object of the same name: undefined when the way is free or the object may be replaced,
 * else the answer of IF NOT EXISTS. Throws when it is in the way.
 */
export function existing(
  context: Context,
  statement: { orReplace: boolean; ifNotExists: boolean },
  object: SecurableObject | undefined,
): ResultSet | undefined {
  if (!object) return undefined;
  const name = displayIdentifier(object.name);
  if (statement.ifNotExists) return statusResult(`${name} already exists, statement succeeded.`);
  if (!statement.orReplace) throw alreadyExists("Object", name);
  requirePrivilege(context, "OWNERSHIP", object);
  return undefined;
}

/** The fields every new object has. */
export function newObject({ cloud, session }: Context, name: string, comment = ""): CatalogObject {
  requireIdentifierLength(name);
  return {
    id: cloud.catalog.nextId(),
    name,
    owner: session.role,
    comment,
    createdOn: cloud.now().getTime(),
  };
}

/** What `find` finds; undefined when IF EXISTS allows that it is missing. */
export function unlessMissing<Found>(ifExists: boolean, find: () => Found): Found | undefined {
  try {
    return find();
  } catch (error) {
    if (ifExists && error instanceof SnowflakeError && error.code === "002003") return undefined;
    throw error;
  }
}

/** Gives an object a new name in the map that holds it. */
export function rename<Kind extends SecurableObject>(
  objects: Map<string, Kind>,
  object: Kind,
  name: string,
): void {
  requireIdentifierLength(name);
  if (objects.has(name)) throw alreadyExists("Object", displayIdentifier(name));
  objects.delete(object.name);
  object.name = name;
  objects.set(name, object);
}

/** Reads the one property that every object has, for those that have no other. */
export const readComment = (properties: readonly Property[], kind: string): string | undefined =>
  readProperties(properties, kind, { COMMENT: asText }).COMMENT;

/** UNSET COMMENT, for those that have no other property to unset. */
export function unsetComment(object: { comment: string }, names: readonly string[], statement: string): void {
  if (names.some((property) => property !== "COMMENT")) throw unsupported(`${statement} … UNSET`);
  object.comment = "";
}

/** Takes away every grant on objects that are going, and future grants inside them. */
export function forgetGrants(context: Context, ...ids: number[]): void {
  const account = accountOf(context);
  const gone = new Set(ids);
  account.grants = account.grants.filter(({ on }) => !gone.has(on.id));
  account.futureGrants = account.futureGrants.filter((grant) => !gone.has(grant.in.id));
}
