import { Region } from "@pulumi/aws/types/enums/index.js";
import { isPlain } from "../components/sql.ts";
import { text, textThat } from "./field.ts";

/** The texts that AWS and Snowflake put rules on, each with its rule in words. */

export type Partition = "aws" | "aws-us-gov" | "aws-cn";

/** The partition a region lies in. */
export function partitionOf(region: string): Partition {
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  if (region.startsWith("cn-")) return "aws-cn";
  return "aws";
}

// The isolated partitions (us-iso…, eusc…) have no Snowflake.
export const REGIONS: readonly string[] = Object.values(Region).filter((region) => !/iso|eusc/.test(region));

export const accountId = text(/^\d{12}$/, {
  allowed: "an AWS account ID: 12 digits, in quotes so that YAML keeps leading zeros",
  example: '"123456789012"',
});

export const roleName = text(/^[\w+=,.@-]{1,64}$/, {
  allowed: "an IAM role name: 1 to 64 letters, digits and + = , . @ _ -",
  example: "flux-prod-snowflake-raw-ami",
});

export const rolePath = text(/^\/([\w+=,.@-]+\/)*$/, {
  allowed: "an IAM path: / or folders that begin and end with a slash",
  example: "/platform/",
});

export const policyArn = text(/^arn:(aws|aws-us-gov|aws-cn):iam::(\d{12}|aws):policy\/[\w+=,.@/-]{1,512}$/, {
  allowed: "the ARN of an IAM policy: arn:<partition>:iam::<account>:policy/<name>",
  example: "arn:aws:iam::123456789012:policy/boundary",
});

const IAM_USER = /^arn:(aws|aws-us-gov|aws-cn):iam::\d{12}:user\/[\w+=,.@/-]{1,576}$/;
const IAM_ROLE = /^arn:(aws|aws-us-gov|aws-cn):iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/;

/** Snowflake tells each account the one IAM user with which it assumes roles. */
export const iamUserArn = text(IAM_USER, {
  allowed: "the ARN of one IAM user: arn:<partition>:iam::<account>:user/<name>, without wildcards",
  example: "arn:aws:iam::123456789012:user/abc1-b-self1234",
});

/** A partner in AWS: their whole account, or better one role or user of it. */
export const principal = textThat(
  (value) => /^\d{12}$/.test(value) || IAM_USER.test(value) || IAM_ROLE.test(value),
  {
    allowed: "a 12-digit AWS account ID in quotes, or the ARN of one role or user of it, without wildcards",
    example: "arn:aws:iam::123456789012:role/readings-reader",
  },
);

/** AWS takes 2 characters and more; below 16 an external ID can be guessed, and the access policies refuse it. */
export const externalId = text(/^[\w+=,.@:/-]{16,1224}$/, {
  allowed: "16 to 1224 letters, digits and + = , . @ : / _ -",
  example: "flux-7f3c9a1e5b2d4860",
});

export const bucketName = textThat(
  (value) =>
    /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(value) &&
    !/^(xn--|sthree-|amzn-s3-demo-)/.test(value) &&
    !/(-s3alias|--ol-s3|--x-s3|--table-s3)$/.test(value),
  {
    allowed:
      "an S3 bucket name: 3 to 63 lower-case letters, digits and hyphens, without dots (TLS) or the endings AWS reserves",
    example: "flux-prod-raw-123456789012",
  },
);

