import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { onStack } from "../../components/on-stack.ts";
import { LoadError } from "../../components/snowflake/errors.ts";
import { parties } from "../../sandbox/parties.ts";

const files = (folder: string, ending: string) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file}`);
const pages = ["README.md", "sandbox/README.md", ...files("docs", ".md")];
const stackFiles = ["Pulumi.dev.yaml", ...files("examples", ".yaml")];

test.each([...pages, ...stackFiles])("every command of %s names the stack that it works on", (file) => {
  const text = readFileSync(file, "utf8");
  const commands = [
    ...text.matchAll(/\bpulumi (?:up|preview|destroy|refresh|config|stack output)\b[^`\n]*/g),
  ];
  const nameless = commands
    .map(([command]) => command)
    .filter((command) => !/ (?:-s|--stack) /.test(command));
  expect(nameless).toEqual([]);
});

test("every stack that a page makes keeps its secrets under the key of the others", () => {
  const made = pages
    .flatMap((file) => readFileSync(file, "utf8").split("\n"))
    .filter((line) => !line.startsWith("Without KMS: "))
    .flatMap((line) => line.match(/\bpulumi stack init \w[^`]*/g) ?? []);
  expect(made.length).toBeGreaterThan(7);
  const others = made.filter(
    (command) => !command.includes("--secrets-provider 'awskms://alias/flux-prod?region=us-east-1'"),
  );
  expect(others).toEqual([]);
});

/** What is printed of a mistake in the config, or of a load, gets its stack where it is thrown. */
const COMPLETED = ["config/", "components/verified-load/", "components/snowflake/errors.ts"];
const spoken = globSync(
  "{index.ts,{components,config,preflight,policies,review,commands,report}/**/*.{ts,tsx}}",
)
  .filter((file) => !COMPLETED.some((part) => file.startsWith(part)))
  .flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => !/^\s*(\*|\/\/|\/\*)/.test(line))
      .flatMap((line) => [...line.matchAll(/\bpulumi (?:up|destroy|refresh|config set)\b[^`&]*/g)])
      .map(([command]) => ({ file, command })),
  );

test("every command that a message names says its stack", () => {
  expect(spoken.length).toBeGreaterThan(25);
  const nameless = spoken.filter(
    // What is to come of an update is no command to type.
    ({ command, file }) => !/[ }]-s /.test(command) && file !== "preflight/report.ts",
  );
  expect(nameless).toEqual([]);
});

test.each([
  ["run `pulumi up` again", "run `pulumi up -s prod` again"],
  ["`pulumi up --refresh`, or `pulumi up`", "`pulumi up -s prod --refresh`, or `pulumi up -s prod`"],
  ["pulumi config set a b && pulumi up -s dev", "pulumi config set -s prod a b && pulumi up -s dev"],
  ["pulumi config set --path 'a.b' c", "pulumi config set -s prod --path 'a.b' c"],
  ["pulumi up -s <stack>; pulumi refresh", "pulumi up -s prod; pulumi refresh -s prod"],
  ["pulumi upgrades nothing", "pulumi upgrades nothing"],
])("the command in %j gets its stack", (text, said) => {
  expect(onStack(text, "prod")).toBe(said);
  expect(onStack(onStack(text), "prod")).toBe(said);
});

test("a load's cure names the stack, also where nobody knows it", () => {
  const { message } = new LoadError("other", "It failed.", "run `pulumi up` again");
  expect(message).toContain("run `pulumi up -s <stack>` again");
});

test("the page of the real account says of the loader's role what the code does with it", () => {
  const row = readFileSync("docs/real-account.md", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("|") && line.includes("loader's role"));
  expect(row).toEqual([expect.stringMatching(/\| stays, unless `flux-ami:onDelete` says `drop`/)]);
  expect(readFileSync("components/loader-access.ts", "utf8")).toContain(
    'retainOnDelete: args.onDelete !== "drop"',
  );
});

