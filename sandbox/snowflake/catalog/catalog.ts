import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { cannotWrite } from "../errors.ts";
import type { Account, AccountKey, User } from "./model.ts";
import { passwordMatches } from "./passwords.ts";
import { decodeAccounts, encodeAccounts } from "./serialise.ts";

/**
 * All accounts of the local Snowflake. Kept in one file that is replaced as a whole, so that whoever reads it
 * after a crash finds the state before a change or after it, never between.
 *
 * Changes are made in memory and end with `save()`; between the two there is no `await`, so that statements
 * running side by side never see or save half a change of each other.
 */
export class Catalog {
  readonly accounts: Map<AccountKey, Account>;
  readonly #file: string;
  #lastId: number;

  private constructor(file: string, accounts: Map<AccountKey, Account>, lastId: number) {
    this.#file = file;
    this.accounts = accounts;
    this.#lastId = lastId;
  }

  /** Reads the catalog in a folder, or begins an empty one. */
  static open(directory: string): Catalog {
    const file = path.join(directory, "catalog.json");
    if (!existsSync(file)) return new Catalog(file, new Map(), 0);
    const { accounts, lastId } = decodeAccounts(readFileSync(file, "utf8"));
    return new Catalog(file, accounts, lastId);
  }

  /** The account of a session; it is there as long as the server runs. */
  accountOfKey(key: AccountKey): Account {
    const account = this.accounts.get(key);
    if (!account) throw new Error(`no account ${key} in the catalog`);
    return account;
  }

  /** An account by "ORG-NAME", "ORG.NAME" or locator, in any case; `_` and `-` in host names are the same. */
  findAccount(name: string): Account | undefined {
    const wanted = name.toUpperCase().replaceAll(/[._]/g, "-");
    for (const account of this.accounts.values()) {
      const full = `${account.organization}-${account.name}`.replaceAll("_", "-");
      if (wanted === full || wanted === account.locator) return account;
    }
    return undefined;
  }

  /** Whether a password is the user's; false for a user who has none. */
  checkPassword(user: User, password: string): boolean {
    return passwordMatches(password, user.passwordHash);
  }

  /** An ID that no object has or had. It is safe once `save()` has returned. */
  nextId(): number {
    return ++this.#lastId;
  }

  /** Writes down what was changed. Throws 000603 when that is impossible: then it has not been changed. */
  save(): void {
    try {
      this.#write();
    } catch (error) {
      rmSync(`${this.#file}.new`, { force: true });
      const before = existsSync(this.#file)
        ? decodeAccounts(readFileSync(this.#file, "utf8")).accounts
        : new Map<AccountKey, Account>();
      this.accounts.clear();
      for (const [key, account] of before) this.accounts.set(key, account);
      throw cannotWrite(error);
    }
  }

  #write(): void {
    const fresh = `${this.#file}.new`;
    const descriptor = openSync(fresh, "w", 0o600);
    try {
      writeFileSync(descriptor, encodeAccounts(this.accounts, this.#lastId));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(fresh, this.#file);
    const directory = openSync(path.dirname(this.#file), "r");
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
  }
}
