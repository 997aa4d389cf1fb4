import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { type Aws, awsPidFile } from "./aws/ministack.ts";
import type { Accounts, PartyName } from "./parties.ts";
import { node, privateFolder, root, tools } from "./paths.ts";
import { snowflakePidFile } from "./snowflake-service.ts";

/** Variables of the user's own shell that would lead a client away from the sandbox. */
const MISLEADING = [
  "AWS_PROFILE",
  "AWS_DEFAULT_PROFILE",
  "AWS_SESSION_TOKEN",
  "AWS_ROLE_ARN",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_ENDPOINT_URL_S3",
  "AWS_ENDPOINT_URL_STS",
  "AWS_ENDPOINT_URL_IAM",
  "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
  "SNOWFLAKE_AUTHENTICATOR",
  "SNOWFLAKE_TOKEN",
  "SNOWFLAKE_PRIVATE_KEY",
  "SNOWFLAKE_PRIVATE_KEY_PATH",
  "SNOWFLAKE_WAREHOUSE",
  "SNOWFLAKE_DATABASE",
  "SNOWFLAKE_SCHEMA",
  "SNOWFLAKE_PROFILE",
  "PULUMI_ACCESS_TOKEN",
  "PULUMI_STACK",
  "PULUMI_CONFIG_PASSPHRASE_FILE",
] as const;

/** Folders that come first in PATH: the engine, then the Node it runs programs with, then the project's commands. */
const path = [tools.bin, dirname(node), join(root, "node_modules", ".bin")].join(delimiter);

