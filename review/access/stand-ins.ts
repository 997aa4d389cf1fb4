/**
 * The emulator sees a caller from another account as that account and no more precisely, so a bucket policy that names
 * a foreign role or user would let nobody in. Each such principal gets a stand-in in the owner's account, a user whom
 * only the bucket policy can let in, and the policy is made to name the stand-in as well: as a principal, and where a
 * condition on aws:PrincipalArn says which of an account's roles and users are meant.
 */

import { PRINCIPAL_ARN } from "./questions.ts";

/** The stand-ins of a world: real ARN → name of the user in the owner's account. */
export type StandIns = ReadonlyMap<string, string>;

const FOREIGN = /^arn:[^:]+:iam::(\d{12}):(?:user|role)\/[^*?]+$/;

/** A stand-in for every user and role of another account. */
export function standInsFor(principals: readonly string[], owner: string): StandIns {
  const foreign = principals.filter((arn) => FOREIGN.test(arn) && FOREIGN.exec(arn)?.[1] !== owner);
  return new Map(foreign.map((arn, index) => [arn, `stand-in-${index + 1}`]));
}

/** The policy with the stand-ins named wherever their principal, or its whole account, is named. */
export function nameStandIns(policy: string, standIns: StandIns, owner: string): string {
  const extend = (ids: unknown, accounts: boolean): unknown => {
    const list = (Array.isArray(ids) ? ids : [ids]) as string[];
    const added = [...standIns].flatMap(([arn, name]) => {
      const account = FOREIGN.exec(arn)?.[1] ?? "";
      const meant = list.some(
        (id) => id === arn || (accounts && (id === account || id.endsWith(`::${account}:root`))),
      );
      return meant ? [`arn:aws:iam::${owner}:user/${name}`] : [];
    });
    return added.length === 0 ? ids : [...list, ...added];
  };
  // Only inside Principal and NotPrincipal does the element AWS hold principals.
  return JSON.stringify(JSON.parse(policy), (key, value) =>
    key === "AWS" ? extend(value, true) : key.toLowerCase() === PRINCIPAL_ARN ? extend(value, false) : value,
  );
}
