import { readFileSync } from "node:fs";
import { join } from "node:path";
import { STACK_KINDS } from "../../config/index.ts";
import { type Check, fail, pass } from "../check.ts";

/** The oldest Node that runs this project's TypeScript as it is. */
const NODE = [22, 19] as const;

export const machineChecks: Check[] = [
  {
    id: "machine.system",
    title: "Linux or macOS",
    service: "local",
    beforeUp: true,
    run: async ({ at }) =>
      at.platform === "win32"
        ? fail(
            "this is Windows, which the project's make and its paths do not know",
            "wsl --install   # then work within Linux: clone the project there, not below /mnt/c",
          )
        : pass(at.platform),
    kinds: STACK_KINDS,
  },
  {
    id: "machine.node",
    title: "Node is new enough",
    service: "local",
    kinds: STACK_KINDS,
    run: async ({ at }) => {
      const [major = 0, minor = 0] = at.node.replace(/^v/, "").split(".").map(Number);
      return major > NODE[0] || (major === NODE[0] && minor >= NODE[1])
        ? pass(at.node)
        : fail(
            `this is Node ${at.node}; ${NODE.join(".")} or newer runs the project`,
            `install Node ${NODE.join(".")} or newer from nodejs.org, or by your version manager`,
          );
    },
  },
  {
    id: "machine.packages",
    title: "packages and providers are those of the lockfile",
    service: "local",
    kinds: STACK_KINDS,
    run: async ({ at }) => {
      const { dependencies } = JSON.parse(readFileSync(join(at.folder, "package.json"), "utf8")) as {
        dependencies: Record<string, string>;
      };
      const wrong = Object.entries(dependencies)
        .map(([name, wanted]) => ({ name, wanted, found: installed(at.folder, name) }))
        .filter(({ wanted, found }) => found !== wanted);
      return wrong.length === 0
        ? pass(
            `@pulumi/snowflake ${dependencies["@pulumi/snowflake"]}, @pulumi/aws ${dependencies["@pulumi/aws"]}`,
          )
        : fail(
            wrong
              .map(({ name, wanted, found }) => `${name} is ${found ?? "not installed"}, not ${wanted}`)
              .join("; "),
            "npm ci",
          );
    },
  },
];

function installed(folder: string, name: string): string | undefined {
  try {
    const text = readFileSync(join(folder, "node_modules", name, "package.json"), "utf8");
    return (JSON.parse(text) as { version: string }).version.replace(/^v/, "");
  } catch {
    return undefined;
  }
}
