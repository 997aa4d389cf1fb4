import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
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
