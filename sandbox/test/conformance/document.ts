/** CONFORMANCE.md: what a run of the examples found. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../../paths.ts";
import type { Answer, Verdict } from "./run.ts";

export const documentFile = path.join(root, "sandbox", "CONFORMANCE.md");

export function documentOf(verdicts: readonly Verdict[]): string {
  const of = (wanted: Verdict["verdict"]) => verdicts.filter(({ verdict }) => verdict === wanted);
  const [right, refused, deviates] = [of("right"), of("refused"), of("deviates")];
  const pages = new Set(verdicts.map(({ example }) => example.page));
  return `# The local Snowflake beside the manual

Written by \`make conformance\`: ${verdicts.length} statements with what ${pages.size} pages of Snowflake's manual say of them
(\`sandbox/test/conformance\`), each run by the Node driver ${nodeDriver()} and the Python connector ${connector()}, which gets its
results in Arrow. None of it was compared with a real account.

| the local Snowflake | statements |
| --- | --- |
| answers as the manual says, to both clients | ${right.length} |
| refuses by name: 000002, "Unsupported feature" | ${refused.length} |
| deviates | ${deviates.length} |

## Deviates

| page | statement | manual | here | why |
| --- | --- | --- | --- | --- |
${deviates.map(deviation).join("\n")}

## Refused

| page | statement |
| --- | --- |
${refused.map(({ example }) => `| ${inTable(example.page)} | ${code(example.sql)} |`).join("\n")}

## Right

${byPage(right)}
`;
}

function deviation({ example, node, python }: Verdict): string {
  const manual = example.rows
    ? { rows: example.rows as (string | null)[][] }
    : { error: example.error ?? "" };
  const here =
    JSON.stringify(node) === JSON.stringify(python)
      ? shown(node)
      : `${shown(node)} (Node), ${shown(python)} (Python)`;
  return `| ${inTable(example.page)} | ${code(example.sql)} | ${shown(manual)} | ${here} | ${example.deviates ?? "not known"} |`;
}

const shown = (answer: Answer): string =>
  "error" in answer
    ? answer.error === ""
      ? "an answer"
      : `error ${answer.error}`
    : answer.rows.length === 0
      ? "no rows"
      : answer.rows
          .map((row) => row.map((value) => (value === null ? "NULL" : code(value))).join(", "))
          .join("; ");

const inTable = (text: string): string => text.replaceAll("|", "\\|");

function code(text: string): string {
  const line = inTable(text.replace(/\s+/g, " "));
  return line.includes("`") ? `\`\` ${line} \`\`` : `\`${line}\``;
}

const byPage = (verdicts: readonly Verdict[]): string =>
  [...Map.groupBy(verdicts, ({ example }) => example.page)]
    .map(
      ([page, of]) =>
        `- ${page}: ${of.map(({ example }) => code(example.sql.replace(/^SELECT /, ""))).join(", ")}`,
    )
    .join("\n");

const nodeDriver = (): string =>
  JSON.parse(readFileSync(path.join(root, "node_modules", "snowflake-sdk", "package.json"), "utf8")).version;

/** Of Python 3.11 and newer. */
function connector(): string {
  const list = readFileSync(path.join(root, "sandbox", "clients", "python.txt"), "utf8");
  const versions = [...list.matchAll(/^snowflake-connector-python.*?==(\S+)/gm)].map(
    ([, version]) => version,
  );
  return versions.at(-1) ?? "";
}
