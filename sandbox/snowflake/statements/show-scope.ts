import { findDatabase, findSchema } from "../catalog/lookup.ts";
import { mayKnow } from "../catalog/privileges.ts";
import { accountOf, type Context, type Place } from "../catalog/scope.ts";
import { isAvailable } from "../catalog/shares.ts";
import { unsupported } from "../errors.ts";
import type { Show } from "../grammar/show-statements.ts";
import { byName } from "./shown.ts";

type DatabasePlace = Omit<Place, "schema">;

/** The databases whose contents a SHOW looks at: that of IN, else the current one, else all of the account. */
export function databasesShown(context: Context, { scope, what }: Show): DatabasePlace[] {
  switch (scope?.type) {
    case "TABLE":
      throw unsupported(`SHOW ${what} IN TABLE`);
    case "SCHEMA":
      return [findSchema(context, scope.name, `SHOW ${what}`)];
    case "DATABASE":
      return [findDatabase(context, scope.name?.[0], `SHOW ${what}`)];
    case "ACCOUNT":
      return allDatabases(context);
    case undefined:
      return context.session.database === null
        ? allDatabases(context)
        : [findDatabase(context, context.session.database)];
  }
}

/** The schemas whose objects a SHOW looks at: that of IN, else the current one, else all of the databases above. */
export function schemasShown(context: Context, statement: Show): Place[] {
  const { scope, what } = statement;
  if (scope?.type === "SCHEMA") return [findSchema(context, scope.name, `SHOW ${what}`)];
  if (!scope && context.session.database !== null && context.session.schema !== null) {
    return [findSchema(context, undefined)];
  }
  return databasesShown(context, statement).flatMap((place) => schemasOf(context, place));
}

/** The schemas of a database that the session's role may know. */
export const schemasOf = (context: Context, place: DatabasePlace): Place[] =>
  byName(place.database.schemas.values())
    .filter(
      (schema) => place.visible.has(schema.id) && (place.readOnly || mayKnow(context, schema, place.mounted)),
    )
    .map((schema) => ({ ...place, schema }));

function allDatabases(context: Context): DatabasePlace[] {
  const account = accountOf(context);
  return byName(account.databases.values())
    .filter((database) => mayKnow(context, database) && isAvailable(context.cloud.catalog, account, database))
    .map((database) => findDatabase(context, database.name));
}
