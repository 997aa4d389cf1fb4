import * as access from "../../policies/access.ts";
import { edit, type Harmless, type Mutation, testDomain } from "./mutations.ts";
import { documents } from "./stack.ts";

type Doc = { Statement: Record<string, unknown>[] };
const at = (document: Doc, index: number) => document.Statement[index] as Record<string, unknown>;

const bucketPolicy = (change: (document: Doc) => void) =>
  edit<Doc>("bucketPolicy", "policy", documents.bucket, change);
const rolePolicy = (change: (document: Doc) => void) =>
  edit<Doc>("rolePolicy", "policy", documents.role, change);

/** A bucket that was there, with these statements of others', that the stack looks at and adds its own to. */
function adopted(others: object[], own: object[] = [documents.bucket().Statement[1] as object]) {
  const text = (statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
  const named = own.map((statement, index) => ({ ...statement, Sid: `FluxProd${index}` }));
  return {
    bucket: "flux-prod-raw-111122223333",
    found: others.length > 0 ? text(others) : "",
    policy: text([...others, ...named]),
    own: named.map(({ Sid }) => Sid),
    keepOthers: true,
    lasting: [],
    guards: {
      publicAccessBlock: {
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      encryption: "aws:kms",
    },
  };
}
const overTls = {
  ...documents.bucket().Statement[1],
  Condition: { Bool: { "aws:SecureTransport": "true" } },
};
/** Somebody's producer, who writes there: none of the stack's business. */
const PRODUCER = {
  Sid: "Producer",
  Effect: "Allow",
  Principal: { AWS: "arn:aws:iam::999900001111:role/producer" },
  Action: "s3:PutObject",
  Resource: "arn:aws:s3:::flux-prod-raw-111122223333/*",
};

const mutations: Mutation[] = [
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
    policy: access.bucketKeepsOthers,
    change: "a statement of somebody else's that would go",
    mutate: ({ bucketPolicy }) => {
      const { policy } = adopted([], [overTls]);
      Object.assign(bucketPolicy.props, adopted([PRODUCER], [overTls]), { policy });
    },
    says: /the statement "Producer" was found in the bucket's policy, is not this stack's, and would go/,
  },
  {
    policy: access.bucketOpensToNobody,
    change: "a statement of somebody else's that lets everybody in",
    mutate: ({ bucketPolicy }) =>
      Object.assign(bucketPolicy.props, adopted([{ ...PRODUCER, Principal: "*" }], [overTls])),
    says: /statement 1 \("Producer"\) of the bucket policy lets everybody in/,
  },
  {
    policy: access.bucketNotPublic,
    change: "an adopted bucket's own public access block, switched off",
    mutate: ({ bucketPolicy }) => {
      const props = adopted([PRODUCER], [overTls]);
      props.guards.publicAccessBlock.blockPublicPolicy = false;
      Object.assign(bucketPolicy.props, props);
    },
    says: /blockPublicPolicy is off in the bucket's own public access block/,
  },
  {
    policy: access.bucketPolicyRequiresTls,
    change: "an adopted bucket that takes plain HTTP, and a statement of the stack's that does as well",
    mutate: ({ bucketPolicy }) => Object.assign(bucketPolicy.props, adopted([PRODUCER])),
    says: /does not refuse plain HTTP/,
  },
  {
    policy: access.readsPrefixOnly,
    change: "a statement that goes beyond reading and is said to be nobody's",
    mutate: ({ bucketPolicy }) =>
      Object.assign(bucketPolicy.props, adopted([], [overTls, { ...PRODUCER, Resource: overTls.Resource }]), {
        own: ["FluxProd0"],
      }),
    says: /allows "s3:PutObject", which is more than reading/,
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
    policy: access.bucketPolicyNamesPrincipals,
    change: "everybody as a bare string",
    mutate: bucketPolicy((document) => Object.assign(at(document, 1), { Principal: "*" })),
    says: /statement 2 \("GridworksReads"\) of the bucket policy lets in everybody.*full ARN/,
  },
  {
    policy: access.bucketPolicyNamesPrincipals,
    change: "everybody in an array beside a partner",
    mutate: bucketPolicy((document) =>
      Object.assign(at(document, 1), { Principal: { AWS: ["arn:aws:iam::444455556666:root", "*"] } }),
    ),
    says: /lets in everybody/,
  },
  {
    policy: access.bucketPolicyNamesPrincipals,
    change: "NotPrincipal with Allow, in lower case",
    mutate: bucketPolicy((document) => {
      delete at(document, 1).Principal;
      Object.assign(at(document, 1), { notprincipal: { AWS: "arn:aws:iam::444455556666:root" } });
    }),
    says: /allows whoever is not named \(NotPrincipal\)/,
  },
  {
    policy: access.bucketPolicyRequiresTls,
    change: "no refusal of plain HTTP",
    mutate: bucketPolicy((document) => document.Statement.shift()),
    says: /does not refuse plain HTTP\. Add: Deny/,
  },
  {
    policy: access.bucketPolicyRequiresTls,
    change: "a refusal of objects only",
    mutate: bucketPolicy((document) =>
      Object.assign(at(document, 0), { Resource: "arn:aws:s3:::flux-prod-raw-111122223333/*" }),
    ),
    says: /does not refuse plain HTTP/,
  },
  {
    policy: access.bucketPolicyRequiresTls,
    change: "a refusal with a second condition",
    mutate: bucketPolicy((document) =>
      Object.assign(at(document, 0), {
        Condition: {
          Bool: { "aws:SecureTransport": "false" },
          StringEquals: { "aws:PrincipalAccount": "1" },
        },
      }),
    ),
    says: /does not refuse plain HTTP/,
  },
  {
    policy: access.bucketPolicyRequiresTls,
    change: "a refusal under an empty list",
    mutate: bucketPolicy((document) =>
      Object.assign(at(document, 0), { Condition: { Bool: { "aws:SecureTransport": [] } } }),
    ),
    says: /does not refuse plain HTTP/,
  },
  {
    policy: access.bucketPolicyRequiresTls,
    change: "a refusal of another bucket",
    mutate: bucketPolicy((document) =>
      Object.assign(at(document, 0), { Resource: ["arn:aws:s3:::other", "arn:aws:s3:::other/*"] }),
    ),
    says: /does not refuse plain HTTP/,
  },
  {
    policy: access.bucketPolicyRequiresTls,
    change: "a refusal of services only",
    mutate: bucketPolicy((document) => Object.assign(at(document, 0), { Principal: { Service: "*" } })),
    says: /does not refuse plain HTTP/,
  },
  {
    policy: access.bucketPolicyNamesPrincipals,
    change: "a service",
    mutate: bucketPolicy((document) =>
      Object.assign(at(document, 1), { Principal: { Service: "logging.s3.amazonaws.com" } }),
    ),
    says: /lets in Service logging\.s3\.amazonaws\.com/,
  },
  {
    policy: access.bucketPolicyRequiresTls,
    change: "a document that is no document",
    mutate: ({ bucketPolicy }) => Object.assign(bucketPolicy.props, { policy: "{" }),
    says: /the bucket policy cannot be read: it is not JSON/,
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
  {
    policy: access.readsPrefixOnly,
    change: "decrypting with a named key through S3",
    mutate: decrypting({}),
  },
  {
    policy: access.bucketOpensToNobody,
    change: "everybody of an organization, or of a network",
    mutate: ({ bucketPolicy }) =>
      Object.assign(
        bucketPolicy.props,
        adopted([
          { ...PRODUCER, Principal: "*", Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } } },
          { ...PRODUCER, Principal: "*", Condition: { IpAddress: { "aws:SourceIp": "192.0.2.0/24" } } },
          { ...PRODUCER, Principal: "*", Condition: { StringEquals: { "aws:SourceVpce": "vpce-1" } } },
        ]),
      ),
  },
  ...[access.bucketPolicyNamesPrincipals, access.readsPrefixOnly, access.bucketPolicyRequiresTls].map(
    (policy) => ({
      policy,
      change: "an adopted bucket with a producer of its own",
      mutate: ({ bucketPolicy }: Parameters<Harmless["mutate"]>[0]) =>
        Object.assign(
          bucketPolicy.props,
          adopted(
            [PRODUCER, { ...PRODUCER, Sid: "Logs", Principal: { Service: "logging.s3.amazonaws.com" } }],
            [overTls],
          ),
        ),
    }),
  ),
  {
    policy: access.bucketPolicyRequiresTls,
    change: "the same refusal in other spellings",
    mutate: bucketPolicy((document) => {
      document.Statement[0] = {
        effect: undefined,
        Effect: "Deny",
        principal: { AWS: ["*"] },
        action: ["S3:*"],
        resource: "*",
        condition: { BoolIfExists: { "AWS:securetransport": [false] } },
      };
      delete (document.Statement[0] as { effect?: unknown }).effect;
    }),
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
