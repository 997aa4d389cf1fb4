import type { Hostile } from "./change.ts";
import { at, bucketPolicy, further } from "./change.ts";

/** Hostile and sloppy changes of access documents: one word of a statement that opens it, or takes a refusal away. */

const BUCKET = "flux-prod-raw-111122223333";
const ARN = `arn:aws:s3:::${BUCKET}`;
const PARTNER = "444455556666";
const OTHER_ARN = "arn:aws:iam::666666666666:role/other";
const variable = (name: string) => `\${${name}}`;

/** The partner's statement under one condition, and then under another. */
const loosened = (what: string, before: object, after: object): Hostile => [
  what,
  further("bucketPolicy", "policy", (d) => Object.assign(at(d, 1), { Condition: after })),
  /GridworksReads/,
  bucketPolicy((d) => Object.assign(at(d, 1), { Condition: before })),
];

const looser: Hostile[] = [
  loosened(
    "a condition that need not be met",
    { StringEquals: { "aws:PrincipalOrgID": "o-1" } },
    { StringEqualsIfExists: { "aws:PrincipalOrgID": "o-1" } },
  ),
  loosened(
    "a second organization",
    { StringEquals: { "aws:PrincipalOrgID": "o-1" } },
    { StringEquals: { "aws:PrincipalOrgID": ["o-1", "o-2"] } },
  ),
  loosened(
    "any case of letters",
    { StringEquals: { "aws:PrincipalOrgID": "o-1" } },
    { StringEqualsIgnoreCase: { "aws:PrincipalOrgID": "o-1" } },
  ),
  loosened(
    "a pattern in place of a value",
    { StringEquals: { "aws:PrincipalOrgID": "o-1" } },
    { StringLike: { "aws:PrincipalOrgID": "o-*" } },
  ),
  loosened(
    "a pattern where patterns mean nothing",
    { StringLike: { "aws:PrincipalOrgID": "o-1" } },
    { StringLike: { "aws:PrincipalOrgID": "o-?" } },
  ),
  loosened(
    "more addresses",
    { IpAddress: { "aws:SourceIp": "10.0.0.0/24" } },
    { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } },
  ),
  loosened(
    "an exception fewer",
    { StringNotEquals: { "aws:PrincipalAccount": ["1", "2"] } },
    { StringNotEquals: { "aws:PrincipalAccount": "1" } },
  ),
  loosened(
    "a later last day",
    { DateLessThan: { "aws:CurrentTime": "2026-01-01T00:00:00Z" } },
    { DateLessThan: { "aws:CurrentTime": "2036-01-01T00:00:00Z" } },
  ),
  loosened(
    "all of no values",
    { "ForAnyValue:StringEquals": { "aws:PrincipalOrgPaths": "o-1/r" } },
    { "ForAllValues:StringEquals": { "aws:PrincipalOrgPaths": "o-1/r" } },
  ),
  loosened(
    "one of two conditions",
    { StringEquals: { "aws:PrincipalOrgID": "o-1" }, Bool: { "aws:MultiFactorAuthPresent": "true" } },
    { StringEquals: { "aws:PrincipalOrgID": "o-1" } },
  ),
  loosened(
    "another key of the same name's beginning",
    { StringEquals: { "aws:PrincipalTag/team": "meters" } },
    { StringEquals: { "aws:RequestTag/team": "meters" } },
  ),
  loosened(
    "a key that must be missing",
    { StringEquals: { "aws:PrincipalOrgID": "o-1" } },
    { Null: { "aws:PrincipalOrgID": "true" } },
  ),
  loosened(
    "a variable in place of a value",
    { StringEquals: { "aws:PrincipalTag/team": "meters" } },
    { StringEquals: { "aws:PrincipalTag/team": variable("s3:prefix") } },
  ),
  loosened(
    "roles by pattern instead of one",
    { ArnEquals: { "aws:PrincipalArn": `arn:aws:iam::${PARTNER}:role/reader` } },
    { ArnLike: { "aws:PrincipalArn": `arn:aws:iam::${PARTNER}:role/*` } },
  ),
  loosened(
    "a second role by condition",
    { ArnEquals: { "aws:PrincipalArn": `arn:aws:iam::${PARTNER}:role/reader` } },
    {
      ArnEquals: {
        "aws:PrincipalArn": [`arn:aws:iam::${PARTNER}:role/reader`, `arn:aws:iam::${PARTNER}:role/x`],
      },
    },
  ),
];

