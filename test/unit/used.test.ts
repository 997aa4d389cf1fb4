import { generateKeyPairSync } from "node:crypto";
import { handOverRefusal } from "../../components/existing/hand-over.ts";
import { lookAtUsed, type Used } from "../../components/existing/look.ts";
import { rightsOf } from "../../components/existing/rights.ts";
import { accountNames } from "../../config/default-names.ts";
import { usedBy } from "../../config/used.ts";
import { deployerSql, partnerSql } from "../../preflight/rights/snowflake.ts";
import { localSnowflake } from "./support/local-snowflake.ts";

const snowflake = localSnowflake([]);

/** A session after these statements of an account administrator, separated by semicolons. */
async function after(statements: string) {
  const session = snowflake();
  const bare = statements.replaceAll(/^--.*$/gm, "");
  for (const sql of bare.split(/;\s*/).filter((text) => text.trim() !== "")) await session.rows(sql);
  return session;
}

const integration = (name: string, enabled: boolean, allowed: string, blocked = "") => `
  CREATE STORAGE INTEGRATION ${name} TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = ${enabled}
    STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::111111111111:role/theirs' STORAGE_ALLOWED_LOCATIONS = (${allowed})
    ${blocked && `STORAGE_BLOCKED_LOCATIONS = (${blocked})`};`;

const loader = { name: "LOADER", existing: false };

test("a role has what it owns, what it was given, and what the roles below it have", async () => {
  const session = await after(`
    CREATE ROLE TOP; CREATE ROLE MIDDLE; CREATE ROLE "below"; CREATE ROLE LONE;
    GRANT ROLE MIDDLE TO ROLE TOP; GRANT ROLE "below" TO ROLE MIDDLE;
    CREATE DATABASE D; CREATE SCHEMA D."odd one";
    GRANT USAGE ON DATABASE D TO ROLE TOP; GRANT USAGE ON DATABASE D TO ROLE LONE;
    GRANT OWNERSHIP ON SCHEMA D."odd one" TO ROLE "below";
    GRANT MANAGE GRANTS ON ACCOUNT TO ROLE "below";`);
  const rights = await rightsOf(session, "TOP");
  expect([...rights.roles]).toEqual(["TOP", "MIDDLE", "below"]);
  expect(rights.may("USAGE", "DATABASE", ["D"])).toBe(true);
  expect(rights.may("CREATE SCHEMA", "DATABASE", ["D"])).toBe(false);
  expect(rights.may("CREATE TABLE", "SCHEMA", ["D", "odd one"])).toBe(true);
  expect(rights.mayGrant("USAGE", "WAREHOUSE", ["W"])).toBe(true);
  expect((await rightsOf(session, "LONE")).mayGrant("USAGE", "DATABASE", ["D"])).toBe(false);
});

test("nothing is missing where everything is there", async () => {
  const session = await after(`
    CREATE ROLE OWNER; CREATE DATABASE OWNED; CREATE SCHEMA OWNED.S; CREATE WAREHOUSE OWNED;
    ${integration("OWNED", true, "'s3://other/','s3://bkt/raw/'")}
    GRANT OWNERSHIP ON SCHEMA OWNED.S TO ROLE OWNER; GRANT OWNERSHIP ON DATABASE OWNED TO ROLE OWNER;
    GRANT OWNERSHIP ON WAREHOUSE OWNED TO ROLE OWNER; GRANT USAGE ON INTEGRATION OWNED TO ROLE OWNER;`);
  const used: Used = {
    deployer: "OWNER",
    loader,
    database: "OWNED",
    schema: "S",
    warehouse: "OWNED",
    integration: { name: "OWNED", url: "s3://bkt/raw/ami/" },
  };
  expect(await lookAtUsed(session, used)).toEqual({
    integration: {
      name: "OWNED",
      roleArn: "arn:aws:iam::111111111111:role/theirs",
      iamUserArn: "arn:aws:iam::999999999999:user/fx10001-s-ext",
      createdOn: expect.any(String),
    },
    warehouseSize: "XSMALL",
    faults: [],
  });
});

