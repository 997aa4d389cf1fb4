import * as trust from "../../policies/trust.ts";
import { edit, type Harmless, type Mutation, testDomain } from "./mutations.ts";
import { documents } from "./stack.ts";

type Doc = { Statement: Record<string, unknown>[] };
const at = (document: Doc, index: number) => document.Statement[index] as Record<string, unknown>;

const trusting = (change: (document: Doc) => void) =>
  edit<Doc>("role", "assumeRolePolicy", documents.trust, change);

const mutations: Mutation[] = [
  {
    policy: trust.roleTrustHasExternalId,
    change: "no external ID",
    mutate: trusting((document) => delete at(document, 0).Condition),
    says: /lets AWS arn:aws:iam::777788889999:user\/abc1-b-self1234 assume the role with no external ID/,
  },
  {
    policy: trust.roleTrustHasExternalId,
    change: "StringLike on the external ID",
    mutate: trusting((document) =>
      Object.assign(at(document, 0), {
        Condition: { StringLike: { "sts:ExternalId": "flux-7f3c9a1e5b2d4860*" } },
      }),
    ),
    says: /with stringlike, which is no exact match/,
  },
  {
    policy: trust.roleTrustHasExternalId,
    change: "StringEqualsIfExists on the external ID",
    mutate: trusting((document) =>
      Object.assign(at(document, 0), {
        Condition: { StringEqualsIfExists: { "sts:ExternalId": "flux-7f3c9a1e5b2d4860" } },
      }),
    ),
    says: /stringequalsifexists, which is no exact match/,
  },
  {
    policy: trust.roleTrustHasExternalId,
    change: "an empty external ID",
    mutate: trusting((document) =>
      Object.assign(at(document, 0), { Condition: { StringEquals: { "sts:ExternalId": "" } } }),
    ),
    says: /has 0 characters\. Use one of at least 16/,
  },
  {
    policy: trust.roleTrustHasExternalId,
    change: "a short external ID",
    mutate: trusting((document) =>
      Object.assign(at(document, 0), { Condition: { StringEquals: { "sts:ExternalId": ["flux"] } } }),
    ),
    says: /has 4 characters/,
  },
  {
    policy: trust.roleTrustHasExternalId,
    change: "two external IDs to choose from",
    mutate: trusting((document) =>
      Object.assign(at(document, 0), {
        Condition: { StringEquals: { "sts:ExternalId": ["flux-7f3c9a1e5b2d4860", "flux-7f3c9a1e5b2d4861"] } },
      }),
    ),
    says: /is one of 2\./,
  },
  {
    policy: trust.roleTrustHasExternalId,
    change: "an external ID that the caller fills in",
    mutate: trusting((document) =>
      Object.assign(at(document, 0), {
        Condition: { StringEquals: { "sts:ExternalId": `\${aws:PrincipalAccount}` } },
      }),
    ),
    says: /is a policy variable, which the caller fills in/,
  },
  {
    policy: trust.roleTrustHasExternalId,
    change: "an external ID of one character",
    mutate: trusting((document) =>
      Object.assign(at(document, 0), { Condition: { StringEquals: { "sts:ExternalId": "x".repeat(20) } } }),
    ),
    says: /is made of 1 different character\./,
  },
  {
    policy: trust.roleTrustHasExternalId,
    change: "a service without external ID",
    mutate: trusting((document) => {
      document.Statement = [
        { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
      ];
    }),
    says: /lets Service lambda\.amazonaws\.com assume the role with no external ID/,
  },
  {
    policy: trust.roleTrustNamesOnePrincipal,
    change: "a SAML provider by the action for it",
    mutate: trusting((document) => Object.assign(at(document, 0), { Action: "sts:AssumeRoleWithSAML" })),
    says: /allows "sts:AssumeRoleWithSAML"\. Allow sts:AssumeRole alone/,
  },
  {
    policy: trust.roleTrustHasExternalId,
    change: "no external ID behind NotAction",
    mutate: trusting((document) => {
      document.Statement = [
        { Effect: "Allow", Principal: { AWS: "444455556666" }, NotAction: "sts:TagSession" },
      ];
    }),
    says: /AWS 444455556666 assume the role with no external ID/,
  },
  {
    policy: trust.roleTrustNamesOnePrincipal,
    change: "two principals in one statement",
    mutate: trusting((document) =>
      Object.assign(at(document, 0), {
        Principal: { AWS: ["arn:aws:iam::777788889999:user/a", "arn:aws:iam::777788889999:user/b"] },
      }),
    ),
    says: /trusts 2 foreign principals .* Make a role for each/,
  },
  {
    policy: trust.roleTrustNamesOnePrincipal,
    change: "a second principal in a statement of its own",
    mutate: trusting((document) =>
      document.Statement.push({ ...at(document, 0), Principal: { AWS: "arn:aws:iam::444455556666:root" } }),
    ),
    says: /trusts 2 foreign principals/,
  },
  {
    policy: trust.roleTrustNamesOnePrincipal,
    change: "everybody",
    mutate: trusting((document) => Object.assign(at(document, 0), { Principal: { AWS: "*" } })),
    says: /trusts everybody\. Name one AWS user or role/,
  },
  {
    policy: trust.roleTrustNamesOnePrincipal,
    change: "NotPrincipal",
    mutate: trusting((document) => {
      delete at(document, 0).Principal;
      Object.assign(at(document, 0), { NotPrincipal: { AWS: [] } });
    }),
    says: /trusts whoever is not named \(NotPrincipal\)/,
  },
];

const harmless: Harmless[] = [
  {
    policy: trust.roleTrustHasExternalId,
    change: "the condition key in another case, the value in an array",
    mutate: trusting((document) =>
      Object.assign(at(document, 0), {
        Condition: { STRINGEQUALS: { "STS:externalID": ["flux-7f3c9a1e5b2d4860"] } },
      }),
    ),
  },
  {
    policy: trust.roleTrustHasExternalId,
    change: "a principal of an own account",
    mutate: trusting((document) => delete at(document, 0).Condition),
    settings: { ownAccounts: ["777788889999"] },
  },
  {
    policy: trust.roleTrustHasExternalId,
    change: "a role that nobody may assume yet",
    mutate: trusting((document) => Object.assign(at(document, 0), { Effect: "Deny" })),
  },
];

const { roleTrustHasExternalId, roleTrustNamesOnePrincipal } = trust;

describe("trust", () =>
  testDomain({ roleTrustHasExternalId, roleTrustNamesOnePrincipal }, mutations, harmless));
