import type { User } from "../catalog/model.ts";
import { mayKnow } from "../catalog/privileges.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import { doesNotExist, SnowflakeError } from "../errors.ts";
import { displayIdentifier } from "../grammar/identifiers.ts";

/** A user that the session may know of: its own, or one that its roles own or have a privilege on. */
export function knownUser(context: Context, name: string): User {
  const user = accountOf(context).users.get(name);
  if (user && (name === context.session.user || mayKnow(context, user))) return user;
  throw doesNotExist("User", displayIdentifier(name));
}

const OF_PERSONS = ["PASSWORD", "FIRST_NAME", "MIDDLE_NAME", "LAST_NAME", "MUST_CHANGE_PASSWORD"];

/** What a program has no use for is not set of a user who is one (docs: User management, types of users; the error is not verified). */
export function requireServiceProperties(properties: Readonly<Record<string, unknown>>): void {
  const wrong = OF_PERSONS.find((name) => properties[name] !== undefined);
  if (wrong === undefined) return;
  throw new SnowflakeError(
    "003540",
    "22023",
    `SQL compilation error:\nCannot set ${wrong} on users with TYPE=SERVICE.`,
  );
}