test.each([true, false])(
  "the SQL for who deploys gives what is needed of objects that were there (the load's role was there: %p)",
  async (useRole) => {
    const environment = useRole ? "prod" : "stage";
    const names = {
      ...accountNames(environment, "111111111111"),
      environment,
      partition: "aws",
      prefix: "raw/ami/",
      schemaName: "METERS",
      stageName: "EXT_RAW_AMI",
      fileFormatName: "PARQUET_SNAPPY",
      metersTableKind: "table",
      useDatabase: true,
      useSchema: true,
      useWarehouse: true,
      useIntegration: true,
      useRole,
    } as const;
    const sql = deployerSql(names);
    const { publicKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const session = await after(`
      CREATE DATABASE ${names.databaseName}; CREATE SCHEMA ${names.databaseName}.METERS;
      CREATE WAREHOUSE ${names.warehouseName}; ${integration(names.integrationName, true, "'*'")}
      ${useRole ? `CREATE ROLE ${names.loaderRoleName};` : ""}
      ${sql.replace("<public key>", publicKey)}`);
    const deployerRoleName = `FLUX_${environment.toUpperCase()}_DEPLOYER`;
    expect((await lookAtUsed(session, usedBy({ ...names, deployerRoleName }))).faults).toEqual([]);
    expect(sql.includes("CREATE ROLE ON ACCOUNT")).toBe(!useRole);
    expect(sql).not.toContain("MONITOR USAGE");
    expect(deployerSql({ ...names, meterCredits: true })).toContain(
      `GRANT MONITOR USAGE ON ACCOUNT TO ROLE ${deployerRoleName} WITH GRANT OPTION;`,
    );
    const within = `${names.databaseName}.METERS`;
    await after(`${partnerSql(names)}
      USE ROLE ${deployerRoleName}; USE SECONDARY ROLES NONE;
      CREATE TABLE ${within}.READINGS (KWH FLOAT); CREATE SHARE ${environment};
      GRANT USAGE ON DATABASE ${names.databaseName} TO SHARE ${environment}; GRANT USAGE ON SCHEMA ${within} TO SHARE ${environment};
      GRANT SELECT ON TABLE ${within}.READINGS TO SHARE ${environment};
      ALTER SHARE ${environment} ADD ACCOUNTS = PARTNERCO.ANALYTICS;`);
  },
);

test("all that is missing is named at once, with cures", async () => {
  const session = await after(`
    CREATE ROLE NEWCOMER; CREATE DATABASE THEIRS; GRANT USAGE ON DATABASE THEIRS TO ROLE NEWCOMER;
    ${integration("THEIRS", false, "'s3://bkt/raw/am/'", "'s3://bkt/raw/'")}`);
  const used: Used = {
    deployer: "NEWCOMER",
    loader,
    database: "THEIRS",
    warehouse: "NONE",
    integration: { name: "THEIRS", url: "s3://bkt/raw/ami/" },
  };
  expect((await lookAtUsed(session, used)).faults).toEqual([
    'role NEWCOMER lacks CREATE SCHEMA on database THEIRS; cure: GRANT CREATE SCHEMA ON DATABASE "THEIRS" TO ROLE "NEWCOMER";',
    expect.stringMatching(
      /^role NEWCOMER may not give USAGE on database THEIRS to role LOADER.*set flux-ami:useRole to true$/,
    ),
    expect.stringMatching(/^there is no warehouse NONE, or role NEWCOMER may not see it/),
    expect.stringMatching(/^storage integration THEIRS is not enabled/),
    expect.stringMatching(
      /^storage integration THEIRS does not allow s3:\/\/bkt\/raw\/ami\/ \(it allows s3:\/\/bkt\/raw\/am\/\)/,
    ),
    expect.stringMatching(/^storage integration THEIRS blocks s3:\/\/bkt\/raw\/ami\//),
    expect.stringMatching(/^role NEWCOMER lacks USAGE on integration THEIRS/),
  ]);
});

test("a schema with managed access is of use to its owner, and to who manages grants", async () => {
  const session = await after(`
    CREATE DATABASE GUARDED; CREATE SCHEMA GUARDED.S WITH MANAGED ACCESS; CREATE WAREHOUSE GUARDED;`);
  const faultsOf = async (deployer: string, rights: string) => {
    await after(`CREATE ROLE ${deployer}; GRANT USAGE ON DATABASE GUARDED TO ROLE ${deployer} WITH GRANT OPTION;
      GRANT ALL ON SCHEMA GUARDED.S TO ROLE ${deployer} WITH GRANT OPTION; ${rights}`);
    return (await lookAtUsed(session, { deployer, loader, database: "GUARDED", schema: "S" })).faults;
  };
  expect(await faultsOf("GUEST", "")).toEqual([
    expect.stringMatching(/^schema GUARDED\.S has managed access: role GUEST .*cure: have its owner run/),
  ]);
  expect(await faultsOf("GIVER", "GRANT MANAGE GRANTS ON ACCOUNT TO ROLE GIVER;")).toEqual([]);
  expect(
    await faultsOf("HOLDER", "GRANT OWNERSHIP ON SCHEMA GUARDED.S TO ROLE HOLDER COPY CURRENT GRANTS;"),
  ).toEqual([]);
  await after(`ALTER SCHEMA "GUARDED"."S" DISABLE MANAGED ACCESS;`);
  expect(await faultsOf("OTHER", "")).toEqual([]);
});

describe("what the stack made and is told to use", () => {
  const urn = (type: string, name: string) => `urn:pulumi:prod::flux-ami::${type}::${name}`;
  const held = (type: string, name: string, more: object = {}) => ({
    urn: urn(type, name),
    type,
    inputs: type.includes("bucket") ? { bucket: name } : { name },
    ...more,
  });
  const DATABASE = "snowflake:index/database:Database";
  const BUCKET = "aws:s3/bucket:Bucket";
  const refusal = (state: ReturnType<typeof held>[], used: Partial<Used>) =>
    handOverRefusal("prod", state, { deployer: "BUILDER", loader, ...used });

  test("is not dropped: the refusal says how it is kept, and how it is handed over", () => {
    const state = [held(DATABASE, "FLUX_PROD"), held(BUCKET, "raw")];
    expect(refusal(state, { database: "FLUX_PROD", bucket: "raw" })).toBe(
      [
        "the stack made what it is now told to use, and would drop it or let go of it; nothing was changed",
        "  the database FLUX_PROD (flux-ami:useDatabase)",
        "  the bucket raw (flux-ami:useBucket)",
        "to keep it the stack's:",
        "  pulumi config set -s prod flux-ami:useDatabase false",
        "  pulumi config set -s prod flux-ami:useBucket false",
        "to hand it over with all that is in it, while no load is at work (the state forgets it; rows and accounting stay):",
        `  pulumi state delete -s prod '${urn(DATABASE, "FLUX_PROD")}' --target-dependents --force --yes`,
        `  pulumi state delete -s prod '${urn(BUCKET, "raw")}' --target-dependents --force --yes`,
        "  make import STACK=prod",
        "  pulumi up -s prod",
      ].join("\n"),
    );
  });

  test.each([
    ["what is only read", [held(DATABASE, "D", { external: true })], { database: "D" }],
    ["another name", [held(DATABASE, "OTHER")], { database: "D" }],
    ["what the stack goes on making", [held(DATABASE, "D"), held(BUCKET, "raw")], {}],
    ["another bucket", [held(BUCKET, "raw")], { bucket: "other" }],
    ["a bucket that stays", [held(BUCKET, "raw", { retainOnDelete: true })], { bucket: "raw" }],
  ] as const)("%s is no reason", (_what, state, used) => {
    expect(refusal([...state], used)).toBeUndefined();
  });
});
