import { documents } from "../../policy/stack.ts";
import type { Hostile } from "./change.ts";
import { all, further, type Statement, set } from "./change.ts";

/** Hostile and sloppy changes on a bucket in whose policy others have a say. */

const ARN = "arn:aws:s3:::flux-prod-raw-111122223333";

const FOUND = {
  Sid: "Producer",
  Effect: "Allow",
  Principal: { AWS: "arn:aws:iam::999900001111:role/producer" },
  Action: "s3:PutObject",
  Resource: `${ARN}/*`,
};
const REFUSED = {
  Sid: "NoDelete",
  Effect: "Deny",
  Principal: "*",
  Action: "s3:DeleteObject",
  Resource: `${ARN}/*`,
};
/** A bucket that was there, in which others have a say. */
const adopted =
  (others: readonly object[], kept: readonly object[] = others): Hostile[1] =>
  (stack) => {
    const own: readonly Statement[] = documents.bucket().Statement;
    const text = (statements: readonly object[]) =>
      JSON.stringify({ Version: "2012-10-17", Statement: statements });
    Object.assign(stack.bucketPolicy.props, {
      keepOthers: true,
      found: text([...others, ...own]),
      policy: text([...kept, ...own]),
      own: own.map(({ Sid }) => String(Sid)),
    });
  };

export const OTHERS: readonly Hostile[] = [
  ["a producer let out", adopted([FOUND], []), /"Producer" was found/, adopted([FOUND])],
  [
    "somebody's refusal taken away",
    adopted([FOUND, REFUSED], [FOUND]),
    /NoDelete/,
    adopted([FOUND, REFUSED]),
  ],
  [
    "somebody's statement changed",
    adopted([FOUND], [{ ...FOUND, Principal: { AWS: "arn:aws:iam::666666666666:root" } }]),
    /666666666666/,
    adopted([FOUND]),
  ],
  [
    "others' statements not kept any more",
    set("bucketPolicy", { keepOthers: false }),
    /keepOthers/,
    adopted([FOUND]),
  ],
  [
    "no policy at all, though the stack has something to say",
    set("bucketPolicy", { policy: "" }),
    /It is gone/,
    adopted([FOUND]),
  ],
  [
    "everybody, over TLS",
    adopted([{ ...FOUND, Principal: "*", Condition: { Bool: { "aws:SecureTransport": "true" } } }]),
    /lets everybody in/,
  ],
  [
    "everybody who says where they come from",
    adopted([
      { ...FOUND, Principal: "*", Condition: { StringLike: { "aws:Referer": "https://example.com/*" } } },
    ]),
    /lets everybody in/,
  ],
  [
    "everybody but a few",
    adopted([{ ...FOUND, Principal: "*", Condition: { StringNotEquals: { "aws:PrincipalAccount": "1" } } }]),
    /lets everybody in/,
  ],
  [
    "everybody of a wide range of addresses",
    adopted([{ ...FOUND, Principal: "*", Condition: { IpAddress: { "aws:SourceIp": "0.0.0.0/1" } } }]),
    /lets everybody in/,
  ],
  [
    "guards of somebody else's on a bucket that the stack made",
    all(
      set("bucketPolicy", { guards: { publicAccessBlock: {} } }),
      further("bucketPolicy", "policy", (d) => d.Statement.splice(0, 1)),
      further("bucketPolicy", "policy", (d) => d.Statement.splice(0)),
    ),
    /plain HTTP/,
  ],
  [
    "a statement of the stack's over TLS or not",
    further("bucketPolicy", "policy", (d) => {
      d.Statement.splice(0, 1);
      for (const s of d.Statement) Object.assign(s, { Condition: { Bool: { "aws:SecureTransport": [] } } });
    }),
    /plain HTTP/,
    all(adopted([FOUND]), set("bucketPolicy", { guards: { publicAccessBlock: {} } })),
  ],
  [
    "ACLs that count on a bucket that is only looked at",
    set("bucketPolicy", { guards: { objectOwnership: "ObjectWriter" } }),
    /ACLs count again/,
    all(adopted([FOUND]), set("bucketPolicy", { guards: { objectOwnership: "BucketOwnerEnforced" } })),
  ],
  [
    "another key of a bucket that is only looked at",
    set("bucketPolicy", {
      guards: { encryption: "aws:kms", kmsKeyArn: "arn:aws:kms:us-east-1:666666666666:key/x" },
    }),
    /encrypted by another key/,
    all(adopted([FOUND]), set("bucketPolicy", { guards: { encryption: "aws:kms" } })),
  ],
  [
    "a public access block that nobody can look at any more",
    set("bucketPolicy", { guards: { encryption: "AES256" } }),
    /cannot be looked at/,
    all(
      adopted([FOUND]),
      set("bucketPolicy", {
        guards: { encryption: "AES256", publicAccessBlock: { blockPublicPolicy: true } },
      }),
    ),
  ],
];