/** The sandbox's own variables: what clients of AWS, Snowflake and Pulumi read. */
export function sandboxVariables(
  dir: string,
  aws: Aws,
  snowflakePort: number,
  accounts: Accounts,
): Record<string, string> {
  const { owner } = accounts;
  const { authority } = aws.certificates;
  return {
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: aws.region,
    AWS_DEFAULT_REGION: aws.region,
    AWS_ACCESS_KEY_ID: owner.aws.accessKeyId,
    AWS_SECRET_ACCESS_KEY: owner.aws.secretAccessKey,
    AWS_CONFIG_FILE: join(dir, "aws-profiles"),
    AWS_SHARED_CREDENTIALS_FILE: join(dir, "aws-credentials"),
    AWS_EC2_METADATA_DISABLED: "true",
    // The emulator serves TLS under an authority of its own.
    AWS_CA_BUNDLE: authority,
    NODE_EXTRA_CA_CERTS: authority,
    ...snowflakeVariables(accounts, "owner", snowflakePort),
    // Absent on purpose: without it, clients would merge the user's own ~/.snowflake settings.
    SNOWFLAKE_CONFIG_PATH: join(dir, "snowflake-config"),
    SNOWFLAKE_HOME: join(dir, "snowflake-home"),
    SNOWFLAKE_DEFAULT_CONNECTION_NAME: "owner",
    // Where the Snowflake driver of the provider would otherwise write into the user's own cache.
    SF_TEMPORARY_CREDENTIAL_CACHE_DIR: join(dir, "snowflake-home"),
    // Each engine run starts half a dozen Node processes, which compile the same libraries.
    NODE_COMPILE_CACHE: tools.compileCache,
    PULUMI_HOME: tools.pulumiHome,
    PULUMI_BACKEND_URL: `file://${join(dir, "pulumi-state")}`,
    // Guards nothing but this sandbox; a stack of a real account has a passphrase, or a key service, of its own.
    PULUMI_CONFIG_PASSPHRASE: "sandbox",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

/** The variables by which a Snowflake client logs in as one party. */
export function snowflakeVariables(
  accounts: Accounts,
  party: PartyName,
  port: number,
): Record<`SNOWFLAKE_${string}`, string> {
  const { organization, account, user, password, role } = accounts[party].snowflake;
  return {
    SNOWFLAKE_HOST: "127.0.0.1",
    SNOWFLAKE_PORT: String(port),
    SNOWFLAKE_PROTOCOL: "http",
    SNOWFLAKE_ORGANIZATION_NAME: organization,
    SNOWFLAKE_ACCOUNT_NAME: account,
    SNOWFLAKE_ACCOUNT: `${organization}-${account}`,
    SNOWFLAKE_USER: user,
    SNOWFLAKE_PASSWORD: password,
    SNOWFLAKE_ROLE: role,
  };
}

/** Hosts that no proxy of the user's may come between. */
const DIRECT = "127.0.0.1,localhost";

/** The environment of a process that works on the sandbox: this process's own, without what misleads, plus `variables`. */
export function processEnvironment(variables: Record<string, string>): Record<string, string> {
  const own = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !(MISLEADING as readonly string[]).includes(entry[0]),
  );
  return {
    ...Object.fromEntries(own),
    ...variables,
    ...Object.fromEntries(
      ["NO_PROXY", "no_proxy"].map((name) => [name, [DIRECT, process.env[name]].filter(Boolean).join(",")]),
    ),
    PATH: `${path}${delimiter}${process.env.PATH ?? ""}`,
  };
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Writes `env.sh`, to be sourced by a POSIX shell, and the AWS profiles owner, partner and stranger. */
export function writeEnvironment(
  dir: string,
  variables: Record<string, string>,
  aws: Aws,
  accounts: Accounts,
): void {
  privateFolder(dir);
  mkdirSync(join(dir, "pulumi-state"), { recursive: true });
  mkdirSync(join(dir, "snowflake-home"), { recursive: true });
  const profiles = Object.entries(accounts).map(([name, { aws: user }]) => ({ name, user }));
  const config = [
    `[default]\nregion = ${aws.region}`,
    ...profiles.map(({ name }) => `[profile ${name}]\nregion = ${aws.region}`),
  ];
  const credentials = profiles.map(
    ({ name, user }) =>
      `[${name}]\naws_access_key_id = ${user.accessKeyId}\naws_secret_access_key = ${user.secretAccessKey}`,
  );
  const mode = 0o600;
  writeFileSync(join(dir, "aws-profiles"), `${config.join("\n\n")}\n`, { mode });
  writeFileSync(join(dir, "aws-credentials"), `${credentials.join("\n\n")}\n`, { mode });
  writeFileSync(join(dir, "snowflake-home", "connections.toml"), connections(variables, accounts), { mode });
  const lines = [
    "# Points clients of AWS, Snowflake and Pulumi at the sandbox. Source it: . .sandbox/env.sh",
    `unset ${MISLEADING.join(" ")}`,
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`),
    ...["NO_PROXY", "no_proxy"].map(
      (name) =>
        `case "\${${name}-}" in ${DIRECT}*) ;; *) export ${name}=${DIRECT}"\${${name}:+,$${name}}" ;; esac`,
    ),
    `case "\${PATH-}" in ${quote(path)}:*) ;; *) export PATH=${quote(path)}"\${PATH:+:$PATH}" ;; esac`,
    // In a subshell, so that nothing is left in the shell that sources this; a pid file need not end its line.
    `( for file in ${[awsPidFile(join(dir, "aws")), snowflakePidFile(join(dir, "snowflake"))].map(quote).join(" ")}; do`,
    `  { read -r pid < "$file" || test -n "$pid"; } && pid=\${pid#*'"pid":'} && kill -0 "\${pid%%,*}" || exit 1`,
    `done ) 2> /dev/null || echo 'The sandbox is not running: "make up" starts it.' >&2`,
  ];
  writeFileSync(join(dir, "env.sh"), `${lines.join("\n")}\n`, { mode });
}

/** Named connections for Snowflake's Python connector and command line: owner, partner and stranger. */
function connections({ SNOWFLAKE_PORT }: Record<string, string>, accounts: Accounts): string {
  return (Object.keys(accounts) as PartyName[])
    .map((name) => {
      const variables = snowflakeVariables(accounts, name, Number(SNOWFLAKE_PORT));
      const settings = ["ACCOUNT", "USER", "PASSWORD", "ROLE", "HOST", "PROTOCOL"] as const;
      const lines = settings.map(
        (key) => `${key.toLowerCase()} = ${JSON.stringify(variables[`SNOWFLAKE_${key}`])}`,
      );
      return `[${name}]\n${lines.join("\n")}\nport = ${SNOWFLAKE_PORT}\n`;
    })
    .join("\n");
}
