import { SHARE } from "../../components/existing/kinds.ts";
import { plainAccount, SHARE_ACCOUNTS } from "../../components/partner/accounts/accounts.ts";
import { isOn } from "../../policies/rule.ts";
import type { ResourceChange, ResourceState } from "../engine-plan.ts";
import { texts } from "../values.ts";

/** A privilege in Snowflake that somebody gains or loses. */
export interface SnowflakeAccess {
  /** `role X`, `share Y`, `account ORG.ACCT`. */
  readonly who: string;
  readonly privilege: string;
  readonly on: string;
}

export interface SnowflakeDiff {
  readonly gains: readonly SnowflakeAccess[];
  readonly losses: readonly SnowflakeAccess[];
}

const GRANT = /^snowflake:index\/grant\w+:Grant(\w+)$/;

/** What the grants and shares of a plan give and take, privilege by privilege. */
export function diffSnowflakeAccess(changes: readonly ResourceChange[]): SnowflakeDiff {
  const given = (side: "before" | "after") =>
    new Map(
      changes
        .filter((change) => !isSuperseded(change, side, changes))
        .flatMap((change) => givenBy(change.type, change[side]))
        .map((access) => [JSON.stringify({ ...access, on: plain(access.on) }), access]),
    );
  const [before, after] = [given("before"), given("after")];
  return {
    gains: [...after].flatMap(([key, access]) => (before.has(key) ? [] : [access])),
    losses: [...before].flatMap(([key, access]) => (after.has(key) ? [] : [access])),
  };
}

/**
 * Accounts that a share of before was made with: they stay in its inputs, and mean nothing once a ShareAccounts opens it. A share
 * that is made now is made with them.
 */
function isSuperseded(
  { type, operation, before, after }: ResourceChange,
  side: "before" | "after",
  changes: readonly ResourceChange[],
): boolean {
  if (type !== SHARE) return false;
  const isMade = before === undefined || operation === "replace";
  if (side === "after" && isMade) return false;
  const share = (side === "before" ? before : after)?.inputs.name;
  return changes.some((other) => other.type === SHARE_ACCOUNTS && other[side]?.inputs.share === share);
}

function givenBy(type: string, state: ResourceState | undefined): SnowflakeAccess[] {
  if (state === undefined) return [];
  const { inputs } = state;
  if (type === SHARE || type === SHARE_ACCOUNTS) {
    return texts(inputs.accounts).map((account) => ({
      who: `account ${plainAccount(account)}`,
      privilege: "may mount",
      on: `share ${inputs.share ?? inputs.name}`,
    }));
  }
  const kind = GRANT.exec(type)?.[1];
  if (kind === undefined) return [];
  if (kind === "AccountRole") {
    const to = [
      ...(inputs.userName === undefined ? [] : [`user ${plain(inputs.userName)}`]),
      ...(inputs.parentRoleName === undefined ? [] : [`role ${plain(inputs.parentRoleName)}`]),
    ];
    return to.map((who) => ({ who, privilege: "may act as", on: `role ${plain(inputs.roleName)}` }));
  }
  const who =
    inputs.toShare !== undefined
      ? `share ${plain(inputs.toShare)}`
      : `role ${plain(inputs.accountRoleName ?? inputs.databaseRoleName ?? "?")}`;
  const passing = isOn(inputs.withGrantOption) ? " with grant option" : "";
  const privileges =
    kind === "Ownership" ? ["OWNERSHIP"] : isOn(inputs.allPrivileges) ? ["ALL"] : texts(inputs.privileges);
  return privileges.map((privilege) => ({
    who,
    privilege: `${privilege
      .trim()
      .toUpperCase()
      .replace(/\s+/g, " ")
      .replace(/^ALL PRIVILEGES$/, "ALL")}${passing}`,
    on: objectOf(inputs),
  }));
}

/** A name in one spelling: quotes around an ordinary upper-case name, or part of one, change nothing. */
function plain(name: unknown): string {
  return String(name).replace(/(?<=^|[. ])"([A-Z_][A-Z0-9_$]*)"(?=\.|$)/g, "$1");
}

/** The object of a grant in words, from whichever of its `on…` inputs is set: `TABLE "DB"."SCHEMA"."T"`. */
function objectOf(inputs: Readonly<Record<string, unknown>>): string {
  const on = Object.entries(inputs).filter(
    ([key, value]) => /^on([A-Z]|$)/.test(key) && value !== undefined && String(value) !== "false",
  );
  const words = on.map(([key, value]) => {
    const kind = key
      .slice(2)
      .replace(/([a-z])(?=[A-Z])/g, "$1 ")
      .toUpperCase();
    if (typeof value !== "object" || value === null) return isOn(value) ? kind : `${kind} ${value}`;
    const { objectType, objectName, schemaName, ...rest } = value as Record<string, unknown>;
    if (objectName !== undefined) return `${String(objectType).toUpperCase()} ${objectName}`;
    if (schemaName !== undefined) return `SCHEMA ${schemaName}`;
    return [kind, ...leaves(rest)].join(" ");
  });
  return words.join(", ") || "?";
}

/** Every value of a nested object, with the words that say whether it means all or future objects. */
function leaves(value: object): string[] {
  return Object.entries(value).flatMap(([key, item]) => {
    if (item === undefined || item === null) return [];
    const word = /^(all|future)/.exec(key)?.[0].toUpperCase();
    const text = typeof item === "object" ? leaves(item) : [String(item)];
    return word === undefined ? text : [word, ...text];
  });
}
