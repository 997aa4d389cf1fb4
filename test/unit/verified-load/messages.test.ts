/** What errors and cures name has to exist: settings of the stack's config, as a person writes them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { CHECKS, checkRows } from "../../../components/verified-load/quality/index.ts";
import { CONTRACT } from "../../../components/verified-load/write/contract.ts";
import type { Fields } from "../../../config/field.ts";
import { FIELDS } from "../../../config/index.ts";

const FOLDERS = ["components/verified-load", "components/snowflake", "components/readiness"];
const files = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name)),
);

/** Every setting by its path, "quality.voltage.min" as well as "quality.voltage". */
function paths(fields: Fields, before = ""): string[] {
  return Object.entries(fields).flatMap(([name, field]) => [
    before + name,
    ...("members" in field ? paths(field.members as Fields, `${before}${name}.`) : []),
  ]);
}
const SETTINGS = new Set([
  ...paths(FIELDS.environment),
  // A check's own sentence speaks of its own thresholds, and of checks, by name.
  ...Object.keys(CHECKS),
  ...checkRows.flatMap(([, { thresholds }]) => Object.keys(thresholds)),
  // An option of Pulumi's.
  "customTimeouts",
  ...["create", "update", "read", "delete"].map((operation) => `customTimeouts.${operation}`),
]);

/** Texts that people read: what an error says and how to cure it. */
function textsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const texts: string[] = [];
  const read = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) texts.push(node.text);
    else if (ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node))
      texts.push(node.text);
    ts.forEachChild(node, read);
  };
  const find = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText() === "LoadError") {
      for (const argument of node.arguments?.slice(1) ?? []) read(argument);
    } else if (ts.isPropertyAssignment(node) && ["cure", "happened"].includes(node.name.getText()))
      read(node.initializer);
    else ts.forEachChild(node, find);
  };
  find(source);
  return texts;
}

/** Words that look like settings: with a capital in the middle, or a dot and another word. Keys of the provider have a prefix. */
const settingsIn = (text: string) =>
  [...text.matchAll(/(?<![\w:./$"'-])[a-z]+(?:[A-Z][A-Za-z]*|\.[a-z]+[A-Za-z]*)(?:\.[A-Za-z]+)*(?![\w/(-])/g)]
    .map(([word]) => word)
    .filter((word) => !/\.(md|ts|com|parquet)$/.test(word));

test("errors and cures name only settings that exist", () => {
  const named = files.flatMap((file) =>
    textsOf(file)
      .flatMap(settingsIn)
      .map((word) => ({ file, word })),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ word }) => !SETTINGS.has(word))).toEqual([]);
});

test("each kind of the contract, and each check, is a setting of its own", () => {
  for (const kind of Object.keys(CONTRACT)) expect(SETTINGS).toContain(`schema.${kind}`);
  for (const [check, { thresholds }] of checkRows)
    for (const key of ["severity", ...Object.keys(thresholds)])
      expect(SETTINGS).toContain(`quality.${check}.${key}`);
});
