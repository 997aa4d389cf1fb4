/** The frame of CREATE, ALTER, DROP and SHOW that all objects of a schema share; each kind adds what is its own. */
import { findSchema } from "../catalog/lookup.ts";
import type { SchemaObject, SchemaObjects, SecurableObject } from "../catalog/model.ts";
import { activeRoles, mayKnow, owns, requirePrivilege } from "../catalog/privileges.ts";
import { accountOf, type Found, type Place } from "../catalog/scope.ts";
import { layerFor, objectsIn } from "../catalog/temporary.ts";
import type { Execution } from "../context.ts";
import { unsupported } from "../errors.ts";
import type { AlterObject, DropObject } from "../grammar/object-statements.ts";
import type { Show } from "../grammar/show-statements.ts";
import type { ObjectName, Property } from "../grammar/values.ts";
import type { ResultSet } from "../result.ts";
import {
  alreadyDropped,
  done,
  dropped,
  existing,
  forgetGrants,
  rename,
  unlessMissing,
  unsetComment,
} from "./ddl.ts";
import { requireWritable } from "./schemas.ts";
import { schemasShown } from "./show-scope.ts";
import { byName, type Row } from "./shown.ts";

type Kind = keyof SchemaObject;

interface New<K extends Kind> {
  readonly name: string;
  readonly place: Place;
  readonly layer: SchemaObjects;
  /** The one that is replaced. */
  readonly old: SchemaObject[K] | undefined;
  /** The answer where IF NOT EXISTS finds one. */
  readonly kept: ResultSet | undefined;
}

/**
 * CREATE: where the new object goes. Refuses whoever may not make it there, or replace what is there.
 * @param type as privileges and messages call it. @example "FILE FORMAT"
 * @param allow refuses whoever may not make it there. @default the schema's privilege
 */
export function placeForNew<K extends Kind>(
  statement: { name: ObjectName; temporary: boolean; orReplace: boolean; ifNotExists: boolean },
  execution: Execution,
  kind: K,
  type: string,
  allow = ({ schema }: Place) => requirePrivilege(execution, `CREATE ${type}`, schema),
): New<K> {
  const name = statement.name.at(-1) as string;
  const scope = statement.name.slice(0, -1);
  const place = findSchema(execution, scope.length > 0 ? scope : undefined, `CREATE ${type}`);
  requireWritable(place);
  allow(place);
  const layer = layerFor(execution, place, statement.temporary);
  const old = layer[kind].get(name);
  return {
    name,
    place,
    layer,
    old,
    kept: existing(execution, statement, old),
  };
}

/**
 * ALTER: its owner's right. Comments go, and names change, as for every kind.
 * @param type as privileges and messages call it. @example "FILE FORMAT"
 * @param set what SET does to the object
 */
export function alterInSchema<K extends Kind>(
  { ifExists, change }: AlterObject,
  execution: Execution,
  find: () => Found<SchemaObject[K]>,
  kind: K,
  type: string,
  set: (found: Found<SchemaObject[K]>, properties: Property[]) => void,
): ResultSet {
  const found = unlessMissing(ifExists, find);
  if (!found) return done();
  requireWritable(found);
  requirePrivilege(execution, "OWNERSHIP", found);
  switch (change.action) {
    case "set":
      set(found, change.properties);
      break;
    case "unset":
      unsetComment(found.object, change.names, `ALTER ${type}`);
      break;
    case "rename":
      renameInSchema(execution, found, kind, type, change.to);
      break;
    default:
      throw unsupported(`ALTER ${type} … ${change.action}`);
  }
  execution.cloud.catalog.save();
  return done();
}

/** ALTER … RENAME TO, within the schema. */
function renameInSchema<K extends Kind>(
  execution: Execution,
  { object, layer, schema }: Found<SchemaObject[K]>,
  kind: K,
  type: string,
  to: ObjectName,
): void {
  requirePrivilege(execution, `CREATE ${type}`, schema);
  if (to.length > 1 && findSchema(execution, to.slice(0, -1)).schema !== schema)
    throw unsupported(`moving a ${type.toLowerCase()} to another schema`);
  rename(layer[kind], object, to.at(-1) as string);
}

/** DROP, with what hangs on the object. */
export function dropFromSchema<K extends Kind>(
  { name, ifExists }: DropObject,
  execution: Execution,
  kind: K,
  find: () => Found<SchemaObject[K]>,
  forget: (object: SchemaObject[K]) => void = ({ id }) => forgetGrants(execution, id),
): ResultSet {
  const last = name.at(-1) as string;
  const found = unlessMissing(ifExists, find);
  if (!found) return alreadyDropped(last);
  requireWritable(found);
  requireDroppable(execution, found);
  found.layer[kind].delete(last);
  forget(found.object);
  execution.cloud.catalog.save();
  return dropped(last);
}

/** The owner of an object may drop it, and so may the owner of its schema. */
function requireDroppable(execution: Execution, found: Found<SecurableObject>): void {
  if (!owns(accountOf(execution), activeRoles(execution), found.schema))
    requirePrivilege(execution, "OWNERSHIP", found);
}

/** SHOW: the objects of a kind that the session may know of, each with its schema. */
export const shownInSchemas = <K extends Kind>(
  execution: Execution,
  statement: Show,
  kind: K,
): { object: SchemaObject[K]; place: Place }[] =>
  schemasShown(execution, statement).flatMap((place) =>
    byName(objectsIn(execution, place.schema, kind))
      .filter((object) => place.visible.has(object.id) && (place.readOnly || mayKnow(execution, object)))
      .map((object) => ({ object, place })),
  );

/** What each row of such a SHOW begins with. */
export const placeColumns = ({ mounted, schema }: Place): Row => ({
  database_name: mounted.name,
  schema_name: schema.name,
});
