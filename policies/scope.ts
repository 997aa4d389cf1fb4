import { hasWildcard } from "./glob.ts";
import type { Statement } from "./iam-document.ts";

/** The actions that reading needs; each is named in full, since `s3:Get*` lets in far more. */
const READ_ACTIONS = [
  "s3:GetObject",
  "s3:GetObjectVersion",
  "s3:ListBucket",
  "s3:ListBucketVersions",
  "s3:GetBucketLocation",
] as const;

/** What reading takes where objects are encrypted with a key of KMS. */
const DECRYPT = "kms:decrypt";

const LISTS = ["s3:listbucket", "s3:listbucketversions"];

/** True when everything the text can stand for begins with one of the prefixes. */
function within(text: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => text.startsWith(prefix)) && !text.split("/").includes("..");
}

/** The key part of an object's ARN, or undefined for anything else. */
function objectKey(arn: string): string | undefined {
  const [, door = "", key] = /^(.*?:accesspoint\/[^/]*\/object|[^/]*)\/(.*)$/s.exec(arn) ?? [];
  return isDoor(door.replace(/\/object$/, "")) ? key : undefined;
}

/** True for the ARN of one bucket, or of one access point (docs, S3: Configuring IAM policies for using access points). */
function isDoor(arn: string): boolean {
  return /^arn:[^:*?$]+:s3:(?:::[^/*?$]+|[^:*?$]+:\d{12}:accesspoint\/[^/*?$]+)$/.test(arn);
}

/** The prefixes a statement lets list: those its s3:prefix condition names, or none when nothing narrows it. */
function listedPrefixes(statement: Statement): readonly string[] {
  const narrowing = statement.conditions.find(
    ({ operator, key }) => key === "s3:prefix" && (operator === "stringequals" || operator === "stringlike"),
  );
  return narrowing?.values ?? [];
}

/** What a statement on keys of KMS gives beyond decrypting with named keys, through S3 alone. */
function beyondDecrypting({ label, resources, conditions }: Statement): string[] {
  const keys = resources?.patterns ?? ["*"];
  const through = conditions.some(
    ({ operator, key, values }) =>
      operator === "stringequals" &&
      key === "kms:viaservice" &&
      values.length > 0 &&
      values.every((service) => /^s3\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.test(service)),
  );
  return [
    ...keys
      .filter((arn) => !/^arn:[^:*?$]+:kms:[^:*?$]+:\d{12}:key\/[\w-]+$/.test(arn))
      .map((arn) => `${label} allows kms:Decrypt with "${arn}". Name each key by its ARN.`),
    ...(through
      ? []
      : [
          `${label} allows kms:Decrypt by any way. Add the condition StringEquals kms:ViaService "s3.<region>.amazonaws.com".`,
        ]),
  ];
}

/**
 * What an Allow statement gives beyond reading under the prefixes, in words; empty when it gives no more.
 * @param prefixes key prefixes with a trailing slash, e.g. `raw/ami/`
 */
export function beyondReading(statement: Statement, prefixes: readonly string[]): string[] {
  if (statement.effect === "Deny") return [];
  const allowed = prefixes.map((prefix) => `"${prefix}"`).join(" or ");
  const { label, actions, resources } = statement;
  if (actions.not) {
    return [
      `${label} allows all actions but some (NotAction). List the actions instead: ${READ_ACTIONS.join(", ")}.`,
    ];
  }
  if (resources?.not)
    return [`${label} allows all resources but some (NotResource). List the resources instead.`];

  if (actions.patterns.every((action) => action.toLowerCase() === DECRYPT))
    return beyondDecrypting(statement);

  const faults: string[] = [];
  const known = new Set<string>(READ_ACTIONS.map((action) => action.toLowerCase()));
  for (const action of actions.patterns) {
    if (!known.has(action.toLowerCase())) {
      faults.push(
        `${label} allows "${action}", which is more than reading. Allow only ${READ_ACTIONS.join(", ")}.`,
      );
    }
  }

  const lower = actions.patterns.map((action) => action.toLowerCase());
  for (const arn of resources?.patterns ?? ["*"]) {
    const key = objectKey(arn);
    const inside = key === undefined ? isDoor(arn) : within(key, prefixes);
    if (!inside) {
      faults.push(
        `${label} reaches "${arn}", which is not under the prefix ${allowed}. ` +
          `Use arn:aws:s3:::<bucket>/${prefixes[0] ?? ""}* for objects and arn:aws:s3:::<bucket> for listing.`,
      );
    }
  }
  if (lower.some((action) => LISTS.includes(action))) {
    const listed = listedPrefixes(statement);
    if (listed.length === 0) {
      faults.push(
        `${label} allows listing the whole bucket. ` +
          `Add the condition StringLike s3:prefix "${prefixes[0] ?? ""}*" to it.`,
      );
    }
    for (const value of listed.filter((value) => !within(value, prefixes))) {
      faults.push(
        `${label} allows listing "${value}", which is not under ${allowed}. Narrow its s3:prefix condition.`,
      );
    }
  }
  return faults;
}

/** What is wrong with an s3:// location that must lie under the prefixes, or undefined. */
export function locationFault(location: string, prefixes: readonly string[]): string | undefined {
  const parts = /^s3(?:china|gov)?:\/\/([^/]+)\/(.*)$/s.exec(location);
  if (parts === null || hasWildcard(location) || !within(parts[2] ?? "", prefixes)) {
    const allowed = prefixes.map((prefix) => `s3://<bucket>/${prefix}`).join(" or ");
    return `the location "${location}" is wider than ${allowed}. Set it to that.`;
  }
  return undefined;
}
