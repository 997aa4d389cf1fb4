import type { Database, Schema, SecurableObject } from "../catalog/model.ts";
import { accountOf, type Context } from "../catalog/scope.ts";

/**
 * Gives a new object in a schema (or a new schema) the privileges that future grants promise. Those of the schema
 * stand instead of those of its database, where both speak of the same kind of object.
 */
export function applyFutureGrants(
  context: Context,
  object: SecurableObject,
  database: Database,
  schema?: Schema,
): void {
  const account = accountOf(context);
  const promised = (id: number | undefined) =>
    account.futureGrants.filter((grant) => grant.in.id === id && grant.on === object.type);
  const ofSchema = promised(schema?.id);
  for (const grant of ofSchema.length > 0 ? ofSchema : promised(database.id)) {
    if (grant.privilege === "OWNERSHIP") {
      object.owner = grant.to.name;
      continue;
    }
    account.grants.push({
      privilege: grant.privilege,
      on: { type: object.type, id: object.id },
      to: grant.to,
      grantOption: grant.grantOption,
      grantedBy: object.owner,
      createdOn: context.cloud.now().getTime(),
    });
  }
}
