import type { Hostile } from "./change.ts";
import { at, rolePolicy, type Statement, set, trust } from "./change.ts";

/** Hostile and sloppy changes of what a role may do, and of who may take it on. */

const ARN = "arn:aws:s3:::flux-prod-raw-111122223333";
const ID = "flux-7f3c9a1e5b2d4860";
const variable = (name: string) => `\${${name}}`;

const keyPolicy = (more: Statement): Hostile[1] =>
  rolePolicy((d) =>
    d.Statement.push({
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: "arn:aws:kms:us-east-1:111122223333:key/1234abcd",
      Condition: { StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } },
      ...more,
    }),
  );

export const ROLES: readonly Hostile[] = [
  ["a key to decrypt with", keyPolicy({}), /kms:Decrypt/],
  [
    "a key of another account",
    keyPolicy({ Resource: "arn:aws:kms:us-east-1:666666666666:key/x" }),
    /666666666666/,
  ],
  ["an alias of a key", keyPolicy({ Resource: "arn:aws:kms:us-east-1:111122223333:alias/x" }), /alias\/x/],
  ["all keys of the account", keyPolicy({ Resource: "arn:aws:kms:us-east-1:111122223333:key/*" }), /key\/\*/],
  ["granting keys on", keyPolicy({ Action: "kms:CreateGrant" }), /CreateGrant/],
  ["changing a key's policy", keyPolicy({ Action: ["kms:Decrypt", "kms:PutKeyPolicy"] }), /PutKeyPolicy/],
  [
    "decrypting when one likes",
    keyPolicy({ Condition: { StringEqualsIfExists: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } } }),
    /by any way/,
  ],
  [
    "reading through an access point",
    rolePolicy((d) =>
      Object.assign(at(d, 0), {
        Resource: "arn:aws:s3:us-east-1:111122223333:accesspoint/x/object/raw/ami/*",
      }),
    ),
    /accesspoint/,
  ],
  [
    "a bucket by pattern",
    rolePolicy((d) =>
      Object.assign(at(d, 0), { Resource: "arn:aws:s3:::flux-prod-raw-11112222333?/raw/ami/*" }),
    ),
    /33\?/,
  ],
  [
    "a bucket by the caller's tag",
    rolePolicy((d) =>
      Object.assign(at(d, 0), { Resource: `arn:aws:s3:::${variable("aws:PrincipalTag/b")}/raw/ami/*` }),
    ),
    /PrincipalTag/,
  ],
  [
    "every resource but one",
    rolePolicy((d) => {
      const s = at(d, 0);
      delete s.Resource;
      s.NotResource = `${ARN}/x`;
    }),
    /NotResource/,
  ],
  [
    "an effect that is spelt otherwise",
    rolePolicy((d) => Object.assign(at(d, 0), { Effect: "allow" })),
    /Effect "allow"/,
  ],
  ["a document within a document", set("rolePolicy", { policy: JSON.stringify("{}") }), /cannot be read/],
  [
    "an external ID in any case of letters",
    trust((d) =>
      Object.assign(at(d, 0), { Condition: { StringEqualsIgnoreCase: { "sts:ExternalId": ID } } }),
    ),
    /no exact match/,
  ],
  [
    "an external ID for any of many values",
    trust((d) =>
      Object.assign(at(d, 0), { Condition: { "ForAnyValue:StringEquals": { "sts:ExternalId": ID } } }),
    ),
    /no exact match/,
  ],
  [
    "an external ID by pattern beside the exact one",
    trust((d) =>
      d.Statement.push({ ...at(d, 0), Condition: { StringLike: { "sts:ExternalId": "flux-*" } } }),
    ),
    /no exact match/,
  ],
  [
    "another user of the same account",
    trust((d) => Object.assign(at(d, 0), { Principal: { AWS: "arn:aws:iam::777788889999:user/other" } })),
    /user\/other/,
  ],
  [
    "a name for the session that the caller chooses",
    trust((d) => Object.assign(at(d, 0), { Action: ["sts:AssumeRole", "sts:SetSourceIdentity"] })),
    /SetSourceIdentity/,
  ],
  [
    "a web identity instead",
    trust((d) => Object.assign(at(d, 0), { Action: "sts:AssumeRoleWithWebIdentity" })),
    /WithWebIdentity/,
  ],
  [
    "roles anywhere",
    trust((d) => Object.assign(at(d, 0), { Principal: { Service: "rolesanywhere.amazonaws.com" } })),
    /rolesanywhere/,
  ],
];
