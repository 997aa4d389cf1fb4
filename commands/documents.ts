/**
 * What is written from the declarations of config keys and checks: the config section of Pulumi.yaml, and two pages of docs.
 *   node commands/documents.ts     writes them anew; `make format` does, and a test holds them equal
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { checkRows, severitiesOf } from "../components/verified-load/quality/index.ts";
import { CONTRACT } from "../components/verified-load/write/contract.ts";
import { accountNames } from "../config/default-names.ts";
import { environmentFields } from "../config/environment.ts";
import type { Field, Fields, Group } from "../config/field.ts";
import { FIELDS, kindField } from "../config/index.ts";
import { deployerRights, partnerRights, policyText, viewerRights } from "../preflight/rights/aws.ts";
import { deployerSql, loaderSql, partnerSql, viewerSql } from "../preflight/rights/snowflake.ts";

type Key = Field<unknown> | Group;

const KINDS: Readonly<Record<keyof typeof FIELDS, string>> = {
  environment: "An environment: bucket, trust, stage, table, warehouse, load",
  partner: "A partner: another account is let in",
  "partner-consumer": "A partner's own Snowflake account, which mounts what is shared",
};

/** The stack whose logins the examples are for: a bucket that the stack makes, and a table of known meters. */
const EXAMPLE = {
  ...accountNames("prod", "210987654321"),
  environment: "prod",
  awsAccountId: "210987654321",
  partition: "aws",
  adoptBucket: false,
  deleteRawData: false,
  rolePath: environmentFields.rolePath.fallback,
  prefix: environmentFields.prefix.fallback,
  readingsPath: environmentFields.readingsPath.fallback,
  schemaName: environmentFields.schemaName.fallback,
  tableName: environmentFields.tableName.fallback,
  stageName: environmentFields.stageName.fallback,
  fileFormatName: environmentFields.fileFormatName.fallback,
  metersTable: environmentFields.metersTable.example,
  metersTableKind: "table",
} as const;

/** Every file with a part that is written from the keys, as it should be. */
export function documents(): { file: string; text: string }[] {
  const project = readFileSync("Pulumi.yaml", "utf8");
  return [
    { file: "Pulumi.yaml", text: project.slice(0, project.indexOf("\nconfig:\n") + 1) + projectConfig() },
    { file: "docs/settings.md", text: settingsPage() },
    { file: "docs/checks.md", text: checksPage() },
    { file: "examples/accounts/aws-deployer.json", text: `${policyText(deployerRights(EXAMPLE))}\n` },
    { file: "examples/accounts/aws-viewer.json", text: `${policyText(viewerRights(EXAMPLE))}\n` },
    { file: "examples/accounts/aws-partners.json", text: `${policyText(partnerRights(EXAMPLE))}\n` },
    { file: "examples/accounts/snowflake-deployer.sql", text: deployerSql(EXAMPLE) },
    { file: "examples/accounts/snowflake-partners.sql", text: partnerSql(EXAMPLE) },
    { file: "examples/accounts/snowflake-viewer.sql", text: viewerSql(EXAMPLE) },
    { file: "examples/accounts/snowflake-loader.sql", text: loaderSql(EXAMPLE) },
  ];
}

/**
 * Pulumi refuses what Pulumi.yaml does not declare, and wants a default for everything. A type is left out: with one,
 * Pulumi itself would refuse a wrong value first, one at a time and without a cure.
 */
function projectConfig(): string {
  const lines = ["config:", ...Object.entries(kindField).flatMap(([name, key]) => projectKey(name, [key]))];
  const written = new Set<string>();
  for (const [kind, title] of Object.entries(KINDS)) {
    lines.push("", `  # --- kind ${kind}. ${title}`);
    for (const name of Object.keys(FIELDS[kind as keyof typeof FIELDS])) {
      if (written.has(name)) continue;
      written.add(name);
      lines.push(...projectKey(name, keysNamed(name)));
    }
  }
  return `${lines.join("\n")}\n`;
}

function projectKey(name: string, keys: readonly Key[]): string[] {
  const [key] = keys as [Key];
  const about = [...new Set(keys.map((one) => (isRequired(one) ? `Required. ${one.about}` : one.about)))];
  return [
    `  ${name}:`,
    `    default: ${fallbackOf(key) ?? '""'}`,
    `    description: ${JSON.stringify(about.join(" | "))}`,
  ];
}

