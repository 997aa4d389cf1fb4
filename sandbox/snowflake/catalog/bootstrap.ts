import { readFileSync } from "node:fs";
import path from "node:path";
import type { Catalog } from "./catalog.ts";
import type { Account, AccountKey, User } from "./model.ts";
import { hashPassword, passwordMatches, publicKeyBody } from "./passwords.ts";
import { systemRoleGrants, systemRoles } from "./system-roles.ts";

/** accounts.json: the Snowflake accounts that exist from the start, and how Snowflake itself reaches AWS. */
export interface Bootstrap {
  aws: { endpoint: string; region: string };
  accounts: AccountBootstrap[];
}

interface AccountBootstrap {
  organization: string;
  name: string;
  locator: string;
  region: string;
  users: UserBootstrap[];
  /** Snowflake's own IAM user for this account. The keys are never written to the catalog. */
  awsIamUser: { arn: string; accessKeyId: string; secretAccessKey: string };
}

interface UserBootstrap {
  name: string;
  password?: string;
  /** PEM, with or without header and footer. */
  rsaPublicKey?: string;
  defaultRole?: string;
  defaultWarehouse?: string;
}

export const accountKey = (account: { organization: string; name: string }): AccountKey =>
  `${account.organization}-${account.name}`;

export const readBootstrap = (directory: string): Bootstrap =>
  JSON.parse(readFileSync(path.join(directory, "accounts.json"), "utf8")) as Bootstrap;

/**
 * Brings the catalog in line with accounts.json: makes the accounts and users that are missing, and gives known
 * users the password, key and default role written there. Everything else in the catalog stays.
 */
export function applyBootstrap(catalog: Catalog, bootstrap: Bootstrap, now: Date): void {
  for (const wanted of bootstrap.accounts) {
    const key = accountKey(wanted);
    let account = catalog.accounts.get(key);
    if (!account) {
      account = newAccount(catalog, wanted, now.getTime());
      catalog.accounts.set(key, account);
    }
    account.awsIamUserArn = wanted.awsIamUser.arn;
    for (const user of wanted.users) applyUser(catalog, account, user, now.getTime());
  }
  catalog.save();
}

const newAccount = (catalog: Catalog, wanted: AccountBootstrap, createdOn: number): Account => ({
  id: catalog.nextId(),
  organization: wanted.organization,
  name: wanted.name,
  locator: wanted.locator,
  region: wanted.region,
  createdOn,
  awsIamUserArn: wanted.awsIamUser.arn,
  parameters: new Map(),
  users: new Map(),
  roles: new Map(
    systemRoles.map((role) => [
      role.name,
      { type: "ROLE", id: catalog.nextId(), owner: "", createdOn, ...role },
    ]),
  ),
  warehouses: new Map(),
  resourceMonitors: new Map(),
  integrations: new Map(),
  databases: new Map(),
  shares: new Map(),
  grants: [],
  futureGrants: [],
  roleGrants: systemRoleGrants(createdOn),
});

function applyUser(catalog: Catalog, account: Account, wanted: UserBootstrap, createdOn: number): void {
  const user: User = account.users.get(wanted.name) ?? {
    type: "USER",
    id: catalog.nextId(),
    name: wanted.name,
    owner: "ACCOUNTADMIN",
    comment: "",
    createdOn,
    loginName: wanted.name,
    displayName: wanted.name,
    disabled: false,
    parameters: new Map(),
  };
  account.users.set(user.name, user);
  if (wanted.password !== undefined && !passwordMatches(wanted.password, user.passwordHash)) {
    user.passwordHash = hashPassword(wanted.password);
  }
  if (wanted.rsaPublicKey !== undefined) user.rsaPublicKey = publicKeyBody(wanted.rsaPublicKey);
  if (wanted.defaultWarehouse !== undefined) user.defaultWarehouse = wanted.defaultWarehouse;
  const role = wanted.defaultRole;
  if (role === undefined) return;
  user.defaultRole = role;
  const granted = account.roleGrants.some(
    ({ role: name, to }) => name === role && to.type === "USER" && to.name === user.name,
  );
  if (!granted) {
    account.roleGrants.push({
      role,
      to: { type: "USER", name: user.name },
      grantedBy: "ACCOUNTADMIN",
      createdOn,
    });
  }
}
