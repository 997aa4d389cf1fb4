/**
 * What code of a checkout imports, wherever it lies: what the program imports is no test, whatever its folder is called. The
 * bundler that packs the report's script reads the imports; nothing of the checkout is run.
 */
import { readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { buildSync, type Metafile } from "esbuild";
import { filesIn, isCode } from "./checkout.ts";

const CODE = /\.[cm]?[jt]sx?$/;

/** Whether a path of the checkout is reached. */
export type Reached = (path: string) => boolean;

/**
 * For any of these files: what they import and what that imports, they among it. What no parser can follow reaches
 * everything: an import that is not there, a file in another language.
 */
export function importsOf(project: string, files: readonly string[]): (from: RegExp) => Reached {
  const root = realpathSync(project);
  const code = files.filter((file) => CODE.test(file));
  const inputs = parsed(root, code);
  if (inputs === undefined) return () => () => true;
  const startingLike = (importer: string, pattern: string) => {
    // As `join` keeps a slash at the end, a folder stays one.
    const start = join(dirname(importer), pattern.replace(/\*.*/, ""));
    return Object.keys(inputs).filter((file) => file.startsWith(start));
  };
  return (from) => {
    const found = new Set<string>();
    const folders = new Set<string>();
    const follow = (path: string) => {
      if (found.has(path)) return;
      found.add(path);
      for (const { path: to, external } of inputs[path]?.imports ?? []) {
        if (!external) follow(to);
        // A name that is put together when it runs: all that it may be.
        else if (to.startsWith(".")) for (const file of startingLike(path, to)) follow(file);
        // A package may be a folder of the checkout: a workspace, a link, the project itself by its name.
        else for (const folder of folderOf(root, to)) folders.add(folder);
      }
    };
    // A link's target is what is parsed.
    for (const file of code) if (from.test(file)) follow(relative(root, realpathSync(join(root, file))));
    const below = (path: string, folder: string) => folder === "" || path.startsWith(`${folder}/`);
    return (path) => {
      // Node takes the packages, and what a package.json says, that lie nearest.
      const [beside] = /^.*?(?=\/node_modules\/|\/package\.json$)/.exec(path) ?? [];
      return (
        found.has(path) ||
        [...folders].some((folder) => below(path, folder)) ||
        (beside !== undefined && [...found].some((file) => below(file, beside)))
      );
    };
  };
}

/** What program, pack and review of a checkout import. */
export const reachedIn = (project: string): Reached =>
  importsOf(project, filesIn(project).filter(isCode))(/^/);

function parsed(project: string, files: readonly string[]): Metafile["inputs"] | undefined {
  const contents = files.map((file) => `import ${JSON.stringify(`./${file}`)};`).join("\n");
  try {
    const { metafile } = buildSync({
      absWorkingDir: project,
      stdin: { contents, resolveDir: project },
      bundle: true,
      packages: "external",
      platform: "node",
      format: "esm",
      // Node leaves out types alone: what looks unused runs all the same.
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
      ignoreAnnotations: true,
      jsx: "automatic",
      metafile: true,
      write: false,
      logLevel: "silent",
    });
    return metafile.inputs;
  } catch {
    return undefined;
  }
}

/** The folder of the checkout that a package's import leads to; none for what is fetched, or Node's own. */
function folderOf(project: string, path: string): string[] {
  if (path.startsWith("file:")) return [""];
  const name = path
    .split("/")
    .slice(0, path.startsWith("@") ? 2 : 1)
    .join("/");
  try {
    const { name: own } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
      name?: string;
    };
    if (own === name) return [""];
    const inside = relative(project, realpathSync(join(project, "node_modules", name)));
    return /^\.\.(\/|$)|(^|\/)node_modules(\/|$)/.test(inside.replaceAll(sep, "/")) ? [] : [inside];
  } catch {
    return [];
  }
}
