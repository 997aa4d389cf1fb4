import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isCode } from "../../review/checkout.ts";
import { planOf } from "../../review/engine-plan.ts";
import { changedFiles } from "../../review/files.ts";
import { changedRules, changedSurroundings, milderRules, rulesOf, silentRules } from "../../review/rules.ts";
import { summary } from "./review-events.ts";

const root = join(__dirname, "../..");
const rule = (name: string, level = "mandatory", settings = {}) => ({ name, level, settings });

describe("rules that a change makes milder", () => {
  test.each([
    ["gone", [], "The rule a is gone."],
    ["advisory", [rule("a", "advisory")], "The rule a turns from mandatory into advisory."],
    ["disabled", [rule("a", "disabled")], "The rule a turns from mandatory into disabled."],
    [
      "with other settings",
      [rule("a", "mandatory", { largest: "X6LARGE" })],
      'The rule a has other settings: {} turns into {"largest":"X6LARGE"}.',
    ],
  ])("%s", (_what, changed, what) => {
    expect(milderRules([rule("a")], changed).map((danger) => danger.what)).toEqual([what]);
  });

  test("a stricter or a new one is none", () => {
    expect(milderRules([rule("a", "advisory")], [rule("a"), rule("b")])).toEqual([]);
  });
});

describe("rules that did not run", () => {
  const plan = (...passed: string[]) =>
    planOf([{ policyAnalyzeSummaryEvent: { passed, failed: [] } }, summary()], "prod");

  test("one that said nothing is named, one that is switched off is not", () => {
    const found = silentRules(plan("a"), [rule("a"), rule("b"), rule("c", "disabled")]);
    expect(found.map(({ what }) => what)).toEqual(["The rule b did not run."]);
  });

  test("a pack that ran no rule", () => {
    expect(silentRules(plan(), [rule("a")]).map(({ what }) => what)).toEqual([
      "No rule of the policy pack ran.",
    ]);
  });
});

describe("how a change would have the program run", () => {
  let folder: string;
  const write = (side: string, file: string, values: object) => {
    mkdirSync(join(folder, side), { recursive: true });
    writeFileSync(join(folder, side, file), JSON.stringify(values));
  };
  const found = () =>
    changedSurroundings(join(folder, "base"), join(folder, "change"), "prod").map(({ what }) => what);
  const stack = {
    secretsprovider: "awskms://alias/a",
    config: { "aws:region": "eu-west-1", "flux-ami:pipeline": true },
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "surroundings-"));
    for (const side of ["base", "change"]) {
      write(side, "Pulumi.yaml", { name: "flux-ami", runtime: "nodejs", config: { "flux-ami:a": {} } });
      write(side, "Pulumi.prod.yaml", stack);
    }
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    [
      "another region",
      { ...stack, config: { ...stack.config, "aws:region": "us-east-1" } },
      "Pulumi.prod.yaml says otherwise: aws:region.",
    ],
    [
      "another role",
      { ...stack, config: { ...stack.config, "aws:assumeRoles": [{ roleArn: "x" }] } },
      "Pulumi.prod.yaml says otherwise: aws:assumeRoles.",
    ],
    [
      "somebody else's key for the secrets",
      { ...stack, secretsprovider: "passphrase" },
      "Pulumi.prod.yaml says otherwise: secretsprovider.",
    ],
    [
      "config from elsewhere",
      { ...stack, environment: ["shared"] },
      "Pulumi.prod.yaml says otherwise: environment.",
    ],
    [
      "nobody who watches",
      { ...stack, config: { "aws:region": "eu-west-1" } },
      "Pulumi.prod.yaml says flux-ami:pipeline otherwise.",
    ],
  ])("%s", (_what, changed, told) => {
    write("change", "Pulumi.prod.yaml", changed);
    expect(found()).toEqual([told]);
  });

  test("a plugin from a folder of the change", () => {
    write("change", "Pulumi.yaml", {
      name: "flux-ami",
      runtime: "nodejs",
      plugins: { providers: [{ name: "aws", path: "bin" }] },
    });
    expect(found()).toEqual(["Pulumi.yaml says otherwise: plugins."]);
  });

  test.each([
    ["another host to log in to", "snowflake:host", { value: "evil.example" }],
    ["another profile", "aws:profile", "other"],
    ["a token", "snowflake:token", { value: "x" }],
    ["every stack out of the pipeline", "flux-ami:pipeline", { default: "false" }],
  ])("%s, as the project's default", (_what, key, value) => {
    const config = { "flux-ami:a": {}, [key]: value };
    write("change", "Pulumi.yaml", { name: "flux-ami", runtime: "nodejs", config });
    expect(found()).toEqual([`Pulumi.yaml says otherwise: ${key}.`]);
  });

  test("the stack's file gone", () => {
    rmSync(join(folder, "change", "Pulumi.prod.yaml"));
    expect(found()).toEqual(["The stack's file Pulumi.prod.yaml is gone."]);
  });

  test("settings of the program itself are the plan's to show", () => {
    write("change", "Pulumi.prod.yaml", {
      ...stack,
      config: { ...stack.config, "flux-ami:warehouseSize": "SMALL" },
    });
    write("change", "Pulumi.yaml", { name: "flux-ami", runtime: "nodejs", description: "x", config: {} });
    expect(found()).toEqual([]);
  });

  test("a stack that is new", () => {
    rmSync(join(folder, "base", "Pulumi.prod.yaml"));
    expect(found()).toEqual([]);
  });
});

