/** Faults of a bucket's policy, each with what the pack says of it, and spellings that are none. */
import * as access from "../../policies/access.ts";
import { edit, type Harmless, type Mutation, type Stack } from "./mutations.ts";
import { documents } from "./stack.ts";

export type Doc = { Statement: Record<string, unknown>[] };
export const at = (document: Doc, index: number) => document.Statement[index] as Record<string, unknown>;

export const bucketPolicy = (change: (document: Doc) => void) =>
  edit<Doc>("bucketPolicy", "policy", documents.bucket, change);

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

/** A statement of somebody else's that lets in everybody who meets a condition. */
const open = (Condition: object) => (stack: Stack) =>
  void Object.assign(
    stack.bucketPolicy.props,
    adopted([{ ...PRODUCER, Principal: "*", Condition }], [overTls]),
  );

/** The refusal of plain HTTP, with something else in it; undefined takes it away. */
const refusal = (change: object) =>
  bucketPolicy((document) => {
    document.Statement[0] = { ...at(document, 0), ...change };
  });

const OPEN: [string, object][] = [
  ["everybody but an organization", { StringNotEquals: { "aws:PrincipalOrgID": "o-1" } }],
  ["everybody with a browser of one kind", { StringEquals: { "aws:UserAgent": "curl" } }],
  [
    "everybody who says nothing of an organization",
    { StringEqualsIfExists: { "aws:PrincipalOrgID": "o-1" } },
  ],
  ["all who have no value at all", { "ForAllValues:StringEquals": { "aws:PrincipalOrgID": "o-1" } }],
  ["an account that is a number", { NumericEquals: { "aws:PrincipalAccount": "111122223333" } }],
  ["no value", { StringEquals: { "aws:PrincipalOrgID": [] } }],
  ["a wildcard beside a value", { StringLike: { "aws:PrincipalOrgID": ["o-1", "*"] } }],
  ["any sign", { StringLike: { "aws:PrincipalAccount": "????????????" } }],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM
  ["a variable, which the caller fills in", { StringLike: { "aws:userid": "A${aws:username}" } }],
  ["a role of any account", { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/reader" } }],
  [
    "a role of any account, by two wildcards",
    { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*?:role/reader" } },
  ],
  ["anything of AWS", { ArnLike: { "aws:PrincipalArn": "arn:aws:*" } }],
  ["anything of AWS in China", { ArnLike: { "aws:PrincipalArn": "arn:aws-cn:?am::1:role/reader" } }],
  ["every address", { IpAddress: { "aws:SourceIp": "0.0.0.0/0" } }],
  [
    "half of a network and half of the world",
    { IpAddress: { "aws:SourceIp": ["192.0.2.0/24", "0.0.0.0/1"] } },
  ],
  ["more than a /8", { IpAddress: { "aws:SourceIp": "10.0.0.0/7" } }],
  ["more than a /32 of IPv6", { IpAddress: { "aws:SourceIp": "2001:db8::/31" } }],
];

const NARROW: [string, object][] = [
  ["an organization, in any case", { StringEqualsIgnoreCase: { "aws:PrincipalOrgID": "O-1" } }],
  ["a part of an organization", { "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-1/r-1/ou-1/*" } }],
  ["a bucket's own notices", { ArnLike: { "aws:SourceArn": "arn:aws:s3:::flux-*" } }],
  ["a role by its ARN", { ArnEquals: { "aws:PrincipalArn": "arn:aws:iam::444455556666:role/reader" } }],
  ["one address", { IpAddress: { "aws:SourceIp": "192.0.2.7" } }],
  ["a /8", { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }],
  ["a /32 of IPv6", { IpAddress: { "aws:SourceIp": "2001:db8::/32" } }],
  [
    "a second condition",
    { Bool: { "aws:SecureTransport": "true" }, StringEquals: { "aws:SourceVpc": "vpc-1" } },
  ],
];

const BUCKET = "arn:aws:s3:::flux-prod-raw-111122223333";
const NO_REFUSAL: [string, object][] = [
  ["that allows", { Effect: "Allow", Principal: { AWS: "arn:aws:iam::444455556666:root" } }],
  ["of one account", { Principal: { AWS: "arn:aws:iam::444455556666:root" } }],
  ["of all but one", { Principal: undefined, NotPrincipal: { AWS: "*" } }],
  ["of nobody", { Principal: undefined }],
  ["of reading only", { Action: "s3:GetObject" }],
  ["of all but everything", { Action: undefined, NotAction: "s3:*" }],
  ["of all but the bucket", { Resource: undefined, NotResource: [BUCKET, `${BUCKET}/*`] }],
  ["of nothing", { Resource: undefined }],
  ["of the bucket without its objects", { Resource: BUCKET }],
  ["without a condition", { Condition: undefined }],
  [
    "under a condition that compares texts",
    { Condition: { StringEquals: { "aws:SecureTransport": "false" } } },
  ],
  ["under an operator that is none", { Condition: { BoolIfExistsNot: { "aws:SecureTransport": "false" } } }],
  [
    "under an operator in front of that",
    { Condition: { "ForAllValues:Bool": { "aws:SecureTransport": "false" } } },
  ],
  ["of what came by a service", { Condition: { Bool: { "aws:ViaAWSService": "false" } } }],
  ["of TLS", { Condition: { Bool: { "aws:SecureTransport": "true" } } }],
  ["of both, one of which cannot be", { Condition: { Bool: { "aws:SecureTransport": ["false", "true"] } } }],
];

/** What the stack adds to a bucket that refuses nothing: it has to ask for TLS itself. */
const NOT_OVER_TLS: [string, object][] = [
  ["compared as a text", { StringEquals: { "aws:SecureTransport": "true" } }],
  ["another key", { Bool: { "aws:ViaAWSService": "true" } }],
  ["no value", { Bool: { "aws:SecureTransport": [] } }],
  ["plain HTTP", { Bool: { "aws:SecureTransport": "false" } }],
  ["either", { Bool: { "aws:SecureTransport": ["true", "false"] } }],
];

export const bucketPolicyMutations: Mutation[] = [
  ...OPEN.map(([change, condition]) => ({
    policy: access.bucketOpensToNobody,
    change: `let in under a condition: ${change}`,
    mutate: open(condition),
    says: /statement 1 \("Producer"\) of the bucket policy lets everybody in/,
  })),
  ...[
    { Principal: { AWS: ["arn:aws:iam::444455556666:root", "*"] } },
    { Principal: undefined, NotPrincipal: { AWS: "arn:aws:iam::444455556666:root" } },
  ].map((who) => ({
    policy: access.bucketOpensToNobody,
    change: `let in: ${JSON.stringify(who)}`,
    mutate: ({ bucketPolicy }: Stack) =>
      void Object.assign(bucketPolicy.props, adopted([{ ...PRODUCER, ...who }], [overTls])),
    says: /lets everybody in/,
  })),
  ...NO_REFUSAL.map(([change, more]) => ({
    policy: access.bucketPolicyRequiresTls,
    change: `a refusal ${change}`,
    mutate: refusal(more),
    says: /does not refuse plain HTTP/,
  })),
  ...NOT_OVER_TLS.map(([change, Condition]) => ({
    policy: access.bucketPolicyRequiresTls,
    change: `an adopted bucket, and a statement of the stack's over ${change}`,
    mutate: ({ bucketPolicy }: Stack) =>
      void Object.assign(bucketPolicy.props, adopted([PRODUCER], [overTls, { ...overTls, Condition }])),
    says: /does not refuse plain HTTP/,
  })),
  {
    policy: access.bucketPolicyRequiresTls,
    change: "a bucket of the stack's own that asks for TLS and refuses nothing",
    mutate: ({ bucketPolicy }) =>
      Object.assign(bucketPolicy.props, adopted([], [overTls]), { keepOthers: false }),
    says: /does not refuse plain HTTP/,
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
];

export const bucketPolicyHarmless: Harmless[] = [
  ...NARROW.map(([change, condition]) => ({
    policy: access.bucketOpensToNobody,
    change: `let in under a condition: ${change}`,
    mutate: open(condition),
  })),
  {
    policy: access.bucketOpensToNobody,
    change: "a service, and a refusal of everybody",
    mutate: ({ bucketPolicy }) =>
      Object.assign(
        bucketPolicy.props,
        adopted([
          { ...PRODUCER, Principal: { Service: "*" } },
          { ...PRODUCER, Principal: "*", Effect: "Deny" },
        ]),
      ),
  },
  ...[
    { Action: ["s3:GetObject", "*"] },
    { Resource: ["arn:aws:s3:::other", BUCKET, `${BUCKET}/*`] },
    { Principal: { AWS: ["arn:aws:iam::444455556666:root", "*"] } },
  ].map((more) => ({
    policy: access.bucketPolicyRequiresTls,
    change: `a refusal that says more: ${JSON.stringify(more)}`,
    mutate: refusal(more),
  })),
  {
    policy: access.bucketPolicyRequiresTls,
    change: "an adopted bucket, and a refusal of the stack's that asks for nothing",
    mutate: ({ bucketPolicy }) =>
      Object.assign(
        bucketPolicy.props,
        adopted([PRODUCER], [overTls, { ...overTls, Effect: "Deny", Condition: undefined }]),
      ),
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
];
