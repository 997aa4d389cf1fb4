/** Whether a grant in Snowflake, as SHOW GRANTS tells it, is one that the stack makes. */
import type { ResourceChange } from "./engine-plan.ts";
import { texts } from "./values.ts";

export type Row = Readonly<Record<string, unknown>>;

/**
 * The parts of a name as Snowflake keeps them. Case tells names apart: what the provider is told is the name itself, and what
 * SHOW tells without quotes is, too.
 */
function partsOf(name: unknown): string[] {
  const parts = String(name ?? "").matchAll(/"((?:[^"]|"")*)"|[^."]+/g);
  return [...parts].map(([whole, quoted]) => (quoted === undefined ? whole : quoted.replaceAll('""', '"')));
}

/** Whether two names are the same, with or without quotes. */
export const isSameName = (one: unknown, other: unknown): boolean =>
  partsOf(one).length > 0 && JSON.stringify(partsOf(one)) === JSON.stringify(partsOf(other));

/** A share's name has its account's before it. */
export const isSameShare = (declared: unknown, shown: unknown) =>
  isSameName(declared, shown) || partsOf(declared).at(-1) === partsOf(shown).at(-1);

/** Whether a grant is to a role of the account: shares, database roles and users may be called the same. */
export const isRole = ({ granted_to: to }: Row): boolean => /^(ACCOUNT[ _])?ROLE$/.test(String(to));

export const isPassedOn = (row: Row): boolean => /^true$/i.test(String(row.grant_option ?? ""));

/**
 * Whether a grant of the stack gives this privilege on this object to this role or share, to pass it on only where it says so.
 * @param kind as SHOW GRANTS calls it
 */
export function isDeclared(
  there: readonly ResourceChange[],
  { kind, name }: { kind: string; name: string },
  row: Row,
): boolean {
  return there.some(({ type, before }) => {
    if (!/:GrantPrivilegesTo\w+$/.test(type)) return false;
    const inputs = before?.inputs ?? {};
    return (
      isGrantee(inputs, row) &&
      objectsOf(inputs).some(([of, on]) => (of === undefined || of === kind) && isSameName(on, name)) &&
      texts(inputs.privileges).some((privilege) => privilege.toUpperCase() === row.privilege) &&
      (!isPassedOn(row) || /^true$/i.test(String(inputs.withGrantOption)))
    );
  });
}

function isGrantee(inputs: Row, { granted_to: to, grantee_name: name }: Row): boolean {
  if (to === "SHARE") return inputs.toShare !== undefined && isSameShare(inputs.toShare, name);
  if (to === "DATABASE_ROLE") return isSameName(inputs.databaseRoleName, name);
  return isRole({ granted_to: to }) && isSameName(inputs.accountRoleName, name);
}

/** Whether a grant is on this object, or on something within it. */
export function namesObject(inputs: Row, object: readonly unknown[]): boolean {
  const outer = object.filter((part) => typeof part === "string");
  return objectsOf(inputs).some(([, name]) => outer.every((part, index) => partsOf(name)[index] === part));
}

/** Kinds and names of the objects that a grant is on. */
function objectsOf(inputs: Row): [string | undefined, unknown][] {
  const within = [inputs.onAccountObject, inputs.onSchemaObject, inputs.onSchema].map(
    (object): [string | undefined, unknown] => {
      const { objectType, objectName, schemaName } = Object(object) as Record<string, unknown>;
      const kind = objectType ?? (schemaName === undefined ? undefined : "SCHEMA");
      return [kind === undefined ? undefined : String(kind).toUpperCase(), objectName ?? schemaName];
    },
  );
  const named: [string, unknown][] = [
    ["DATABASE", inputs.onDatabase],
    ["TABLE", inputs.onTable],
    ["VIEW", inputs.onView],
  ];
  return [...within, ...named].filter(([, name]) => typeof name === "string");
}
