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
    says: /grants INSERT\. Name the privileges that are needed, of SELECT, USAGE/,
  },
  {
    policy: sharing.grantsAreNarrow,
    change: "a privilege that creates",
    mutate: ({ grant }) => Object.assign(grant.props, { privileges: ["MANAGE GRANTS"] }),
    says: /grants MANAGE GRANTS/,
  },
  {
    policy: sharing.grantsAreNarrow,
    change: "future tables",
    mutate: ({ grant }) =>
      Object.assign(grant.props, { onSchemaObject: { future: { objectTypePlural: "TABLES" } } }),
    says: /grants on all or future objects/,
  },
  {
    policy: sharing.grantsAreNarrow,
    change: "everybody, in lower case",
    mutate: ({ grant }) => Object.assign(grant.props, { accountRoleName: "public" }),
    says: /goes to PUBLIC, whom every account has/,
  },
  {
    policy: sharing.rolesStaySmall,
    change: "an administrator's role given away, quoted",
    mutate: ({ member }) => Object.assign(member.props, { roleName: '"ACCOUNTADMIN"' }),
    says: /gives the role ACCOUNTADMIN, and with it the account, away/,
  },
  {
    policy: sharing.rolesStaySmall,
    change: "the loader's role given to everybody",
    mutate: ({ member }) => Object.assign(member.props, { parentRoleName: "Public" }),
    says: /to PUBLIC, which is everybody/,
  },
  {
    policy: sharing.sharesToKnownAccounts,
    change: "a share to an account that nobody configured",
    mutate: ({ opening }) => opening.props.accounts.push('"STRANGER"."ACCOUNT"'),
    says: /^gridworks-accounts: opens the share to ""STRANGER"\."ACCOUNT"", which no configuration names \(known: PARTNERCO\.ANALYTICS\)/,
  },
  {
    policy: sharing.sharesToKnownAccounts,
    change: "a share that is made for an account that nobody configured",
    mutate: ({ share }) => Object.assign(share.props, { accounts: ["STRANGER.ACCOUNT"] }),
    says: /^gridworks: opens the share to "STRANGER\.ACCOUNT"/,
  },
];

const harmless: Harmless[] = [
  {
    policy: sharing.grantsAreNarrow,
    change: "a privilege that the settings allow",
    mutate: ({ grant }) => Object.assign(grant.props, { privileges: ["references"] }),
    settings: { privileges: ["REFERENCES"] },
  },
  {
    policy: sharing.sharesToKnownAccounts,
    change: "the configured account, quoted and in lower case",
    mutate: ({ opening }) => Object.assign(opening.props, { accounts: ['"partnerco"."analytics"'] }),
  },
  {
    policy: sharing.sharesToKnownAccounts,
    change: "an account of before that a share was made with, and that is ignored",
    mutate: ({ share }) =>
      Object.assign(share, {
        ignoreChanges: ["accounts"],
        props: { ...share.props, accounts: ["OLD.ACCOUNT"] },
      }),
  },
];

describe("sharing", () => testDomain(sharing, mutations, harmless));
