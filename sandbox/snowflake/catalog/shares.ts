import { SnowflakeError } from "../errors.ts";
import type { Catalog } from "./catalog.ts";
import type { Account, AccountKey, Database, Share } from "./model.ts";

/** The objects, by ID, that an account may see in a database. */
export interface Visible {
  has(id: number): boolean;
}

export interface OpenedDatabase {
  dataAccount: Account;
  database: Database;
  readOnly: boolean;
  visible: Visible;
}

const everything: Visible = { has: () => true };

/** 003030: the publisher took the share away. */
const noLongerAvailable = () =>
  new SnowflakeError(
    "003030",
    "02000",
    "SQL compilation error:\nShared database is no longer available for use. It will need to be re-created if and when the publisher makes it available again.",
  );

/**
 * The contents of a database: its own, or for one mounted from a share the publisher's, cut down to what is granted
 * to the share at this moment. So a REVOKE, a dropped share or a removed account ends access with the next statement.
 */
export function openDatabase(catalog: Catalog, account: Account, database: Database): OpenedDatabase {
  if (!database.origin) {
    return { dataAccount: account, database, readOnly: false, visible: everything };
  }
  const opened = publishedDatabase(catalog, accountKeyOf(account), database.origin);
  if (!opened) throw noLongerAvailable();
  return { ...opened, readOnly: true };
}

/** Whether a mounted database can still be read; true for one that is no mount. */
export const isAvailable = (catalog: Catalog, account: Account, database: Database): boolean =>
  !database.origin || publishedDatabase(catalog, accountKeyOf(account), database.origin) !== undefined;

function publishedDatabase(catalog: Catalog, consumer: AccountKey, origin: NonNullable<Database["origin"]>) {
  const publisher = catalog.accounts.get(origin.account);
  const share = publisher?.shares.get(origin.share);
  if (!publisher || share?.id !== origin.shareId || origin.revoked) return undefined;
  if (!share.accounts.includes(consumer)) return undefined;
  const database = sharedDatabase(publisher, share);
  if (!database) return undefined;
  const visible = new Set(grantsToShare(publisher, share).map(({ on }) => on.id));
  return { dataAccount: publisher, database, visible };
}

export const accountKeyOf = ({ organization, name }: Account): AccountKey => `${organization}-${name}`;

export const grantsToShare = (account: Account, share: Share) =>
  account.grants.filter(({ to }) => to.type === "SHARE" && to.name === share.name);

/** The database whose USAGE is granted to the share. */
export function sharedDatabase(account: Account, share: Share): Database | undefined {
  const grant = grantsToShare(account, share).find(
    ({ privilege, on }) => privilege === "USAGE" && on.type === "DATABASE",
  );
  return grant && [...account.databases.values()].find(({ id }) => id === grant.on.id);
}
