/** Logins with a key pair: the Snowflake provider and the load's driver take the same settings, in the same forms. */
import { execFileSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { readConnection } from "../../components/snowflake/connection.ts";
import { openSession } from "../../components/snowflake/session.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";

jest.setTimeout(300_000);

const PASSPHRASE = "open, sesame";
const folder = mkdtempSync(join(tmpdir(), "flux-logins-"));
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ dir: join(folder, ".sandbox"), dependent: true });
  mkdirSync(join(folder, "program"));
  symlinkSync(resolve(__dirname, "../../node_modules"), join(folder, "program", "node_modules"));
  const files = {
    "package.json": JSON.stringify({
      name: "logins",
      type: "module",
      main: "index.ts",
      dependencies: { "@pulumi/snowflake": "*" },
    }),
    "Pulumi.yaml": stringify({
      name: "logins",
      main: "index.ts",
      runtime: { name: "nodejs", options: { typescript: false } },
    }),
    "index.ts":
      'import * as snowflake from "@pulumi/snowflake";\nimport * as pulumi from "@pulumi/pulumi";\n' +
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of the program's
      'export const { name } = new snowflake.AccountRole("role", { name: `MADE_BY_${pulumi.getStack().toUpperCase()}` });\n' +
      "const what = { accountRoleName: name, privileges: ['MONITOR USAGE'], onAccount: true };\n" +
      'new snowflake.GrantPrivilegesToAccountRole("metering", what);\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, "program", name), text);
});
afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The settings of a login with the owner's key, as a stack's config has them. */
function settings(privateKey: string, more: Record<string, string> = {}): Record<string, string> {
  const { organization, account, user, role } = sandbox.accounts.owner.snowflake;
  return {
    "snowflake:organizationName": organization,
    "snowflake:accountName": account,
    "snowflake:user": user,
    "snowflake:role": role,
    "snowflake:authenticator": "SNOWFLAKE_JWT",
    "snowflake:privateKey": privateKey,
    ...more,
  };
}

/** The environment without a password: the provider takes none beside a key. */
function environment(): Record<string, string> {
  const { SNOWFLAKE_PASSWORD: _, ...env } = sandbox.env;
  return env;
}

const pulumi = (stack: string, ...args: string[]) =>
  execFileSync("pulumi", [...args, "--stack", stack, "--non-interactive", "--color", "never"], {
    cwd: join(folder, "program"),
    env: environment(),
    encoding: "utf8",
    stdio: "pipe",
    timeout: 200_000,
  });

/** Whether the provider can make a role with the settings: what the engine printed if not. */
function failureOfProvider(stack: string, config: Record<string, string>): string | undefined {
  writeFileSync(join(folder, "program", `Pulumi.${stack}.yaml`), stringify({ config }));
  pulumi(stack, "stack", "init");
  try {
    pulumi(stack, "up", "--yes", "--skip-preview");
    return undefined;
  } catch (error) {
    return String((error as { stdout: string }).stdout);
  }
}

/** What the load's driver is answered. */
async function rowsOfDriver(config: Record<string, string>, sql: string) {
  const session = await openSession(
    readConnection((key) => config[key], environment()),
    { tag: "test", setup: [] },
  );
  try {
    return await session.rows(sql);
  } finally {
    await session.close();
  }
}

const userOfDriver = (config: Record<string, string>) =>
  rowsOfDriver(config, "SELECT CURRENT_USER() AS NAME");

const ownKey = () => readFileSync(sandbox.accounts.owner.snowflake.privateKeyPath, "utf8");
const encrypted = () =>
  createPrivateKey(ownKey())
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: PASSPHRASE })
    .toString();

test("a private key logs the provider and the driver in", async () => {
  const config = settings(ownKey());
  expect(failureOfProvider("plain", config)).toBeUndefined();
  expect(await userOfDriver(config)).toEqual([{ NAME: "DEPLOYER" }]);
});

test("the provider grants the right to see the metering, finds it again, and takes it away", async () => {
  const granted = () => rowsOfDriver(settings(ownKey()), "SHOW GRANTS ON ACCOUNT");
  const grant = { privilege: "MONITOR USAGE", granted_on: "ACCOUNT", grantee_name: "MADE_BY_PLAIN" };
  expect(await granted()).toContainEqual(expect.objectContaining(grant));
  const args = ["--yes", "--skip-preview"];
  pulumi("plain", "refresh", ...args, "--expect-no-changes");
  pulumi("plain", "destroy", ...args);
  expect(await granted()).not.toContainEqual(expect.objectContaining(grant));
});

test("an encrypted private key with its passphrase logs the provider and the driver in", async () => {
  const config = settings(encrypted(), { "snowflake:privateKeyPassphrase": PASSPHRASE });
  expect(failureOfProvider("encrypted", config)).toBeUndefined();
  expect(await userOfDriver(config)).toEqual([{ NAME: "DEPLOYER" }]);
});

test("a private key whose line breaks are \\n logs the driver in, while the provider says that it is no PEM", async () => {
  const config = settings(ownKey().replaceAll("\n", "\\n"));
  expect(failureOfProvider("escaped", config)).toContain("key is not in PEM format");
  expect(await userOfDriver(config)).toEqual([{ NAME: "DEPLOYER" }]);
});

test("the key of somebody else logs in neither", async () => {
  const config = settings(readFileSync(sandbox.accounts.stranger.snowflake.privateKeyPath, "utf8"));
  expect(failureOfProvider("stranger", config)).toContain("390144 (08004): JWT token is invalid");
  await expect(userOfDriver(config)).rejects.toThrow("JWT token is invalid");
});