test("the partner that an example lets in is there in the sandbox", () => {
  const { config } = parse(readFileSync("examples/Pulumi.partner-by-bucket.yaml", "utf8"));
  const { accountId, userName } = parties.partner.aws;
  expect(config["flux-ami:partnerPrincipal"]).toBe(`arn:aws:iam::${accountId}:user/${userName}`);
});

test("the import rules that the architecture page lists are those that hold", () => {
  const { forbidden } = require("../../.dependency-cruiser.cjs") as {
    forbidden: { name: string; comment: string }[];
  };
  const page = readFileSync("docs/architecture.md", "utf8");
  const rows = page.split("\n").filter((line) => /^\| `/.test(line));
  expect(rows).toEqual(forbidden.map(({ name, comment }) => `| \`${name}\` | ${comment} |`));
});

/** Paths of this project in code marks: those with a slash, or with an ending. A star stands for any of a name. */
test.each(["CONTRIBUTING.md", "docs/architecture.md", ...files("docs/decisions", ".md")])(
  "every file that %s names is there",
  (file) => {
    const rooms = ["", "docs", "components/verified-load", "sandbox/snowflake", "config"];
    const named = [
      ...readFileSync(file, "utf8").matchAll(/`([\w./*-]+\/[\w.*-]*|[\w-]+\.(?:ts|cjs|yaml|md))`/g),
    ]
      .map(([, path = ""]) => path)
      .filter((path) => !path.includes(".sandbox"));
    expect(named.filter((path) => !rooms.some((room) => globSync(join(room, path)).length > 0))).toEqual([]);
  },
);

test("every package of the lockfile has a licence that the page on licences allows", () => {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
    packages: Record<string, { license?: string; dev?: boolean; link?: boolean }>;
  };
  const free = /^(MIT|ISC|BSD-[23]-Clause|Apache-2\.0|0BSD|BlueOak-1\.0\.0|Unlicense|Python-2\.0|CC0-1\.0)$/;
  // Of "(A OR B)" one is chosen; "A AND B" hold both.
  const isFree = (license: string) =>
    license
      .replace(/[()]/g, "")
      .split(" AND ")
      .every((part) => part.split(" OR ").some((one) => free.test(one)));
  const forBuilds = /^(MPL-2\.0|CC-BY-[34]\.0)$/;
  // Their lockfile entries name none; their LICENSE files are the MIT License.
  const byFile = ["node_modules/@logdna/tail-file", "node_modules/simple-lru-cache"];
  const others = Object.entries(packages).filter(
    ([path, { license = "", dev, link }]) =>
      path.includes("node_modules/") &&
      !link &&
      !byFile.includes(path) &&
      !isFree(license) &&
      !((dev || path.includes("spdx-exceptions")) && forBuilds.test(license)),
  );
  expect(others).toEqual([]);
});

test("there is one version, and the first entry of the changelog says what it brought", () => {
  const versionIn = (file: string) => /"?version"?: "?([\d.]+)"?/.exec(readFileSync(file, "utf8"))?.[1];
  const version = versionIn("package.json");
  expect(versionIn("policies/package.json")).toBe(version);
  expect(versionIn("policies/PulumiPolicy.yaml")).toBe(version);
  expect(/^## (.+)$/m.exec(readFileSync("CHANGELOG.md", "utf8"))?.[1]).toBe(version);
});

test("every component shows how it is used", () => {
  const without = globSync("components/**/*.ts").flatMap((file) =>
    [
      ...readFileSync(file, "utf8").matchAll(
        /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?export class (\w+) extends pulumi\.(?:ComponentResource|dynamic\.Resource)/g,
      ),
    ].flatMap(([, comment = "", name = ""]) => (comment.includes("@example") ? [] : [name])),
  );
  expect(without).toEqual([]);
});

test("arguments are shown in use where they are declared", () => {
  const without = globSync("components/**/*.ts").filter((file) => {
    const text = readFileSync(file, "utf8");
    return /^export (?:interface|type) \w+Args\b/m.test(text) && !text.includes("@example");
  });
  expect(without).toEqual([]);
});
