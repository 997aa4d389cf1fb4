import * as statements from "../../policies/statements.ts";
import { type Harmless, type Mutation, testDomain } from "./mutations.ts";

const { executesOnlyKnownStatements, stageIsRelinked } = statements;
const PIN = `ALTER STORAGE INTEGRATION "I" SET STORAGE_AWS_EXTERNAL_ID = 'flux-7f3c9a1e5b2d4860'`;
const runs = (execute: string) => `${JSON.stringify(execute).slice(0, 40)}…`;

const hostile = [
  "SELECT ';'; /* harmless */ grant ownership on table T to role R",
  `ALTER STORAGE INTEGRATION "I" SET storage_allowed_locations = ('*')`,
  `${PIN}; DROP DATABASE D`,
  `${PIN} STORAGE_ALLOWED_LOCATIONS = ('*')`,
  `${PIN} -- of x\nGRANT ROLE R TO USER U`,
  `${PIN} -- of x\rGRANT ROLE R TO USER U`,
  `${PIN} /* a */`,
  `${PIN} ->> GRANT ROLE R TO USER U`,
  `SELECT SYSTEM$WAIT(1)`,
  `SELECT 1 -- of x`,
  `select 1; drop table t`,
  `EXECUTE IMMEDIATE 'DROP TABLE T'`,
  `CALL P()`,
  `SHOW GRANTS ->> INSERT INTO T SELECT * FROM $1`,
  `ALTER STAGE "D"."S"."T" SET URL = 's3://other/'`,
  `ALTER STAGE "D"."S"."T" SET STORAGE_INTEGRATION = "I" URL = 's3://other/'`,
  `ALTER STAGE D.S.T SET STORAGE_INTEGRATION = "I"`,
  "",
];

const mutations: Mutation[] = [
  ...hostile.map((execute) => ({
    policy: executesOnlyKnownStatements,
    change: runs(execute),
    mutate: ({ pin }: Parameters<Mutation["mutate"]>[0]) => Object.assign(pin.props, { execute }),
    says: /^trust-pinned-external-id: execute runs ".*Use the resource made for it/,
  })),
  {
    policy: executesOnlyKnownStatements,
    change: "an external ID of one character",
    mutate: ({ pin }) => Object.assign(pin.props, { execute: PIN.replace(/flux-\w+/, "a".repeat(20)) }),
    says: /execute pins an external ID that is made of 1 different character/,
  },
  {
    policy: executesOnlyKnownStatements,
    change: "a query at every refresh",
    mutate: ({ pin }) => Object.assign(pin.props, { query: "CALL P()" }),
    says: /query runs "CALL P\(\)/,
  },
  {
    policy: stageIsRelinked,
    change: "a stage that nothing re-links",
    mutate: ({ relink }) => Object.assign(relink.props, { execute: "SELECT 1" }),
    says: /^stage: nothing re-links this stage when its integration is replaced \(error 003139 then\)/,
  },
  {
    policy: stageIsRelinked,
    change: "a re-link that does not hang on the integration",
    mutate: ({ relink }) => Object.assign(relink, { from: {} }),
    says: /nothing re-links this stage/,
  },
];

const harmless: Harmless[] = [
  {
    policy: executesOnlyKnownStatements,
    change: "a name that reads like a statement, quoted",
    mutate: ({ pin }) => Object.assign(pin.props, { execute: PIN.replace('"I"', '"A; GRANT ""X"" -- B"') }),
  },
];

describe("statements", () =>
  testDomain({ executesOnlyKnownStatements, stageIsRelinked }, mutations, harmless));
