import { displayIdentifier, displayName } from "../grammar/identifiers.ts";
import type { Account, SecurableObject } from "./model.ts";

/** An object with its name as Snowflake prints it. */
export interface NamedObject {
  object: SecurableObject;
  fullName: string;
}

/** Every object of an account. */
export function* allObjects(account: Account): Generator<NamedObject> {
  const accountLevel = [
    account.users,
    account.roles,
    account.warehouses,
    account.resourceMonitors,
    account.integrations,
    account.shares,
  ];
  for (const objects of accountLevel) {
    for (const object of objects.values()) yield { object, fullName: displayIdentifier(object.name) };
  }
  for (const database of account.databases.values()) {
    yield { object: database, fullName: displayIdentifier(database.name) };
    for (const schema of database.schemas.values()) {
      yield { object: schema, fullName: displayName([database.name, schema.name]) };
      for (const objects of [schema.tables, schema.views, schema.stages, schema.fileFormats]) {
        for (const object of objects.values()) {
          yield { object, fullName: displayName([database.name, schema.name, object.name]) };
        }
      }
    }
  }
}
