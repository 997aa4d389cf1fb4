import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { changedFiles } from "../../review/files.ts";
import { reachedIn } from "../../review/reached.ts";

/** A small checkout, and what a change makes of it. */
let folder: string;
const base = () => join(folder, "base");
const change = () => join(folder, "change");
const git = (...args: string[]) => execFileSync("git", args, { cwd: change() });
function write(file: string, text: string): void {
  mkdirSync(dirname(join(change(), file)), { recursive: true });
  writeFileSync(join(change(), file), text);
}
/** From now on it is the change that is written. */
const branch = () => cpSync(change(), base(), { recursive: true, verbatimSymlinks: true });
const changed = () => changedFiles(base(), change());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "files-"));
  write("package.json", JSON.stringify({ name: "flux-ami", type: "module" }));
  write("index.ts", "");
  write("review/main.ts", "");
  git("init", "--quiet");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("where things are made", () => {
  const MADE = ["node_modules/zod/made.js", ".review/made.md", ".sandbox/venv/bin/python", ".report/x.html"];
  const COMMITTED = [
    ".report/prod/index.html",
    ".review/prod.load.json",
    ".sandbox/venv/lib/python3.12/site-packages/sitecustomize.py",
    "node_modules/@pulumi/pulumi/node_modules/x/index.js",
  ];

  test("what git has is a find, also where the same is made, and all else is not", () => {
    for (const file of [...MADE, COMMITTED[0] ?? ""]) write(file, "made");
    branch();
    for (const file of MADE) write(file, "made otherwise");
    expect(changed()).toEqual({ judging: [], running: [] });
    for (const file of COMMITTED) write(file, "made");
    git("add", "--force", ...COMMITTED);
    expect(changed().judging).toEqual(COMMITTED);
  });

  test("a link or another repository in place of the folder is a find", () => {
    branch();
    symlinkSync("docs", join(change(), "node_modules"));
    git("add", "--force", "node_modules");
    git("update-index", "--add", "--cacheinfo", `160000,${"0123456789".repeat(4)},.sandbox`);
    mkdirSync(join(change(), ".sandbox"));
    expect(changed().judging).toEqual([".sandbox", "node_modules"]);
  });

  test("where no git says what is part of a change, nobody judges it", () => {
    rmSync(join(change(), ".git"), { recursive: true });
    branch();
    expect(changed).toThrow(/nobody knows what of .* is part of a change/);
  });

  test("nothing of it stays beside what the pipeline puts there", () => {
    const root = join(__dirname, "../../.github/actions");
    const action = (name: string) => parse(readFileSync(join(root, name, "action.yml"), "utf8"));
    const { runs } = action("restore") as { runs: { steps: { run?: string }[] } };
    const script = runs.steps.flatMap(({ run }) => run ?? []).join("\n");
    for (const file of ["node_modules/zod/index.js", ".sandbox/venv/bin/python"]) write(file, "fetched");
    const packed = ["change/node_modules", "change/.sandbox/venv"];
    execFileSync("tar", ["--create", "--zstd", "--file", "dependencies.tar.zst", ...packed], { cwd: folder });
    for (const file of [...COMMITTED, "node_modules/zod/node_modules/y/index.js"]) write(file, "committed");
    const env = { ...process.env, CHECKOUTS: "change", RUNNER_TEMP: folder };
    execFileSync("bash", ["-e", "-c", script], { cwd: folder, env });
    for (const file of [...COMMITTED, "node_modules/zod/node_modules/y/index.js"])
      expect([file, existsSync(join(change(), file))]).toEqual([file, false]);
    expect(readFileSync(join(change(), "node_modules/zod/index.js"), "utf8")).toBe("fetched");
    expect(readFileSync(join(change(), ".sandbox/venv/bin/python"), "utf8")).toBe("fetched");
  });
});

describe("what the program imports is no test, whatever its folder is called", () => {
  const helper = "test/helper.ts";
  const names = { imports: { "#helper": `./${helper}` } };
  const ways: [string, string, Record<string, string>][] = [
    ["by its path", 'import "./test/helper.ts";', {}],
    ["in other quotes", "import { x } from './test/helper.ts';", {}],
    ["while it runs", "await import(`./test/helper.ts`);", {}],
    ["by a name that is put together", 'await import("./test/" + process.argv[2] + ".ts");', {}],
    ["by require", 'require("./test/helper.ts");', {}],
    ["to pass it on", 'export * from "./test/helper.ts";', {}],
    ["by way of another", 'import "./docs/a.ts";', { "docs/a.ts": "export * from '../test/helper.ts';" }],
    ["by a name of the project's own", 'import "#helper";', {}],
    ["as a package that is a folder of it", 'import "local/helper.ts";', {}],
  ];
  test.each(ways)("%s", (_what, text, more) => {
    write("package.json", JSON.stringify({ name: "flux-ami", type: "module", ...names }));
    mkdirSync(join(change(), "node_modules"));
    symlinkSync("../test", join(change(), "node_modules/local"));
    for (const [file, code] of Object.entries({ "index.ts": text, [helper]: "", ...more })) write(file, code);
    branch();
    write(helper, "fetch('https://example.com')");
    write("bench/other.ts", "x");
    expect(changed()).toEqual({ judging: [], running: [helper] });
    expect([helper, "bench/other.ts"].map(reachedIn(change()))).toEqual([true, false]);
  });

  test("in a comment nothing is imported", () => {
    write("index.ts", '// import "./test/helper.ts";');
    branch();
    write(helper, "x");
    expect(changed()).toEqual({ judging: [], running: [] });
  });

  test("a link of the program's leads to what it imports", () => {
    write(helper, "");
    mkdirSync(join(change(), "components"));
    symlinkSync("../test/helper.ts", join(change(), "components/helper.ts"));
    branch();
    write(helper, "fetch('https://example.com')");
    expect(changed().running).toEqual([helper]);
  });

  test("what the review imports judges, and so do packages beside what the program imports", () => {
    write("review/main.ts", "import '../test/a.ts';");
    write("index.ts", "import './bench/b.ts';");
    for (const file of ["test/a.ts", "bench/b.ts"]) write(file, "");
    branch();
    const nearest = ["bench/node_modules/x/index.js", "bench/package.json"];
    for (const file of ["test/a.ts", ...nearest, "docs/node_modules/x/index.js"]) write(file, "{}");
    expect(changed()).toEqual({ judging: [nearest[0], "test/a.ts"], running: [nearest[1]] });
  });

  test.each([
    ["the project by its name", "flux-ami/docs/x.ts"],
    ["what is not there", "./nowhere.ts"],
    ["a file by its URL", "file:///test/x.ts"],
  ])("where it imports %s, nothing is left out", (_what, path) => {
    write("index.ts", `import "${path}";`);
    branch();
    write("docs/x.md", "x");
    const { judging, running } = changed();
    expect([...judging, ...running]).toEqual(["docs/x.md"]);
  });
});