/** Whom a condition means by name, let in by a principal whose account does not show. */
const hidden = (what: string, Principal: object, names: RegExp): Hostile => [
  `${what}, meant by a condition on another ARN`,
  bucketPolicy((d) =>
    d.Statement.push({
      ...at(d, 1),
      Sid: "More",
      Principal,
      Condition: { ArnEquals: { "aws:PrincipalArn": OTHER_ARN } },
    }),
  ),
  names,
];

const principals: Hostile[] = [
  hidden("a canonical user", { CanonicalUser: "79a59df900b949e5" }, /79a59df900b949e5/),
  hidden("a unique ID", { AWS: "AROAEXAMPLEID1234567" }, /AROAEXAMPLE/),
  hidden("a session", { AWS: "arn:aws:sts::666666666666:assumed-role/other/s" }, /assumed-role\/other/),
  hidden("a service", { Service: "s3.amazonaws.com" }, /s3\.amazonaws\.com/),
  hidden("everybody", { AWS: "*" }, /everybody/),
  [
    "letters of another alphabet",
    bucketPolicy((d) =>
      Object.assign(at(d, 1), { Principal: { AWS: `arn:aws:iam::${PARTNER}:role/r\u0435ader` } }),
    ),
    /r\u0435ader/,
  ],
  [
    "an account written without its ARN",
    bucketPolicy((d) => Object.assign(at(d, 2), { Principal: { AWS: [PARTNER] } })),
    /444455556666/,
  ],
  [
    "both a principal and all others",
    bucketPolicy((d) => Object.assign(at(d, 1), { NotPrincipal: { AWS: PARTNER } })),
    /both Principal and NotPrincipal/,
  ],
];

const refusals: Hostile[] = [
  [
    "a refusal that spares one",
    bucketPolicy((d) => {
      const s = at(d, 0);
      delete s.Principal;
      s.NotPrincipal = { AWS: `arn:aws:iam::${PARTNER}:root` };
    }),
    /plain HTTP/,
  ],
  [
    "a refusal that spares reading",
    bucketPolicy((d) => {
      const s = at(d, 0);
      delete s.Action;
      s.NotAction = "s3:GetObject";
    }),
    /plain HTTP/,
  ],
  [
    "a refusal that spares a folder",
    bucketPolicy((d) => {
      const s = at(d, 0);
      delete s.Resource;
      s.NotResource = `${ARN}/raw/ami/*`;
    }),
    /plain HTTP/,
  ],
  [
    "a refusal of an action that is spelt with another alphabet",
    further("bucketPolicy", "policy", (d) => Object.assign(at(d, 3), { Action: "s3:ListBuc\u212aet" })),
    /Gone from the policy .*ListBucket/,
    bucketPolicy((d) =>
      d.Statement.push({ Sid: "No", Effect: "Deny", Principal: "*", Action: "s3:ListBucket", Resource: ARN }),
    ),
  ],
  [
    "a refusal under a condition more",
    further("bucketPolicy", "policy", (d) =>
      Object.assign(at(d, 3), { Condition: { StringNotEquals: { "aws:PrincipalAccount": PARTNER } } }),
    ),
    /Gone from the policy .*"No"/,
    bucketPolicy((d) =>
      d.Statement.push({
        Sid: "No",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:Delete*",
        Resource: `${ARN}/*`,
      }),
    ),
  ],
  [
    "a refusal without its variable's meaning",
    further("bucketPolicy", "policy", (d) => {
      d.Version = "2008-10-17";
    }),
    /Gone from the policy .*"No"/,
    bucketPolicy((d) =>
      d.Statement.push({
        Sid: "No",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:Get*",
        Resource: `${ARN}/${variable("aws:username")}/*`,
      }),
    ),
  ],
  ["no statement at all", bucketPolicy((d) => d.Statement.splice(0)), /plain HTTP/],
];

const actions: Hostile[] = (
  [
    ["one sign more", "s3:GetObject?"],
    ["whatever ends alike", "s3:*Object"],
    ["any service's", "*:GetObject"],
    ["two stars", "s3:Get**"],
    ["restoring and ACLs", "s3:PutObjectAcl"],
    ["the bucket's ACL", "S3:PUTBUCKETACL"],
    ["replication", "s3:ReplicateObject"],
    ["expiry", "s3:PutLifecycleConfiguration"],
    ["getting past retention", "s3:BypassGovernanceRetention"],
    ["access points", "s3:CreateAccessPoint"],
  ] as const
).map(
  ([what, action]): Hostile => [
    `an action more: ${what}`,
    bucketPolicy((d) => Object.assign(at(d, 1), { Action: ["s3:GetObject", action] })),
    new RegExp(action.replace(/[*?]/g, "\\$&"), "i"),
  ],
);

export const DOCUMENTS: readonly Hostile[] = [...looser, ...principals, ...refusals, ...actions];