/** The key of this name in each kind of stack that has it. */
const keysNamed = (name: string): Key[] =>
  Object.values(FIELDS).flatMap((fields: Fields) => fields[name] ?? []);

const isRequired = (key: Key) => "required" in key && key.required === true;
const fallbackOf = (key: Key) => ("fallback" in key ? key.fallback : undefined);

function settingsPage(): string {
  const lines = [
    "# Settings",
    "",
    "Everything that a stack's file `Pulumi.<stack>.yaml` may say. Set a key with `pulumi config set -s <stack> flux-ami:<key> <value>`,",
    "or write it into the file. A value that is wrong is refused before anything is made, all of them at once.",
    "This page is written from the keys' declaration in `config/` by `make format`.",
    "",
    `\`flux-ami:kind\` says what the stack is: ${kindField.kind.allowed.replaceAll(",", " or").replace(" or", ",")}; \`${kindField.kind.fallback}\` when it is not set.`,
    `\`flux-ami:pipeline\` may be ${kindField.pipeline.allowed}, \`${kindField.pipeline.fallback}\` when it is not set: ${kindField.pipeline.about}.`,
  ];
  for (const [kind, title] of Object.entries(KINDS)) {
    lines.push("", `## ${title}`, "", `\`flux-ami:kind: ${kind}\``, "");
    lines.push("| key | default | meaning | may be |", "|---|---|---|---|");
    for (const [name, key] of Object.entries(FIELDS[kind as keyof typeof FIELDS] as Fields))
      lines.push(
        `| \`${name}\` | ${defaultOf(key)} | ${inTable(key.about ?? "")} | ${inTable(allowedBy(key))} |`,
      );
  }
  return `${lines.join("\n")}\n`;
}

function defaultOf(key: Key): string {
  const fallback = fallbackOf(key);
  if (fallback !== undefined) return `\`${fallback}\``;
  return isRequired(key) ? "required" : "";
}

function checksPage(): string {
  const lines = [
    "# Checks",
    "",
    "What a load's readings, and what is in the table on the same days, are held against before anything is published.",
    "Each check has a `severity`: `fail` publishes nothing, `warn` says so, `off` does not look; `quarantine`, where a check is",
    "of single rows, rejects the offending rows and publishes the rest. Set one with",
    "`pulumi config set -s <stack> --path 'flux-ami:quality.<check>.<threshold>' <value>`.",
    "This page is written from the checks' declaration in `components/verified-load/quality/` by `make format`.",
  ];
  for (const [name, check] of checkRows) {
    lines.push("", `## ${name}`, "", `Holds when ${inTable(check.meaning)}.`, "");
    lines.push("| setting | default | meaning |", "|---|---|---|");
    lines.push(`| \`severity\` | \`${check.severity}\` | ${severitiesOf(check).join(", ")} |`);
    for (const [key, { fallback, meaning }] of Object.entries(check.thresholds))
      lines.push(`| \`${key}\` | \`${fallback}\` | ${inTable(meaning)} |`);
    lines.push("", `When it fails: ${inTable(check.cure)}.`);
  }
  lines.push("", "## The files' columns", "");
  lines.push(
    "Before anything is copied, the files' columns are compared with those of the readings. What differs is told by name and",
    "files. Without METER_ID or TIMESTAMP nothing is loaded; for the rest say `fail` or `warn` with",
    "`pulumi config set -s <stack> --path 'flux-ami:schema.<kind>' <fail or warn>`.",
    "",
    "| kind | default | what it is | what `warn` means |",
    "|---|---|---|---|",
    ...Object.entries(CONTRACT).map(
      ([kind, { severity, meaning, otherwise }]) =>
        `| \`${kind}\` | \`${severity}\` | ${inTable(meaning)} | ${inTable(otherwise)} |`,
    ),
  );
  return `${lines.join("\n")}\n`;
}

const allowedBy = (key: Key) =>
  "members" in key ? `a map with the keys ${Object.keys(key.members).join(", ")}` : key.allowed;

/** Text for a cell, where neither a bar nor a mark of Markdown or HTML means anything. */
const inTable = (text: string) => text.replace(/[|*_<>\\]/g, "\\$&");

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  for (const { file, text } of documents()) writeFileSync(file, text);
