import * as access from "../../policies/access.ts";
import {
  at,
  bucketPolicy,
  bucketPolicyHarmless,
  bucketPolicyMutations,
  type Doc,
} from "./bucket-policy-cases.ts";
import { edit, type Harmless, type Mutation, testDomain } from "./mutations.ts";
import { documents } from "./stack.ts";

const rolePolicy = (change: (document: Doc) => void) =>
  edit<Doc>("rolePolicy", "policy", documents.role, change);

const mutations: Mutation[] = [
  ...bucketPolicyMutations,
  {
    policy: access.readsPrefixOnly,
    change: "decrypting with any key",
    mutate: (stack) => decrypting({ Resource: "*" })(stack),
    says: /allows kms:Decrypt with "\*"\. Name each key/,
  },
  {
    policy: access.readsPrefixOnly,
    change: "decrypting by any way",
    mutate: (stack) =>
      decrypting({ Condition: { StringEquals: { "kms:CallerAccount": "111122223333" } } })(stack),
    says: /allows kms:Decrypt by any way/,
  },
  {
    policy: access.readsPrefixOnly,
    change: "decrypting through anything",
    mutate: (stack) =>
      decrypting({
        Condition: {
          StringEquals: { "kms:ViaService": ["s3.us-east-1.amazonaws.com", "ec2.us-east-1.amazonaws.com"] },
        },
      })(stack),
    says: /allows kms:Decrypt by any way/,
  },
  {
    policy: access.bucketNotPublic,
    change: "ACLs that count",
    mutate: ({ ownership }) => Object.assign(ownership.props, { rule: { objectOwnership: "ObjectWriter" } }),
    says: /objectOwnership is ObjectWriter, so ACLs count/,
  },
  {
    policy: access.bucketNotPublic,
    change: "a switched-off public access block",
    mutate: ({ publicAccess }) => Object.assign(publicAccess.props, { restrictPublicBuckets: false }),
    says: /restrictPublicBuckets is false\. Set it to true/,
  },
  {
    policy: access.readsPrefixOnly,
    change: "an action that writes",
    mutate: rolePolicy((document) =>
      Object.assign(at(document, 0), { Action: ["s3:GetObject", "s3:PutObject"] }),
    ),
    says: /in the policy, statement 1 allows "s3:PutObject", which is more than reading/,
  },
  {
    policy: access.readsPrefixOnly,
    change: "a wildcard action as a single string",
    mutate: rolePolicy((document) => Object.assign(at(document, 0), { Action: "S3:Get*" })),
    says: /allows "S3:Get\*", which is more than reading/,
  },
  {
    policy: access.readsPrefixOnly,
    change: "NotAction",
    mutate: rolePolicy((document) => {
      delete at(document, 0).Action;
      Object.assign(at(document, 0), { NotAction: "s3:DeleteObject" });
    }),
    says: /allows all actions but some \(NotAction\)/,
  },
  {
    policy: access.readsPrefixOnly,
    change: "NotResource",
    mutate: rolePolicy((document) => {
      delete at(document, 0).Resource;
      Object.assign(at(document, 0), { NotResource: "arn:aws:s3:::flux-prod-raw-111122223333/secret/*" });
    }),
    says: /allows all resources but some \(NotResource\)/,
  },
  {
    policy: access.readsPrefixOnly,
    change: "the whole bucket's objects",
    mutate: rolePolicy((document) =>
      Object.assign(at(document, 0), { Resource: "arn:aws:s3:::flux-prod-raw-111122223333/*" }),
    ),
    says: /reaches "arn:aws:s3:::flux-prod-raw-111122223333\/\*", which is not under the prefix "raw\/ami\/"/,
  },
  {
    policy: access.readsPrefixOnly,
    change: "a prefix that only begins alike",
    mutate: rolePolicy((document) =>
      Object.assign(at(document, 0), { Resource: "arn:aws:s3:::flux-prod-raw-111122223333/raw/ami*" }),
    ),
    says: /which is not under the prefix/,
  },
  {
    policy: access.readsPrefixOnly,
    change: "any bucket",
    mutate: rolePolicy((document) =>
      Object.assign(at(document, 0), { Resource: "arn:aws:s3:::*/raw/ami/*" }),
    ),
    says: /reaches "arn:aws:s3:::\*\/raw\/ami\/\*", which is not under the prefix/,
  },
  ...["accesspoint/other/object/raw/*", "accesspoint/*/object/raw/ami/*", "accesspoint/other/raw/ami/*"].map(
    (what) => ({
      policy: access.readsPrefixOnly,
      change: `by way of ${what}`,
      mutate: rolePolicy((document) =>
        Object.assign(at(document, 0), { Resource: `arn:aws:s3:us-east-1:111122223333:${what}` }),
      ),
      says: /reaches "arn:aws:s3:us-east-1:111122223333:accesspoint.*which is not under the prefix/,
    }),
  ),
  {
    policy: access.readsPrefixOnly,
    change: "a key that looks like an access point's",
    mutate: rolePolicy((document) =>
      Object.assign(at(document, 0), { Resource: "arn:aws:s3:::other/x:accesspoint/y/object/raw/ami/*" }),
    ),
    says: /which is not under the prefix/,
  },
  {
    policy: access.readsPrefixOnly,
    change: "listing without a prefix",
    mutate: rolePolicy((document) => delete at(document, 1).Condition),
    says: /allows listing the whole bucket\. Add the condition StringLike s3:prefix "raw\/ami\/\*"/,
  },
  {
    policy: access.readsPrefixOnly,
    change: "listing under a wider prefix",
    mutate: bucketPolicy((document) =>
      Object.assign(at(document, 2), { Condition: { StringLike: { "S3:Prefix": ["raw/ami/*", "raw/*"] } } }),
    ),
    says: /in the bucket policy, statement 3 .* allows listing "raw\/\*", which is not under "raw\/ami\/"/,
  },
  {
    policy: access.readsPrefixOnly,
    change: "an AWS managed policy on the role",
    mutate: ({ role }) =>
      Object.assign(role.props, { managedPolicyArns: ["arn:aws:iam::aws:policy/AmazonS3FullAccess"] }),
    says: /the managed policy "arn:aws:iam::aws:policy\/AmazonS3FullAccess" is attached/,
  },
  {
    policy: access.readsPrefixOnly,
    change: "an inline policy that writes",
    mutate: ({ role }) =>
      Object.assign(role.props, {
        inlinePolicies: [
          {
            name: "extra",
            policy: JSON.stringify({
              Statement: { Effect: "Allow", Action: "s3:DeleteObject", Resource: "arn:aws:s3:::b/raw/ami/*" },
            }),
          },
        ],
      }),
    says: /in the inline policy extra, statement 1 allows "s3:DeleteObject"/,
  },
  {
    policy: access.integrationStaysOnPrefix,
    change: "every location",
    mutate: ({ integration }) => Object.assign(integration.props, { storageAllowedLocations: ["*"] }),
    says: /the location "\*" is wider than s3:\/\/<bucket>\/raw\/ami\//,
  },
  {
    policy: access.integrationStaysOnPrefix,
    change: "the whole bucket beside the prefix",
    mutate: ({ integration }) =>
      integration.props.storageAllowedLocations.push("s3://flux-prod-raw-111122223333/"),
    says: /the location "s3:\/\/flux-prod-raw-111122223333\/" is wider/,
  },
  {
    policy: access.integrationStaysOnPrefix,
    change: "a stage on another prefix",
    mutate: ({ stage }) => Object.assign(stage.props, { url: "s3://flux-prod-raw-111122223333/raw/" }),
    says: /^stage: the location "s3:\/\/flux-prod-raw-111122223333\/raw\/" is wider/,
  },
  {
    policy: access.integrationStaysOnPrefix,
    change: "a stage with keys instead of an integration",
    mutate: ({ stage }) => void delete stage.props.storageIntegration,
    says: /reads S3 without a storage integration/,
  },
];

const KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const decrypting = (more: object) =>
  rolePolicy((document) =>
    document.Statement.push({
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: [KEY],
      Condition: { StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } },
      ...more,
    }),
  );

const harmless: Harmless[] = [
  ...bucketPolicyHarmless,
  {
    policy: access.readsPrefixOnly,
    change: "an access point to the prefix, whose bucket another rule asks for",
    mutate: rolePolicy((document) =>
      Object.assign(at(document, 0), {
        Resource: "arn:aws:s3:us-east-1:111122223333:accesspoint/other/object/raw/ami/*",
      }),
    ),
  },
  {
    policy: access.readsPrefixOnly,
    change: "decrypting with a named key through S3",
    mutate: decrypting({}),
  },
  {
    policy: access.readsPrefixOnly,
    change: "another declared prefix",
    mutate: rolePolicy((document) =>
      Object.assign(at(document, 0), { Resource: "arn:aws:s3:::flux-prod-raw-111122223333/landing/*" }),
    ),
    settings: { prefixes: ["raw/ami/", "landing/"] },
  },
];

describe("access", () => testDomain(access, mutations, harmless));
