import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureUser, type IamUser } from "./aws/identities.ts";
import type { Aws } from "./aws/ministack.ts";

/** Who takes part: the stack's owner, a partner who is let in, and a stranger who must not be. */
export const parties = {
  owner: {
    aws: { accountId: "111111111111", userName: "deployer" },
    snowflake: { organization: "FLUX", account: "OPERATIONS", locator: "FX10001", user: "DEPLOYER" },
  },
  partner: {
    aws: { accountId: "222222222222", userName: "analyst" },
    snowflake: { organization: "PARTNERCO", account: "ANALYTICS", locator: "PC20002", user: "ANALYST" },
  },
  stranger: {
    aws: { accountId: "333333333333", userName: "stranger" },
    snowflake: { organization: "STRANGER", account: "ACCOUNT", locator: "ST30003", user: "STRANGER" },
  },
} as const;

/** The AWS account that is Snowflake's own: its IAM users are the ones that assume customers' roles. */
export const SNOWFLAKE_AWS_ACCOUNT = "999999999999";

/** How to log in to one party's AWS account and Snowflake account. */
export interface Party {
  aws: IamUser;
  snowflake: {
    organization: string;
    account: string;
    user: string;
    password: string;
    role: string;
    /** File with the user's private key (PKCS #8 PEM), for key-pair login. */
    privateKeyPath: string;
  };
}

export type PartyName = keyof typeof parties;
export type Accounts = Record<PartyName, Party>;

const ROLE = "ACCOUNTADMIN";

/** What is kept between starts, for each party. */
interface Secrets {
  aws: IamUser;
  /** The IAM user by which the party's Snowflake account reaches AWS. */
  snowflakeIamUser: IamUser;
  password: string;
}

const names = Object.keys(parties) as PartyName[];

/**
 * Makes the sandbox's accounts: an IAM user for each party, Snowflake's own IAM user for each Snowflake account, and
 * a login for each Snowflake account. Secrets are random, made once, and kept in `dir` for its owner's eyes only.
 * @param snowflakeDir folder of the local Snowflake, whose `accounts.json` is written here
 * @returns the accounts, and whether `accounts.json` is not what it was
 */
export async function prepareAccounts(
  dir: string,
  snowflakeDir: string,
  aws: Aws,
): Promise<{ accounts: Accounts; changed: boolean }> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, "secrets.json");
  const known: Partial<Record<PartyName, Secrets>> = existsSync(file)
    ? JSON.parse(readFileSync(file, "utf8"))
    : {};
  const entries = await Promise.all(
    names.map(async (name): Promise<[PartyName, Secrets]> => {
      const { aws: user, snowflake } = parties[name];
      return [
        name,
        {
          aws: await ensureUser(aws, { ...user, actions: ["*"] }, known[name]?.aws),
          snowflakeIamUser: await ensureUser(
            aws,
            {
              accountId: SNOWFLAKE_AWS_ACCOUNT,
              userName: `${snowflake.locator.toLowerCase()}-s-ext`,
              actions: ["sts:AssumeRole"],
            },
            known[name]?.snowflakeIamUser,
          ),
          password: known[name]?.password ?? randomBytes(18).toString("base64url"),
        },
      ];
    }),
  );
  const secrets = Object.fromEntries(entries) as Record<PartyName, Secrets>;
  writePrivate(file, `${JSON.stringify(secrets, null, 2)}\n`);
  const changed = writeSnowflakeAccounts(snowflakeDir, dir, aws, secrets);

  const accounts = Object.fromEntries(
    names.map((name) => {
      const { organization, account, user } = parties[name].snowflake;
      const { password } = secrets[name];
      const privateKeyPath = keyPath(dir, name);
      const snowflake = { organization, account, user, password, role: ROLE, privateKeyPath };
      return [name, { aws: secrets[name].aws, snowflake }];
    }),
  ) as Accounts;
  return { accounts, changed };
}

/** Writes what the local Snowflake knows of its accounts. Answers whether that is new. */
function writeSnowflakeAccounts(
  snowflakeDir: string,
  dir: string,
  aws: Aws,
  secrets: Record<PartyName, Secrets>,
): boolean {
  mkdirSync(snowflakeDir, { recursive: true });
  return writePrivate(
    join(snowflakeDir, "accounts.json"),
    `${JSON.stringify(
      {
        aws: { endpoint: aws.endpoint, region: aws.region },
        accounts: names.map((name) => {
          const { organization, account, locator, user } = parties[name].snowflake;
          const { arn, accessKeyId, secretAccessKey } = secrets[name].snowflakeIamUser;
          return {
            organization,
            name: account,
            locator,
            region: `AWS_${aws.region.toUpperCase().replaceAll("-", "_")}`,
            users: [
              {
                name: user,
                password: secrets[name].password,
                rsaPublicKey: keyPair(dir, name),
                defaultRole: ROLE,
              },
            ],
            awsIamUser: { arn, accessKeyId, secretAccessKey },
          };
        }),
      },
      null,
      2,
    )}\n`,
  );
}

const keyPath = (dir: string, name: PartyName): string => join(dir, `${name}.p8`);

/** The public key (SPKI PEM) of the party's key pair, which is made the first time. */
function keyPair(dir: string, name: PartyName): string {
  const publicPath = join(dir, `${name}.pub`);
  if (!existsSync(publicPath)) {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    writePrivate(keyPath(dir, name), privateKey);
    writeFileSync(publicPath, publicKey);
  }
  return readFileSync(publicPath, "utf8");
}

/** Writes a file only its owner may read, whole or not at all. Answers whether its text is new. */
function writePrivate(path: string, text: string): boolean {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return false;
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return true;
}
