import { doesNotExist } from "../errors.ts";
import type { ObjectRef } from "../grammar/grant-statements.ts";
import { displayIdentifier } from "../grammar/identifiers.ts";
import { findDatabase, findFileFormat, findSchema, findStage, findTable, findView } from "./lookup.ts";
import type { ObjectType, Schema, SecurableObject } from "./model.ts";
import { mayKnow } from "./privileges.ts";
import { accountOf, type Context } from "./scope.ts";

/** What a GRANT, SHOW GRANTS or COMMENT is about. */
export interface Resolved {
  type: ObjectType;
  id: number;
  /** Absent for the account itself. */
  object?: SecurableObject;
  fullName: string;
  /** The schema it lies in, if it does. */
  schema?: Schema;
  /** The database it is or lies in. */
  databaseId?: number;
  readOnly: boolean;
}

/** Finds any object by its kind and name; 002003 when it is missing or not to be known. */
export function resolve(context: Context, ref: ObjectRef): Resolved {
  const account = accountOf(context);
  if (ref.type === "ACCOUNT") {
    return { type: "ACCOUNT", id: account.id, fullName: account.locator, readOnly: false };
  }
  const { type, name } = ref as Extract<ObjectRef, { name: unknown }>;
  const accountLevel = (objects: Map<string, SecurableObject>, label: string): Resolved => {
    const object = objects.get(name[0] as string);
    const fullName = displayIdentifier(name[0] as string);
    if (!object || !(object.type === "ROLE" || mayKnow(context, object))) {
      throw doesNotExist(label, fullName);
    }
    return { type, id: object.id, object, fullName, readOnly: false };
  };
  switch (type) {
    case "WAREHOUSE":
      return accountLevel(account.warehouses, "Warehouse");
    case "INTEGRATION":
      return accountLevel(account.integrations, "Integration");
    case "ROLE":
      return accountLevel(account.roles, "Role");
    case "USER":
      return accountLevel(account.users, "User");
    case "SHARE":
      return accountLevel(account.shares, "Share");
    case "RESOURCE MONITOR":
      return accountLevel(account.resourceMonitors, "Resource monitor");
    case "DATABASE": {
      const { mounted, readOnly } = findDatabase(context, name[0]);
      return {
        type,
        id: mounted.id,
        object: mounted,
        fullName: displayIdentifier(mounted.name),
        databaseId: mounted.id,
        readOnly,
      };
    }
    case "SCHEMA": {
      const { schema, database, mounted, readOnly } = findSchema(context, name);
      const fullName = [mounted.name, schema.name].map(displayIdentifier).join(".");
      return { type, id: schema.id, object: schema, fullName, databaseId: database.id, readOnly };
    }
    default: {
      const { object, fullName, schema, database, readOnly } = {
        TABLE: findTable,
        VIEW: findView,
        STAGE: findStage,
        "FILE FORMAT": findFileFormat,
      }[type as "TABLE"](context, name);
      return { type, id: object.id, object, fullName, schema, databaseId: database.id, readOnly };
    }
  }
}
