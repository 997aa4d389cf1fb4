/** Faults of a bucket's policy, each with what the pack says of it, and spellings that are none. */
import * as access from "../../policies/access.ts";
import { BUCKET, NARROW, NO_REFUSAL, NOT_OVER_TLS, OPEN } from "./bucket-policy-tables.ts";
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
