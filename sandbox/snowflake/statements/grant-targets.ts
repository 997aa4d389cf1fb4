import { findDatabase, findSchema } from "../catalog/lookup.ts";
import type { Schema, SecurableObject } from "../catalog/model.ts";
import { type Resolved, resolve } from "../catalog/resolve.ts";
import type { Context } from "../catalog/scope.ts";
import type { GrantTarget } from "../grammar/grant-statements.ts";
import { displayName } from "../grammar/identifiers.ts";
import { schemasOf } from "./show-scope.ts";
import { byName } from "./shown.ts";

/** The objects that GRANT … ON ALL and its like go over; the one object otherwise. */
export function objectsOf(context: Context, on: GrantTarget): Resolved[] {
  if (!("each" in on)) return [resolve(context, on)];
  const places =
    on.scope.type === "SCHEMA"
      ? [findSchema(context, on.scope.name)]
      : schemasOf(context, findDatabase(context, on.scope.name[0]));
  return places.flatMap(({ schema, mounted, database, readOnly }) => {
    const named = (object: SecurableObject, ...parts: string[]): Resolved => ({
      type: on.type,
      id: object.id,
      object,
      fullName: displayName([mounted.name, schema.name, ...parts]),
      ...(object === schema ? {} : { schema }),
      databaseId: database.id,
      readOnly,
    });
    if (on.type === "SCHEMA") return [named(schema)];
    return byName(contents(schema, on.type)).map((object) => named(object, object.name));
  });
}

function contents(schema: Schema, type: string): SecurableObject[] {
  const all: SecurableObject[] = [schema.tables, schema.views, schema.stages, schema.fileFormats].flatMap(
    (objects) => [...objects.values()],
  );
  return all.filter((object) => object.type === type);
}
