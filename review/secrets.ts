import { execFileSync } from "node:child_process";

/** Variables of the environment that hold logins. */
const LOGIN = /PASSWORD|PASSPHRASE|PASSCODE|SECRET|TOKEN|PRIVATE_KEY/;

/**
 * Values that must not be seen: logins in the environment, and every secret of the stack's config. A passphrase that is the
 * stack's name is none, and hiding it would hide what the report is about.
 */
export function secretsOf(
  stack: string,
  project: string,
  environment: NodeJS.ProcessEnv = process.env,
): string[] {
  const logins = Object.entries(environment).flatMap(([name, value]) =>
    value && LOGIN.test(name) ? [value] : [],
  );
  return [...logins, ...configSecrets(stack, project)].filter((value) => value !== stack.split("/").at(-1));
}

interface ConfigValue {
  readonly value?: string;
  readonly objectValue?: unknown;
  readonly secret?: boolean;
}

/** None when the config cannot be decrypted: then nothing that the engine prints can hold one in plain text either. */
function configSecrets(stack: string, project: string): string[] {
  let listed: string;
  try {
    const command = ["config", "--json", "--show-secrets", "--stack", stack, "--non-interactive"];
    listed = execFileSync("pulumi", command, {
      cwd: project,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return [];
  }
  return Object.values(JSON.parse(listed) as Record<string, ConfigValue>).flatMap(
    ({ value, objectValue, secret }) => (secret ? leaves(objectValue ?? value) : []),
  );
}

function leaves(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [];
}
