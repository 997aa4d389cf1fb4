import type { Account, AccountKey } from "./model.ts";

/** All accounts of the local Snowflake, kept in one file that is replaced as a whole. */
export class Catalog {
  readonly accounts: Map<AccountKey, Account>;

  constructor(accounts: Map<AccountKey, Account>) {
    this.accounts = accounts;
  }
}
