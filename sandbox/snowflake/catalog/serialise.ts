import type { Account, AccountKey } from "./model.ts";

/**
 * The catalog as JSON. A Map is written as { "$map": [[key, value], …] }, at whatever depth, so that names such
 * as "__proto__" are names like any other.
 */
const format = 1;

export const encodeAccounts = (accounts: Map<AccountKey, Account>, lastId: number): string =>
  JSON.stringify({ format, lastId, accounts }, (_key, value: unknown) =>
    value instanceof Map ? { $map: [...value] } : value,
  );

export function decodeAccounts(json: string): { accounts: Map<AccountKey, Account>; lastId: number } {
  const state = JSON.parse(json, (_key, value: unknown) =>
    isEncodedMap(value) ? new Map(value.$map) : value,
  ) as { format: number; lastId: number; accounts: Map<AccountKey, Account> };
  if (state.format !== format) {
    throw new Error(
      `the catalog has format ${state.format}, this program reads ${format}: delete the sandbox's data and start again`,
    );
  }
  return state;
}

const isEncodedMap = (value: unknown): value is { $map: [string, unknown][] } =>
  typeof value === "object" && value !== null && Array.isArray((value as { $map?: unknown }).$map);