describe("a checkout beside the base branch's", () => {
  let folder: string;
  const checkout = () => join(folder, "change");
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(checkout(), file)), { recursive: true });
    writeFileSync(join(checkout(), file), text);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rules-"));
    // What describes, tests or measures, and what is made here, is no part of it.
    const left = [".git", "bench", "docs", "examples", "node_modules", "test", "sandbox"];
    for (const part of readdirSync(root).filter((name) => !left.includes(name)))
      if (!/^\.(sandbox|review|report)$/.test(part))
        cpSync(join(root, part), join(checkout(), part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(checkout(), "node_modules"));
    for (const file of ["sandbox/package.json", "sandbox/requirements.txt"])
      cpSync(join(root, file), join(checkout(), file));
    execFileSync("git", ["init", "--quiet"], { cwd: checkout() });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("the same says nothing", () => {
    expect(changedRules(root, checkout(), "prod")).toEqual([]);
  });

  test("a rule switched off for the stack comes first, and the file is named", () => {
    writeFileSync(join(checkout(), "policies/config/prod.json"), '{ "bucket-not-public": "disabled" }');
    expect(changedRules(root, checkout(), "prod").map(({ what }) => what)).toEqual([
      "The rule bucket-not-public turns from mandatory into disabled.",
      "The change touches what judges it: policies/config/prod.json.",
    ]);
  });

  test("all rules made advisory at once", () => {
    writeFileSync(join(checkout(), "policies/config/prod.json"), '{ "all": "advisory" }');
    const found = changedRules(root, checkout(), "prod");
    expect(found.length).toBe(rulesOf(root, "prod").filter(({ level }) => level === "mandatory").length + 1);
  });

  test("each file that nobody thought of is a find, and what pack and review import", () => {
    const files = [
      // A lockfile that npm prefers; a build that it starts by itself; what is installed along with the rest.
      "npm-shrinkwrap.json",
      "binding.gyp",
      "sandbox/package.json",
      // Another registry; project settings in another format; a patch of packages; one that lies nearer.
      ".npmrc",
      "Pulumi.json",
      "patches/zod.patch",
      "components/node_modules/zod/index.js",
      // Owners of code elsewhere; a workflow; hooks of an editor or a container.
      "CODEOWNERS",
      ".github/workflows/other.yml",
      ".devcontainer/devcontainer.json",
      // What the pack imports, what the review does, and who is let in to look.
      "components/readings-columns.ts",
      "components/bucket-policy/edit.ts",
      "config/default-names.ts",
    ];
    for (const file of files) write(file, "{}");
    expect(changedFiles(root, checkout()).judging).toEqual(files.sort());
  });

  test("code of the program is no find, and named as what nobody read", () => {
    for (const file of ["index.ts", "components/sharing-more.ts"])
      writeFileSync(join(checkout(), file), "fetch('https://example.com')");
    expect(changedRules(root, checkout(), "prod")).toEqual([]);
    expect(changedFiles(root, checkout()).running).toEqual(["components/sharing-more.ts", "index.ts"]);
  });

  test("a link is as good as what it leads to", () => {
    symlinkSync("../components", join(checkout(), "policies/more"));
    expect(changedFiles(root, checkout()).judging).toEqual(["policies/more"]);
  });

  test("what draws the pages of loads runs with the logins of deployments", () => {
    writeFileSync(join(checkout(), "report/draw.ts"), "fetch('https://example.com')");
    expect(changedFiles(root, checkout()).running).toEqual(["report/draw.ts"]);
  });

  test("pages, tests and the local cloud are neither", () => {
    for (const file of ["README.md", "test/unit/x.test.ts", "sandbox/seed/main.ts", "docs/x.md"]) {
      mkdirSync(dirname(join(checkout(), file)), { recursive: true });
      writeFileSync(join(checkout(), file), "x");
    }
    expect(changedFiles(root, checkout())).toEqual({ judging: [], running: [] });
  });

  test("a pack that cannot be listed is told, not thrown", () => {
    writeFileSync(join(checkout(), "policies/rules.ts"), "throw new Error('no');");
    expect(changedRules(root, checkout(), "prod")[0]?.what).toBe(
      "The rules of the changed pack cannot be listed.",
    );
  });
});

test("what package.json lists is code to the review, and so is what works on a deployed stack", () => {
  const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { files: string[] };
  const entries = readdirSync(root, { withFileTypes: true })
    .filter((entry) => isCode(entry.isDirectory() ? `${entry.name}/any.ts` : entry.name))
    .map(({ name }) => name);
  expect(entries.sort()).toEqual(
    [...files.filter((file) => file !== "Pulumi.yaml"), "commands", "report"].sort(),
  );
});