/** Keys below a folder. No wildcard nor policy variable, so that it means in a policy just what it says. */
export const prefix = textThat(
  (value) =>
    /^([A-Za-z0-9!_'()=.-]+\/)+$/.test(value) && !value.split("/").some((part) => /^\.{1,2}$/.test(part)),
  {
    allowed:
      "a folder of the bucket: not starting with a slash, ending with one, without wildcards, spaces, // or ..",
    example: "raw/ami/",
  },
);

const UNQUOTED = "upper-case letters, digits, _ and $, not starting with a digit, at most 255 characters";

/** Snowflake names that need no quotes; others would have to be quoted by everyone who uses them. */
export const identifier = (example: string) => nameBeside([], `a Snowflake name: ${UNQUOTED}`, example);

/** A name for an object that the stack makes, and so none that Snowflake has made itself. */
const nameBeside = (taken: readonly string[], allowed: string, example: string) =>
  textThat((name) => isPlain(name) && !taken.includes(name), {
    allowed: `${allowed}, and no reserved word`,
    example,
  });

/** Roles that every account has (docs: Overview of Access Control, System-defined roles). */
const SYSTEM_ROLES = [
  "ACCOUNTADMIN",
  "GLOBALORGADMIN",
  "ORGADMIN",
  "PUBLIC",
  "SECURITYADMIN",
  "SYSADMIN",
  "USERADMIN",
];

/** A role that the stack makes. */
export const ownRole = (example: string) =>
  nameBeside(
    SYSTEM_ROLES,
    `a role of the stack's own, not ACCOUNTADMIN or another of Snowflake's: ${UNQUOTED}`,
    example,
  );

/** A role that somebody deploys with. What PUBLIC gets, everybody has. */
export const deployerRole = (example: string) =>
  nameBeside(["PUBLIC"], `a role that not everybody has, so not PUBLIC: ${UNQUOTED}`, example);

/** A database that the stack makes. SNOWFLAKE and the sample data are shares of Snowflake's own. */
export const ownDatabase = (example: string) =>
  nameBeside(
    ["SNOWFLAKE", "SNOWFLAKE_SAMPLE_DATA"],
    `a database of the stack's own, not SNOWFLAKE or another of Snowflake's: ${UNQUOTED}`,
    example,
  );

/** A schema that the stack makes. Every database has an INFORMATION_SCHEMA. */
export const ownSchema = (example: string) =>
  nameBeside(
    ["INFORMATION_SCHEMA"],
    `a schema of the stack's own, not INFORMATION_SCHEMA: ${UNQUOTED}`,
    example,
  );

/** The readings table; the load's own tables beside it have longer names. */
export function readingsTable(example: string) {
  const { schema, ...explained } = identifier(example);
  return textThat((name) => name.length <= 240 && schema.safeParse(name).success, {
    ...explained,
    allowed: explained.allowed.replace("255", "240"),
  });
}

export const tableName = text(/^[A-Z_][A-Z0-9_$]{0,254}(\.[A-Z_][A-Z0-9_$]{0,254}){2}$/, {
  allowed: "a full table name in upper case: DATABASE.SCHEMA.TABLE",
  example: "FLUX_REFERENCE.PRODUCTION.METER_INFRASTRUCTURE",
});

const ORGANIZATION = "[A-Z][A-Z0-9]{1,63}";
const ACCOUNT = "[A-Z][A-Z0-9_]{0,254}";

export const organizationName = text(new RegExp(`^${ORGANIZATION}$`, "i"), {
  allowed: "a Snowflake organization name: letters and digits, not starting with a digit",
  example: "FLUX",
});

export const accountName = text(new RegExp(`^${ACCOUNT}$`, "i"), {
  allowed:
    "a Snowflake account name within its organization: letters, digits and _ (not the old locator with its region)",
  example: "OPERATIONS",
});

export const snowflakeAccount = text(new RegExp(`^${ORGANIZATION}\\.${ACCOUNT}$`), {
  allowed: "a Snowflake account in upper case: ORGANIZATION.ACCOUNT",
  example: "PARTNERCO.ANALYTICS",
});

export const shareName = text(new RegExp(`^${ORGANIZATION}\\.${ACCOUNT}\\.[A-Z_][A-Z0-9_$]*$`), {
  allowed: "a share with the account it comes from, in upper case: ORGANIZATION.ACCOUNT.SHARE",
  example: "FLUX.OPERATIONS.FLUX_PROD_READINGS",
});
