import * as sharing from "../../policies/sharing.ts";
import { type Harmless, type Mutation, testDomain } from "./mutations.ts";

const mutations: Mutation[] = [
  {
    policy: sharing.grantsAreNarrow,
    change: "ALL PRIVILEGES in lower case to a role",
    mutate: ({ grant }) => Object.assign(grant.props, { privileges: ["all  privileges"] }),
    says: /^loader-table: grants ALL\. Name the privileges that are needed/,
  },
  {
    policy: sharing.grantsAreNarrow,
    change: "allPrivileges instead of a list",
    mutate: ({ grant }) => Object.assign(grant.props, { privileges: undefined, allPrivileges: true }),
    says: /grants ALL/,
  },
  {
    policy: sharing.grantsAreNarrow,
    change: "passing privileges on",
    mutate: ({ grant }) => Object.assign(grant.props, { withGrantOption: true }),
    says: /withGrantOption\)\. Remove it/,
  },
  {
    policy: sharing.grantsAreNarrow,
    change: "a share that writes",
    mutate: ({ shareGrant }) => shareGrant.props.privileges.push("insert"),
    says: /gives a share INSERT; a share reads only/,
  },
  {
    policy: sharing.grantsAreNarrow,
    change: "ownership given away",
    mutate: ({ grant }) =>
      Object.assign(grant, {
        type: "snowflake:index/grantOwnership:GrantOwnership",
        props: { accountRoleName: "GRIDWORKS_READER" },
      }),
    says: /OWNERSHIP goes to the role "GRIDWORKS_READER"/,
  },
  {
    policy: sharing.sharesToKnownAccounts,
    change: "a share to an account that nobody configured",
    mutate: ({ share }) => share.props.accounts.push('"STRANGER"."ACCOUNT"'),
    says: /^gridworks: opens the share to ""STRANGER"\."ACCOUNT"", which no configuration names \(known: PARTNERCO\.ANALYTICS\)/,
  },
  {
    policy: sharing.executesOnlyKnownStatements,
    change: "a grant in free SQL, behind a comment and another statement",
    mutate: ({ pin }) =>
      Object.assign(pin.props, {
        execute: "SELECT ';'; /* harmless */ grant ownership on table T to role R",
      }),
    says: /^trust-external-id: execute runs "GRANT OWNERSHIP ON …"\. Use the resource made for it/,
  },
  {
    policy: sharing.executesOnlyKnownStatements,
    change: "locations widened in free SQL",
    mutate: ({ pin }) =>
      Object.assign(pin.props, {
        execute: `ALTER STORAGE INTEGRATION "I" SET storage_allowed_locations = ('*')`,
      }),
    says: /execute sets STORAGE_ALLOWED_LOCATIONS\. Set it on the integration or stage resource/,
  },
];

const harmless: Harmless[] = [
  {
    policy: sharing.executesOnlyKnownStatements,
    change: "a forbidden word inside a quoted value",
    mutate: ({ pin }) =>
      Object.assign(pin.props, {
        execute: `alter storage integration "I" set comment = 'GRANT; STORAGE_ALLOWED_LOCATIONS'`,
      }),
  },
  {
    policy: sharing.grantsAreNarrow,
    change: "ownership to a role of the project",
    mutate: ({ grant }) =>
      Object.assign(grant, {
        type: "snowflake:index/grantOwnership:GrantOwnership",
        props: { accountRoleName: "FLUX_PROD_LOADER" },
      }),
    settings: { ownerRoles: ["FLUX_PROD_LOADER"] },
  },
  {
    policy: sharing.sharesToKnownAccounts,
    change: "the configured account, quoted and in lower case",
    mutate: ({ share }) => Object.assign(share.props, { accounts: ['"partnerco"."analytics"'] }),
  },
];

describe("sharing", () => testDomain(sharing, mutations, harmless));
