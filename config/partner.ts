import { PARTNER_KEYS, WAYS, type Way, wayOf } from "../components/partner/let-in.ts";
import { day, type Fields, listOf, oneOf, text, type Values } from "./field.ts";
import type { Mistake } from "./mistakes.ts";
import * as names from "./name-rules.ts";
import { isUnset, type Raw } from "./read.ts";

const ways = Object.keys(WAYS) as Way[];

const stackName = {
  allowed: "the name of a stack of this project: letters, digits, hyphens, underscores and dots",
  example: "prod",
};

/** Keys of a partner's stack config: who lets whom in, and which way. */
export const partnerFields = {
  partner: {
    ...text(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, {
      allowed: "the partner's name: lower-case letters, digits and single hyphens, starting with a letter",
      example: "gridworks",
    }),
    about: "Name of the partner. Unset: the stack's name",
  },
  owner: {
    ...text(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, stackName),
    required: true,
    about: "Stack of the environment that lets them in",
  },
  way: {
    ...oneOf(ways, "dataShare"),
    required: true,
    about: `How they are let in: ${ways.slice(0, -1).join(", ")} or ${ways.at(-1)}`,
  },
  partnerPrincipal: {
    ...names.principal,
    about: "bucketAccess: their AWS account ID in quotes, or the ARN of one role or user",
  },
  partnerSnowflakeAccount: {
    ...names.snowflakeAccount,
    about: "dataShare: their Snowflake account, ORGANIZATION.ACCOUNT",
  },
  snowflakeIamUserArn: {
    ...names.iamUserArn,
    about:
      "storageIntegration: the IAM user their integration shows; until it is set nobody can assume the role",
  },
  externalId: {
    ...names.externalId,
    about: "storageIntegration: external ID of their trust, if they gave one. Unset: random",
  },
  partnerPrefix: {
    ...names.prefix,
    about: "Folder they may read, within the owner's prefix. Unset: all of it",
  },
  partnerUntil: {
    ...day("2027-12-31"),
    about:
      "Last day, in UTC, on which they are let in; the first update after it ends their access. Unset: no end",
  },
} satisfies Fields;

/** Keys of a stack in the partner's own Snowflake account that mounts what was shared. */
export const consumerFields = {
  share: { ...names.shareName, required: true, about: "The share to mount: ORGANIZATION.ACCOUNT.SHARE" },
  databaseName: {
    ...names.ownDatabase("FLUX_READINGS"),
    fallback: "FLUX_READINGS",
    about: "Database that shows what is shared. Unset: FLUX_READINGS",
  },
  readerRoles: {
    ...listOf(/^[A-Z_][A-Z0-9_$]{0,254}$/, {
      allowed: "a list of Snowflake role names in upper case",
      example: '["ANALYST"]',
    }),
    about: "Roles that may query what is shared",
  },
} satisfies Fields;

export type PartnerValues = Values<typeof partnerFields>;
export type ConsumerValues = Values<typeof consumerFields>;

/** Notes keys that the chosen way needs and misses, or has no use for. */
export function noteWay(
  values: Partial<PartnerValues>,
  raw: Raw,
  namespace: string,
  mistakes: Mistake[],
): void {
  const { way } = values;
  const chosen = wayOf(way);
  if (!chosen) return;
  const { needs, may } = chosen;
  for (const name of PARTNER_KEYS) {
    const { allowed, example } = partnerFields[name];
    const value = values[name];
    if (needs.includes(name) && isUnset(raw[name])) {
      mistakes.push({
        key: namespace + name,
        allowed: `${allowed}; the way ${way} needs it`,
        cure: `pulumi config set ${namespace}${name} ${example}`,
      });
    } else if (value !== undefined && !needs.includes(name) && !may.includes(name)) {
      mistakes.push({
        key: namespace + name,
        value,
        allowed: `only with the way ${ways.filter((other) => uses(other, name)).join(" or ")}`,
        cure: `remove it, or choose that way instead of ${way}`,
      });
    }
  }
}

const uses = (way: Way, name: (typeof PARTNER_KEYS)[number]) =>
  [...(wayOf(way)?.needs ?? []), ...(wayOf(way)?.may ?? [])].includes(name);
