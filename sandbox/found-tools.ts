/** Tools of the right version that are on the machine already, so that nothing is built that is there. */
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import execa from "execa";
import { tools } from "./paths.ts";

const SECONDS = 1000;

/** The Pulumi CLI of exactly this version ("v3.274.1"), looked for in the folders of a PATH. */
export async function findEngine(
  version: string,
  path = process.env.PATH ?? "",
): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, "pulumi");
    // The sandbox's own one is not one that was there before.
    if (folder === "" || folder === tools.bin || !isExecutable(file)) continue;
    try {
      const { stdout } = await execa(file, ["version"], {
        timeout: 10 * SECONDS,
        env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
      });
      if (stdout.trim() === version) return file;
    } catch {
      // Not one that runs here.
    }
  }
  return undefined;
}

/** A provider plugin of exactly this version ("1.3.0"), among those that Pulumi has installed for this user. */
export function findPlugin(
  name: string,
  version: string,
  homes: readonly string[] = [process.env.PULUMI_HOME ?? "", join(homedir(), ".pulumi")],
): string | undefined {
  return homes
    .filter((home) => home !== "" && home !== tools.pulumiHome)
    .map((home) => join(home, "plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
