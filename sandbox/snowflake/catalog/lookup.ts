import { doesNotExist, SnowflakeError } from "../errors.ts";
import { displayName } from "../grammar/identifiers.ts";
import type { ObjectName } from "../grammar/values.ts";
import type { FileFormat, SchemaObjects, Stage, Table, View } from "./model.ts";
import { mayKnow } from "./privileges.ts";
import { accountOf, type Context, type Found, type Place } from "./scope.ts";
import { openDatabase } from "./shares.ts";
import { layersOf } from "./temporary.ts";

const noCurrent = (what: "database" | "schema", action: string) =>
  new SnowflakeError(
    "090105",
    "22000",
    `Cannot perform ${action}. This session does not have a current ${what}. Call 'USE ${what.toUpperCase()}', or use a qualified name.`,
  );

/** A database of the session's account, or the current one. */
export function findDatabase(
  context: Context,
  name: string | undefined,
  action = "operation",
): Omit<Place, "schema"> {
  const account = accountOf(context);
  const wanted = name ?? context.session.database;
  if (wanted === null) throw noCurrent("database", action);
  const mounted = account.databases.get(wanted);
  if (!mounted || !mayKnow(context, mounted)) {
    throw doesNotExist("Database", displayName([wanted]));
  }
  return { account, mounted, ...openDatabase(context.cloud.catalog, account, mounted) };
}

/** A schema by one or two names, or the current one. */
export function findSchema(context: Context, name: ObjectName | undefined, action = "operation"): Place {
  const [first, second] = name ?? [];
  const place = findDatabase(context, second === undefined ? undefined : first, action);
  const wanted = second ?? first ?? context.session.schema;
  if (wanted === null) throw noCurrent("schema", action);
  const schema = place.database.schemas.get(wanted);
  const known =
    schema && place.visible.has(schema.id) && (place.readOnly || mayKnow(context, schema, place.mounted));
  if (!known) {
    throw doesNotExist("Schema", displayName([place.mounted.name, wanted]));
  }
  return { ...place, schema };
}

function find<Kind extends Table | View | Stage | FileFormat>(
  context: Context,
  name: ObjectName,
  label: string,
  action: string,
  pick: (layer: SchemaObjects, name: string) => Kind | undefined,
): Found<Kind> {
  const last = name.at(-1) as string;
  const scope = name.slice(0, -1);
  const place = findSchema(context, scope.length ? scope : undefined, action);
  const fullName = displayName([place.mounted.name, place.schema.name, last]);
  const layer = layersOf(context, place.schema).find((each) => pick(each, last)) ?? place.schema;
  const object = pick(layer, last);
  const known =
    object &&
    place.visible.has(object.id) &&
    (place.readOnly || mayKnow(context, object, place.schema, place.mounted));
  if (!known) throw doesNotExist(label, fullName);
  return { ...place, object, layer, fullName };
}

/** The table of that name, which the session's role may know of. Privileges on it are the caller's to require. */
export const findTable = (context: Context, name: ObjectName, action = "SELECT") =>
  find(context, name, "Table", action, (layer, last) => layer.tables.get(last));

export const findView = (context: Context, name: ObjectName, action = "SELECT") =>
  find(context, name, "View", action, (layer, last) => layer.views.get(last));

/** What stands in FROM: a table or a view. */
export const findRelation = (context: Context, name: ObjectName, action = "SELECT") =>
  find<Table | View>(
    context,
    name,
    "Object",
    action,
    (layer, last) => layer.tables.get(last) ?? layer.views.get(last),
  );

export const findStage = (context: Context, name: ObjectName, action = "SELECT") =>
  find(context, name, "Stage", action, (layer, last) => layer.stages.get(last));

export const findFileFormat = (context: Context, name: ObjectName, action = "SELECT") =>
  find(context, name, "File format", action, (layer, last) => layer.fileFormats.get(last));
