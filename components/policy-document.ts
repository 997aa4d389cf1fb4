import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** One statement, possibly with parts that are known only once something was created. */
export type Statement = aws.iam.PolicyStatement;

/** A policy document as JSON: the one place where statements become text. */
export function policyJson(statements: readonly Statement[]): pulumi.Output<string> {
  const document: aws.iam.PolicyDocument = { Version: "2012-10-17", Statement: [...statements] };
  return pulumi.jsonStringify(document);
}

/** A folder of a bucket, as policies speak of it. */
export interface Folder {
  /** ARN of the bucket. */
  readonly bucketArn: pulumi.Input<string>;
  /** Keys below this, with its closing slash. @example "raw/ami/" */
  readonly prefix: string;
}

/**
 * Reading a folder and nothing else: get its objects, list it, learn the bucket's region (Snowflake and most clients
 * ask). Listing without naming a prefix within the folder stays refused.
 */
export function readFolder(
  { bucketArn, prefix }: Folder,
  to: Pick<Statement, "Principal"> = {},
  sid = "",
): Statement[] {
  return [
    {
      Sid: `${sid}GetObjects`,
      Effect: "Allow",
      ...to,
      Action: ["s3:GetObject", "s3:GetObjectVersion"],
      Resource: joined(bucketArn, `/${prefix}*`),
    },
    {
      Sid: `${sid}ListFolder`,
      Effect: "Allow",
      ...to,
      Action: "s3:ListBucket",
      Resource: bucketArn,
      Condition: { StringLike: { "s3:prefix": `${prefix}*` } },
    },
    {
      Sid: `${sid}LocateBucket`,
      Effect: "Allow",
      ...to,
      Action: "s3:GetBucketLocation",
      Resource: bucketArn,
    },
  ];
}

/** Text behind an ARN: plain where the ARN is, so that a document can be measured before anything is made. */
const joined = (arn: pulumi.Input<string>, text: string): pulumi.Input<string> =>
  typeof arn === "string" ? arn + text : pulumi.interpolate`${arn}${text}`;

/** Refuses everybody, the owner too, who does not come over TLS. */
export function denyInsecureTransport(bucketArn: pulumi.Input<string>): Statement {
  return {
    Sid: "DenyInsecureTransport",
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [bucketArn, joined(bucketArn, "/*")],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}

/**
 * Who may assume a role from outside: one principal, and only when it names the external ID. Without the ID, Snowflake
 * (which acts for many customers with one user) could be talked into reading for somebody else.
 */
export function assumeWithExternalId(
  principalArn: pulumi.Input<string>,
  externalId: pulumi.Input<string>,
): Statement {
  return {
    Sid: "SnowflakeAssumesRole",
    Effect: "Allow",
    Principal: { AWS: principalArn },
    Action: "sts:AssumeRole",
    Condition: { StringEquals: { "sts:ExternalId": externalId } },
  };
}

/** A role's trust policy needs a statement; this one lets nobody in, whatever other statements would say. */
export function nobodyAssumes(): Statement {
  return { Sid: "NobodyYet", Effect: "Deny", Principal: { AWS: "*" }, Action: "sts:AssumeRole" };
}
