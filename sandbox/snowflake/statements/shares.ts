import type { Account, AccountKey, Share } from "../catalog/model.ts";
import { allObjects } from "../catalog/objects.ts";
import {
  activeRoles,
  hasAccountPrivilege,
  requireAccountPrivilege,
  requirePrivilege,
} from "../catalog/privileges.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import { accountKeyOf, grantsToShare, sharedDatabase } from "../catalog/shares.ts";
import { doesNotExist, SnowflakeError, unsupported } from "../errors.ts";
import { displayIdentifier, displayName } from "../grammar/identifiers.ts";
import type { ObjectName } from "../grammar/values.ts";
import { encodeTimestamp, text, timestampLtz } from "../result.ts";
import {
  type AccountKind,
  alterAccountObject,
  createAccountObject,
  dropAccountObject,
} from "./account-objects.ts";
import { newObject, type ObjectKind, readComment, unsetComment } from "./ddl.ts";
import { byName, type Row, tabulate } from "./shown.ts";

/** An account that a share is to be given to. */
function consumer(context: Context, name: ObjectName): AccountKey {
  const { catalog } = context.cloud;
  const own = accountOf(context);
  const account =
    name.length === 1
      ? (catalog.findAccount(name[0] as string) ?? catalog.findAccount(`${own.organization}-${name[0]}`))
      : catalog.findAccount(name.join("-"));
  if (!account) {
    throw new SnowflakeError(
      "002015",
      "42602",
      `SQL compilation error:\nFollowing accounts cannot be added to this share: ${displayName(name)}.`,
    );
  }
  if (account === own) {
    throw new SnowflakeError(
      "003039",
      "42601",
      `SQL compilation error:\nAccount '${displayName(name)}' owns the share: it cannot be one of its consumers.`,
    );
  }
  return accountKeyOf(account);
}

/** Takes accounts off a share: what they mounted from it is dead from now on, even if they are let in again. */
function removeConsumers(context: Context, share: Share, gone: readonly AccountKey[]): void {
  share.accounts = share.accounts.filter((account) => !gone.includes(account));
  for (const key of gone) {
    for (const { origin } of context.cloud.catalog.accountOfKey(key).databases.values()) {
      if (origin?.shareId === share.id) origin.revoked = true;
    }
  }
}

function requireDatabase(account: Account, share: Share): void {
  if (sharedDatabase(account, share)) return;
  throw new SnowflakeError(
    "003031",
    "42601",
    `SQL compilation error:\nShare '${displayIdentifier(share.name)}' does not have any database: grant USAGE on one to the share before accounts are added.`,
  );
}

function removeShare(context: Context, share: Share): void {
  const account = accountOf(context);
  removeConsumers(context, share, share.accounts);
  account.shares.delete(share.name);
  account.grants = account.grants.filter(({ to }) => !(to.type === "SHARE" && to.name === share.name));
}

const changesAccounts = (action: string) => ["addAccounts", "removeAccounts", "setAccounts"].includes(action);

const kind: AccountKind<Share> = { label: "Share", objects: ({ shares }) => shares };

