import { at, bucketPolicy, type Hostile, remove, set } from "./change.ts";

const BUCKET = "flux-prod-raw-111122223333";
const ARN = `arn:aws:s3:::${BUCKET}`;
const STRANGER = "arn:aws:iam::666666666666:root";
const variable = (name: string) => `\${${name}}`;
const allow = (more: Record<string, unknown>) => ({
  Effect: "Allow",
  Principal: { AWS: STRANGER },
  Action: "s3:GetObject",
  Resource: `${ARN}/raw/ami/*`,
  ...more,
});

const bucketDocuments: Hostile[] = [
  ["a stranger let in", bucketPolicy((d) => d.Statement.push(allow({}))), /666666666666/],
  ["everybody let in", bucketPolicy((d) => Object.assign(at(d, 1), { Principal: "*" })), /everybody/],
  [
    "everybody as AWS",
    bucketPolicy((d) => Object.assign(at(d, 1), { Principal: { AWS: "*" } })),
    /everybody/,
  ],
  [
    "a second principal",
    bucketPolicy((d) =>
      Object.assign(at(d, 2), { Principal: { AWS: ["arn:aws:iam::444455556666:role/reader", STRANGER] } }),
    ),
    /666666666666/,
  ],
  [
    "the whole account instead of one role",
    bucketPolicy((d) => Object.assign(at(d, 1), { Principal: { AWS: "444455556666" } })),
    /444455556666/,
  ],
  [
    "a session",
    bucketPolicy((d) =>
      d.Statement.push(allow({ Principal: { AWS: "arn:aws:sts::444455556666:assumed-role/reader/x" } })),
    ),
    /assumed-role/,
  ],
  [
    "a federated user",
    bucketPolicy((d) =>
      d.Statement.push(allow({ Principal: { AWS: "arn:aws:sts::444455556666:federated-user/x" } })),
    ),
    /federated-user/,
  ],
  [
    "a canonical user",
    bucketPolicy((d) => d.Statement.push(allow({ Principal: { CanonicalUser: "79a59df9" } }))),
    /79a59df9/,
  ],
  [
    "a service",
    bucketPolicy((d) => d.Statement.push(allow({ Principal: { Service: "cloudtrail.amazonaws.com" } }))),
    /cloudtrail/,
  ],
  [
    "a unique ID",
    bucketPolicy((d) => d.Statement.push(allow({ Principal: { AWS: "AROAEXAMPLEID1234567" } }))),
    /AROAEXAMPLE/,
  ],
  [
    "whoever is not named",
    bucketPolicy((d) =>
      d.Statement.push({
        Effect: "Allow",
        NotPrincipal: { AWS: STRANGER },
        Action: "s3:GetObject",
        Resource: `${ARN}/raw/ami/*`,
      }),
    ),
    /NotPrincipal|all but/,
  ],
  [
    "a wildcard without slash",
    bucketPolicy((d) => Object.assign(at(d, 1), { Resource: `${ARN}/raw/ami*` })),
    /raw\/ami\*/,
  ],
  [
    "the neighbour of a folder",
    bucketPolicy((d) => Object.assign(at(d, 1), { Resource: [`${ARN}/raw/ami/*`, `${ARN}/raw/am?/*`] })),
    /am\?/,
  ],
  [
    "every parquet file",
    bucketPolicy((d) => Object.assign(at(d, 1), { Resource: `${ARN}/*.parquet` })),
    /\*\.parquet/,
  ],
  [
    "all objects",
    bucketPolicy((d) => Object.assign(at(d, 1), { Resource: `${ARN}/*` })),
    /-raw-111122223333\/\*/,
  ],
  [
    "one exact key outside",
    bucketPolicy((d) => Object.assign(at(d, 1), { Resource: [`${ARN}/raw/ami/*`, `${ARN}/secret/key`] })),
    /secret\/key/,
  ],
  [
    "all resources but one",
    bucketPolicy((d) => {
      const s = at(d, 1);
      delete s.Resource;
      s.NotResource = `${ARN}/x`;
    }),
    /NotResource|all but/,
  ],
  [
    "writing",
    bucketPolicy((d) => Object.assign(at(d, 1), { Action: ["s3:GetObject", "s3:PutObject"] })),
    /PutObject/,
  ],
  ["reading by wildcard", bucketPolicy((d) => Object.assign(at(d, 1), { Action: "s3:Get*" })), /s3:Get\*/i],
  [
    "changing the policy",
    bucketPolicy((d) => d.Statement.push(allow({ Action: "s3:PutBucketPolicy", Resource: ARN }))),
    /PutBucketPolicy/,
  ],
  [
    "all actions but one",
    bucketPolicy((d) => {
      const s = at(d, 1);
      delete s.Action;
      s.NotAction = "s3:DeleteObject";
    }),
    /NotAction|all but/,
  ],
  [
    "listing without a prefix",
    bucketPolicy((d) => delete at(d, 2).Condition),
    /listing the whole bucket|ListBucket/,
  ],
  [
    "listing a wider prefix",
    bucketPolicy((d) => Object.assign(at(d, 2), { Condition: { StringLike: { "s3:prefix": ["raw/*"] } } })),
    /raw\/\*/,
  ],
  [
    "listing the empty prefix",
    bucketPolicy((d) =>
      Object.assign(at(d, 2), { Condition: { StringLike: { "s3:prefix": ["raw/ami/*", ""] } } }),
    ),
    /listing|ListBucket/,
  ],
  [
    "a prefix that need not be there",
    bucketPolicy((d) =>
      Object.assign(at(d, 2), { Condition: { StringLikeIfExists: { "s3:prefix": "raw/ami/*" } } }),
    ),
    /ListBucket|listing/,
  ],
  [
    "all of no values",
    bucketPolicy((d) =>
      Object.assign(at(d, 2), { Condition: { "ForAllValues:StringLike": { "s3:prefix": "raw/ami/*" } } }),
    ),
    /ListBucket|listing/,
  ],
  ["plain HTTP no longer refused", bucketPolicy((d) => d.Statement.shift()), /plain HTTP|SecureTransport/i],
  [
    "the refusal for one principal",
    bucketPolicy((d) => Object.assign(at(d, 0), { Principal: { AWS: STRANGER } })),
    /plain HTTP/,
  ],
  [
    "the refusal of an empty list",
    bucketPolicy((d) => Object.assign(at(d, 0), { Condition: { Bool: { "aws:SecureTransport": [] } } })),
    /plain HTTP/,
  ],
  [
    "the refusal the wrong way round",
    bucketPolicy((d) => Object.assign(at(d, 0), { Condition: { Bool: { "aws:SecureTransport": "true" } } })),
    /plain HTTP/,
  ],
  [
    "the refusal with a second condition",
    bucketPolicy((d) =>
      Object.assign(at(d, 0), {
        Condition: {
          Bool: { "aws:SecureTransport": "false" },
          StringEquals: { "aws:PrincipalAccount": "1" },
        },
      }),
    ),
    /plain HTTP/,
  ],
  [
    "the refusal of reading alone",
    bucketPolicy((d) => Object.assign(at(d, 0), { Action: "s3:GetObject" })),
    /plain HTTP/,
  ],
  [
    "the refusal of objects alone",
    bucketPolicy((d) => Object.assign(at(d, 0), { Resource: `${ARN}/*` })),
    /plain HTTP/,
  ],
  [
    "the refusal of another bucket",
    bucketPolicy((d) => Object.assign(at(d, 0), { Resource: ["arn:aws:s3:::x", "arn:aws:s3:::x/*"] })),
    /plain HTTP/,
  ],
  [
    "the refusal turned into leave",
    bucketPolicy((d) => Object.assign(at(d, 0), { Effect: "Allow" })),
    /everybody/,
  ],
  [
    "variables that are none any more",
    bucketPolicy((d) => {
      d.Version = "2008-10-17";
      d.Statement.push(allow({ Resource: `${ARN}/raw/ami/${variable("aws:username")}/*` }));
    }),
    /666666666666/,
  ],
  ["a document that is none", set("bucketPolicy", { policy: "{" }), /cannot be read/],
  ["an empty document", set("bucketPolicy", { policy: "" }), /cannot be read|bucket policy/],
  ["the policy deleted", remove("bucketPolicy"), /bucket policy .* is deleted|has no policy/],
  ["the policy of another bucket", set("bucketPolicy", { bucket: "other" }), /other/],
];

export const AWS_DOCUMENTS: readonly Hostile[] = [...bucketDocuments];
