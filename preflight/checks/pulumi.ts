import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { STACK_KINDS } from "../../config/index.ts";
import { ConfigError } from "../../config/mistakes.ts";
import { advice, type Check, fail, pass, unknown } from "../check.ts";
import type { World } from "../world.ts";

/** The line that says what went wrong, without the word before it. */
const saidBy = (stderr: string) =>
  (
    stderr.split("\n").find((line) => line.startsWith("error:")) ??
    stderr.trim().split("\n")[0] ??
    ""
  ).replace(/^error:\s*/, "");

/** Under another provider the engine throws the file's key away, and with it what its secrets can be read by. */
function secretsProviderOf({ folder, stack }: World["at"]): string {
  const file = join(folder, `Pulumi.${stack.split("/").at(-1)}.yaml`);
  const named = existsSync(file) && parse(readFileSync(file, "utf8"))?.secretsprovider;
  return named || "awskms://alias/<key>?region=<region>";
}

export const pulumiChecks: Check[] = [
  {
    id: "pulumi.cli",
    title: "the Pulumi CLI is there",
    service: "pulumi",
    kinds: STACK_KINDS,
    run: async (world) => {
      const { exitCode, stdout, stderr } = await world.pulumi("version");
      if (exitCode !== 0)
        return stderr.startsWith("ENOENT")
          ? fail("there is no command `pulumi`", "curl -fsSL https://get.pulumi.com | sh")
          : unknown(`\`pulumi version\` failed: ${saidBy(stderr)}`);
      return pass(stdout.trim());
    },
  },
  {
    id: "pulumi.backend",
    title: "a backend keeps the state",
    service: "pulumi",
    needs: ["pulumi.cli"],
    kinds: STACK_KINDS,
    run: async (world) => {
      const { exitCode, stdout, stderr } = await world.backend();
      if (exitCode === 0) return pass(/Backend URL: (.*)/.exec(stdout)?.[1] ?? "logged in");
      return fail(
        `there is no login to a backend: ${saidBy(stderr)}`,
        "pulumi login s3://<bucket for state>   # or `pulumi login` for Pulumi Cloud",
      );
    },
  },
  {
    id: "pulumi.stack",
    title: "the stack is there",
    service: "pulumi",
    needs: ["pulumi.backend"],
    kinds: STACK_KINDS,
    run: async (world) => {
      const { stack } = world.at;
      const { exitCode, stderr } = await world.exported();
      if (exitCode === 0) return pass(stack);
      if (/no stack named/i.test(stderr))
        return fail(
          `the backend has no stack ${stack}`,
          `pulumi stack init ${stack} --secrets-provider '${secretsProviderOf(world.at)}'`,
        );
      return unknown(`\`pulumi stack export\` failed: ${saidBy(stderr)}`);
    },
  },
  {
    id: "pulumi.secrets",
    title: "its secrets can be read",
    service: "pulumi",
    needs: ["pulumi.stack"],
    kinds: STACK_KINDS,
    run: async (world) => {
      const { environment, stack } = world.at;
      const { exitCode, stderr } = await world.decrypted();
      if (exitCode !== 0) {
        const said = saidBy(stderr);
        if (/passphrase/i.test(stderr))
          return fail(
            /must be set/i.test(stderr)
              ? "the stack's secrets are kept under a passphrase, which is not set"
              : `the passphrase does not open the stack's secrets: ${said}`,
            "export PULUMI_CONFIG_PASSPHRASE_FILE=<file with the passphrase>",
          );
        return fail(
          `the stack's secrets cannot be decrypted: ${said}`,
          `ask who owns the key that Pulumi.${stack}.yaml names as secretsprovider for kms:Decrypt on it`,
        );
      }
      const byPassphrase =
        environment.PULUMI_CONFIG_PASSPHRASE !== undefined || environment.PULUMI_CONFIG_PASSPHRASE_FILE;
      return pass(byPassphrase ? "decrypted; a passphrase is set" : "decrypted");
    },
  },
];

export const configChecks: Check[] = [
  {
    id: "config.valid",
    title: "the stack's config is right",
    service: "pulumi",
    needs: ["pulumi.secrets"],
    kinds: STACK_KINDS,
    run: async (world) => {
      try {
        const { kind } = await world.config();
        return pass(kind);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        const [first, ...others] = error.mistakes;
        const text = error.message.split("\n").slice(1).join("\n");
        return fail(
          others.length === 0 ? text.trim() : `${error.mistakes.length} mistakes:\n${text}`,
          first?.cure ?? "",
        );
      }
    },
  },
  {
    id: "config.file",
    title: "the stack's file is beside the program",
    service: "local",
    needs: ["pulumi.stack"],
    essential: false,
    kinds: STACK_KINDS,
    run: async ({ at: { folder, stack } }) => {
      const name = `Pulumi.${stack.split("/").at(-1)}.yaml`;
      return readdirSync(folder).includes(name)
        ? pass(name)
        : advice(`there is no ${name} in ${join(folder)}`, `cp Pulumi.dev.yaml ${name}   # and edit it`);
    },
  },
];
