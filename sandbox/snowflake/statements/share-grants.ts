import { sharePrivilegesOf } from "../catalog/privilege-names.ts";
import type { Resolved } from "../catalog/resolve.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import { sharedDatabase } from "../catalog/shares.ts";
import { SnowflakeError } from "../errors.ts";
import { displayIdentifier } from "../grammar/identifiers.ts";

const refuse = (detail: string) => new SnowflakeError("003016", "42601", `SQL compilation error:\n${detail}`);

/** What a share may be granted: one database, its schemas, and tables and secure views in it, to be read. */
export function requireShareable(
  context: Context,
  target: Resolved,
  privileges: readonly string[],
  shareName: string,
): void {
  const account = accountOf(context);
  const share = account.shares.get(shareName);
  if (!share) return;
  const database = sharedDatabase(account, share);
  const name = displayIdentifier(share.name);
  const allowed = sharePrivilegesOf[target.type] ?? [];
  const wrong = privileges.find((privilege) => !allowed.includes(privilege));
  if (wrong !== undefined) {
    throw refuse(
      `Privilege '${wrong}' on ${target.type} '${target.fullName}' cannot be granted to share '${name}'.`,
    );
  }
  if (target.readOnly)
    throw refuse(`'${target.fullName}' is itself mounted from a share: it cannot be shared again.`);
  if (target.object?.type === "VIEW" && !target.object.secure) {
    throw refuse(`View '${target.fullName}' is not secure: only secure views can be shared.`);
  }
  if (target.type === "DATABASE") {
    if (privileges.includes("USAGE") && database && database.id !== target.id) {
      throw refuse(
        `Share '${name}' is about database '${displayIdentifier(database.name)}': a share has one database with USAGE.`,
      );
    }
    // docs: behavior change bundle 2025_07, "Disallow GRANT REFERENCE_USAGE if GRANT USAGE isn't set first". Code and state as users of
    // Snowflake report them.
    if (privileges.includes("REFERENCE_USAGE") && !database)
      throw new SnowflakeError(
        "500130",
        "22000",
        `Cannot grant REFERENCE_USAGE on database ${target.fullName} to share ${name}. Grant USAGE on a database to share prior to granting REFERENCE_USAGE.`,
      );
    return;
  }
  if (!database || database.id !== target.databaseId) {
    throw refuse(
      `'${target.fullName}' does not belong to the database that is being shared: grant USAGE on its database to share '${name}' first.`,
    );
  }
}
