import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { houseRules } from "../../review/lint-workflows.ts";
import { affectedStacks } from "../../review/stacks.ts";

const stack = (name: string, values: Record<string, string> = {}) => ({
  stack: name,
  file: `Pulumi.${name}.yaml`,
  values,
});
const stacks = [
  stack("dev"),
  stack("prod"),
  stack("sandbox"),
  stack("gridworks", { "flux-ami:owner": "prod" }),
];

describe("stacks a change touches", () => {
  const cases: [string, string[], string[]][] = [
    ["its own config", ["Pulumi.dev.yaml"], ["dev"]],
    ["its own policy settings", ["policies/config/dev.json"], ["dev"]],
    [
      "a partner's config, and the owner's bucket policy with it",
      ["Pulumi.gridworks.yaml"],
      ["gridworks", "prod"],
    ],
    ["a partner's config that is gone", ["Pulumi.acme.yaml"], ["dev", "gridworks", "prod"]],
    ...[
      "components/raw-bucket.ts",
      "index.ts",
      "Pulumi.yaml",
      "package-lock.json",
      ".npmrc",
      "policies/access.ts",
      "review/stacks.ts",
      ".github/workflows/deploy.yml",
      "a-file-of-tomorrow.ts",
    ].map((file): [string, string[], string[]] => [file, [file], ["dev", "gridworks", "prod"]]),
    [
      "tests and documentation",
      ["test/unit/sql.test.ts", "README.md", "docs/loading.md", "examples/Pulumi.prod.yaml", "sandbox/up.ts"],
      [],
    ],
    ["the sandbox's config", ["Pulumi.sandbox.yaml"], []],
  ];
  test.each(cases)("%s", (_what, files, expected) => {
    expect(affectedStacks(stacks, files)).toEqual(expected);
  });
});

describe("the house's rules for workflows", () => {
  const good =
    "on: push\npermissions:\n  contents: read\njobs:\n  a:\n    timeout-minutes: 5\n    steps: []\n";
  const cases: [string, string, RegExp][] = [
    [
      "a tag instead of a commit",
      good.replace("[]", "\n      - uses: actions/checkout@v5"),
      /actions\/checkout@v5 is not pinned/,
    ],
    [
      "a commit without its version",
      good.replace("[]", `\n      - uses: a/b@${"0".repeat(40)}`),
      /does not say its version/,
    ],
    [
      "pull_request_target",
      good.replace("on: push", "on: pull_request_target"),
      /gives a fork's change the secrets/,
    ],
    [
      "an expression in a command",
      good.replace("[]", `\n      - run: echo \${{ github.head_ref }}`),
      /a command holds an expression/,
    ],
    ["a job without end", good.replace("    timeout-minutes: 5\n", ""), /the job a has no timeout-minutes/],
    [
      "permissions left to the repository",
      good.replace("permissions:\n  contents: read\n", ""),
      /permissions are not set/,
    ],
  ];
  test.each(cases)("%s", (_what, text, message) => {
    expect(houseRules("x.yml", good)).toEqual([]);
    expect(houseRules("x.yml", text).map((finding) => finding.message)).toEqual([
      expect.stringMatching(message),
    ]);
  });

  test("the project's own workflows keep them", () => {
    const folder = join(__dirname, "../../.github/workflows");
    const files = readdirSync(folder);
    expect(files.sort()).toEqual(["deploy.yml", "drift.yml", "preview.yml"]);
    for (const file of files) expect(houseRules(file, readFileSync(join(folder, file), "utf8"))).toEqual([]);
  });

  test("secrets reach no job that a fork's pull request can start", () => {
    const text = readFileSync(join(__dirname, "../../.github/workflows/preview.yml"), "utf8");
    const sandbox = text.slice(text.indexOf("  sandbox:"), text.indexOf("  stacks:"));
    expect(sandbox).not.toMatch(/secrets\.|id-token|environment:/);
    expect(text.slice(text.indexOf("  stacks:"))).toContain("!github.event.pull_request.head.repo.fork");
  });
});
