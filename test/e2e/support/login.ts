/** Logins with rights of their own, in the owner's accounts. */
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  type IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import type { PartyName, Project, Variables } from "./project.ts";

export interface Login {
  readonly accessKeyId: string;
  readonly env: Variables;
}

/** What one may do. */
export interface Allowed {
  /** SQL of an account administrator, which makes one user with one role, with the blank for the public key. */
  readonly sql: string;
  /** A policy for the user in IAM. */
  readonly policy: string;
}

/** An IAM user and a Snowflake user with these rights and no others. */
export async function login(
  project: Project,
  iam: IAMClient,
  UserName: string,
  { sql, policy }: Allowed,
): Promise<Login> {
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "shipped", PolicyDocument: policy }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return {
    accessKeyId: AccessKey?.AccessKeyId ?? "",
    env: {
      AWS_ACCESS_KEY_ID: AccessKey?.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey,
      ...(await snowflakeLogin(project, "owner", sql)),
    },
  };
}

/** A user with these rights and no others in a party's Snowflake account, as variables. */
export async function snowflakeLogin(project: Project, party: PartyName, sql: string): Promise<Variables> {
  const made = withKeyPair(sql);
  await project.script(party, made.sql);
  return made.env;
}

/** SQL that makes a user, with a public key in its blank, and the variables for that user's login. */
export function withKeyPair(sql: string): { sql: string; env: Variables } {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const [, role, user] = /GRANT ROLE (\w+) TO USER (\w+);/.exec(sql) ?? [];
  return {
    sql: sql.replace("<public key>", publicKey.replace(/-----[^-]+-----|\n/g, "")),
    env: {
      SNOWFLAKE_USER: user,
      SNOWFLAKE_ROLE: role,
      SNOWFLAKE_AUTHENTICATOR: "SNOWFLAKE_JWT",
      SNOWFLAKE_PRIVATE_KEY: privateKey,
      SNOWFLAKE_PASSWORD: undefined,
    },
  };
}

interface Grant {
  privilege: string;
  on: { type: string };
  to: { name: string };
  used?: true;
}

/** Privileges of a role, each on a kind of object, that have decided nothing. */
export async function unusedGrants(project: Project, role: string): Promise<string[]> {
  // The catalog is written down with each change of it.
  await project.sql("owner", "CREATE OR REPLACE ROLE WRITES_THE_CATALOG_DOWN");
  const catalog = readFileSync(join(project.sandbox.dir, "snowflake", "catalog.json"), "utf8");
  const { accounts } = JSON.parse(catalog) as { accounts: { $map: [string, { grants: Grant[] }][] } };
  const own = accounts.$map.flatMap(([, account]) => account.grants).filter(({ to }) => to.name === role);
  const named = (some: Grant[]) => new Set(some.map(({ privilege, on }) => `${privilege} ON ${on.type}`));
  const used = named(own.filter((grant) => grant.used));
  return [...named(own)].filter((one) => !used.has(one));
}

/** What AWS was asked for under a key: the actions that it allowed and those that it refused, of resources with these words. */
export function asked(project: Project, { accessKeyId }: Login, words = "") {
  const lines = readFileSync(join(project.sandbox.dir, "aws", "asked"), "utf8")
    .trim()
    .split("\n");
  const all = lines.map(
    (line) => JSON.parse(line) as { key: string; action: string; resource: string; allowed: boolean },
  );
  const own = all.filter(
    ({ key, action, resource }) =>
      key === accessKeyId && action !== "sts:GetCallerIdentity" && resource.includes(words),
  );
  const named = (allowed: boolean) => [
    ...new Set(own.filter((one) => one.allowed === allowed).map(({ action }) => action)),
  ];
  return { allowed: named(true).sort(), refused: named(false).sort() };
}
