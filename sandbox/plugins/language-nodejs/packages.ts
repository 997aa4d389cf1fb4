import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The parts of a package.json that the language host reads. */
interface PackageJson {
  version?: string;
  dependencies?: Record<string, string>;
  /** What a Pulumi SDK package says of the provider plugin behind it. */
  pulumi?: { resource?: boolean; name?: string; version?: string };
}

const read = (directory: string): PackageJson =>
  JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));

/** Name and wanted version of each direct dependency of the program in `root`. */
export const dependenciesOf = (root: string): [string, string][] =>
  Object.entries(read(root).dependencies ?? {});

/** The provider plugins that the dependencies of the program in `root` need, with their exact versions. */
export function requiredPackages(root: string): { name: string; version: string }[] {
  return dependenciesOf(root)
    .filter(([name]) => name.includes("pulumi"))
    .flatMap(([name]) => {
      const { pulumi, version } = read(folderOf(name, root));
      return pulumi?.resource && pulumi.name
        ? [{ name: pulumi.name, version: pulumi.version ?? version ?? "" }]
        : [];
    });
}

/** Where package `name` is installed for the program in `root`. */
function folderOf(name: string, root: string): string {
  const entry = createRequire(join(root, "package.json")).resolve(name);
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    if (folder.endsWith(join("node_modules", name))) return folder;
  }
  throw new Error(`package ${name}, installed at ${entry}, has no folder of its own under node_modules`);
}