/** Shares that this account gives (outbound) and, in SHOW and DESCRIBE, takes (inbound): docs: CREATE SHARE, ALTER SHARE, SHOW SHARES. */
export const shares: ObjectKind = {
  create(statement, execution) {
    return createAccountObject(statement, execution, kind, {
      allow: () => requireAccountPrivilege(execution, "CREATE SHARE"),
      make: (name) => ({
        type: "SHARE",
        ...newObject(execution, name, readComment(statement.properties, "SHARE")),
        accounts: [],
      }),
      replace: (old) => removeShare(execution, old),
    });
  },

  alter(statement, execution) {
    const account = accountOf(execution);
    return alterAccountObject(statement, execution, kind, (share) => {
      const { change } = statement;
      // docs: behavior change bundle 2024_07, "New privilege MANAGE SHARE TARGET": it is for the accounts of any share of the account, and
      // CREATE SHARE no longer is. The words of the refusal are not verified.
      if (changesAccounts(change.action)) requireAccountPrivilege(execution, "MANAGE SHARE TARGET");
      else requirePrivilege(execution, "OWNERSHIP", share);
      switch (change.action) {
        case "set":
          share.comment = readComment(change.properties, "SHARE") ?? share.comment;
          break;
        case "unset":
          unsetComment(share, change.names, "ALTER SHARE");
          break;
        case "addAccounts": {
          requireDatabase(account, share);
          const added = change.accounts.map((each) => consumer(execution, each));
          share.accounts = [...new Set([...share.accounts, ...added])];
          break;
        }
        case "removeAccounts":
          removeConsumers(
            execution,
            share,
            change.accounts.map((each) => consumer(execution, each)),
          );
          break;
        case "setAccounts": {
          requireDatabase(account, share);
          const wanted = change.accounts.map((each) => consumer(execution, each));
          const gone = share.accounts.filter((each) => !wanted.includes(each));
          removeConsumers(execution, share, gone);
          share.accounts = [...new Set(wanted)];
          break;
        }
        default:
          throw unsupported(`ALTER SHARE … ${change.action}`);
      }
    });
  },

  drop(statement, execution) {
    return dropAccountObject(statement, execution, kind, {
      remove: (share) => removeShare(execution, share),
    });
  },

  show(_statement, execution) {
    const account = accountOf(execution);
    return {
      columns: [
        timestampLtz("created_on"),
        text("kind"),
        text("owner_account"),
        text("name"),
        text("database_name"),
        text("to"),
        text("owner"),
        text("comment"),
        text("listing_global_name"),
        text("secure_objects_only"),
      ],
      rows: [...outbound(account), ...inbound(execution)],
    };
  },

  describe(statement, execution) {
    const { publisher, share, inbound: foreign } = findShare(execution, statement.name);
    const names = new Map([...allObjects(publisher)].map((named) => [named.object.id, named]));
    const rows = grantsToShare(publisher, share).flatMap(({ on, createdOn, privilege }): Row[] => {
      const named = names.get(on.id);
      if (!named || privilege === "REFERENCE_USAGE") return [];
      return [
        {
          kind: on.type,
          // The consumer gives the database a name of its own.
          name: foreign ? named.fullName.replace(/^("(?:[^"]|"")*"|[^.]*)/, "<DB>") : named.fullName,
          shared_on: encodeTimestamp(new Date(createdOn)),
        },
      ];
    });
    return tabulate([text("kind"), text("name"), timestampLtz("shared_on")], rows);
  },
};

const outbound = (account: Account): Row[] =>
  byName(account.shares.values()).map((share) => ({
    created_on: encodeTimestamp(new Date(share.createdOn)),
    kind: "OUTBOUND",
    owner_account: displayName([account.organization, account.name]),
    name: share.name,
    database_name: sharedDatabase(account, share)?.name ?? "",
    to: share.accounts.map((key) => key.replace("-", ".")).join(", "),
    owner: share.owner,
    comment: share.comment,
    listing_global_name: "",
    secure_objects_only: "true",
  }));

/** What other accounts share with this one. Those who may mount a share see it. */
function inbound(context: Context): Row[] {
  const own = accountOf(context);
  if (!hasAccountPrivilege(own, activeRoles(context), "IMPORT SHARE")) return [];
  return [...context.cloud.catalog.accounts.values()].flatMap((publisher) =>
    byName(publisher.shares.values())
      .filter(({ accounts }) => accounts.includes(accountKeyOf(own)))
      .map((share) => ({
        created_on: encodeTimestamp(new Date(share.createdOn)),
        kind: "INBOUND",
        owner_account: displayName([publisher.organization, publisher.name]),
        name: share.name,
        database_name:
          [...own.databases.values()].find(({ origin }) => origin?.shareId === share.id && !origin.revoked)
            ?.name ?? "",
        to: "",
        owner: "",
        comment: share.comment,
        listing_global_name: "",
        secure_objects_only: "true",
      })),
  );
}

/** A share of this account by one name, or one that is given to it by organization, account and name. */
function findShare(context: Context, name: ObjectName) {
  const own = accountOf(context);
  const last = name.at(-1) as string;
  const publisher =
    name.length === 1
      ? own
      : (context.cloud.catalog.findAccount(name.slice(0, -1).join("-")) ??
        context.cloud.catalog.findAccount(`${own.organization}-${name[0]}`));
  const share = publisher?.shares.get(last);
  const allowed = publisher === own || share?.accounts.includes(accountKeyOf(own));
  if (!publisher || !share || !allowed) throw doesNotExist("Share", displayName(name));
  return { publisher, share, inbound: publisher !== own };
}
