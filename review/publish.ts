/**
 * Publishes a report on GitHub:
 *   node review/publish.ts comment --stack prod --pull-request 7 [--out .review]
 *   node review/publish.ts issue --stack prod --run URL [--out .review]
 *   node review/publish.ts load --stack prod --run URL [--out .review]
 * The issue is kept open while the report's verdict is not "nothing", and closed once it is. Without a report nobody
 * could look, which is something to tell as well. A load's issue is open while the load is refused or fails.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { publishComment, publishIssue, repositoryOf } from "./github.ts";
import { WELL } from "./load-ends.ts";
import type { Review } from "./review.ts";
import { cut, fenced, size } from "./text.ts";

const USAGE =
  "usage: node review/publish.ts comment --stack NAME --pull-request NUMBER [--out DIR]\n" +
  "       node review/publish.ts issue|load --stack NAME --run URL [--out DIR]";

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      stack: { type: "string" },
      out: { type: "string", default: ".review" },
      "pull-request": { type: "string" },
      run: { type: "string" },
    },
  });
  const [where] = positionals;
  const { stack, out } = values;
  const pullRequest = Number(values["pull-request"]);
  const known =
    ((where === "issue" || where === "load") && values.run !== undefined) ||
    (where === "comment" && Number.isInteger(pullRequest) && pullRequest > 0);
  if (!known || stack === undefined || !/^[\w.-]+$/.test(stack) || positionals.length > 1)
    throw new Error(USAGE);

  const read = (extension: string) => readFileSync(join(out, `${stack}.${extension}`), "utf8");
  const repository = repositoryOf(process.env);
  if (where === "comment") {
    console.log(`comment ${await publishComment(repository, pullRequest, read("md"))}`);
    return;
  }
  if (where === "load") {
    const { report, ended } = loadReport(out, stack, values.run ?? "");
    console.log(`issue ${await publishIssue(repository, `Load of ${stack}`, report, !ended)}`);
    return;
  }
  const looked = existsSync(join(out, `${stack}.json`));
  const report = looked
    ? read("md")
    : `<!-- flux-ami drift ${stack} -->\n## Drift of \`${stack}\`\n\n**Nobody could look**, so nothing can be said about drift: see ${values.run}\n`;
  const nothing = looked && (JSON.parse(read("json")) as Review).verdict === "nothing";
  console.log(`issue ${await publishIssue(repository, `Drift in ${stack}`, report, !nothing)}`);
}

/** So much of what a load said at its end fits into an issue. */
const LONGEST = 50_000;

/** How a load ended; undefined where it left no word. */
type Left = { readonly code: number; readonly refused: boolean } | undefined;

function leftOf(out: string, stack: string): Left {
  const file = join(out, `${stack}.load.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Left) : undefined;
}

/** What is known of the readings: that nothing was published, only where the load itself has said so. */
function verdictOf(left: Left, stack: string): string {
  if (left?.code === WELL) return "**The load ended well.**";
  if (left?.refused) return "**The load was refused**; the readings are as they were before";
  const [happened, why] = left
    ? ["The load failed", `exit code ${left.code}`]
    : ["Nobody heard of the load's end", "it did not start, or was stopped before it could say anything"];
  return (
    `**${happened}** (${why}). Whether it published is not known here: nothing, or all of it. \`make status STACK=${stack}\` ` +
    "says what the accounting has, and `make report` draws it; the next load goes on from there and loads nothing twice"
  );
}

/** What a load said, and whether it ended well. One that left nothing behind did not. */
function loadReport(out: string, stack: string, run: string): { report: string; ended: boolean } {
  const left = leftOf(out, stack);
  const ended = left?.code === WELL;
  const said = left
    ? readFileSync(join(out, `${stack}.load.txt`), "utf8")
        .trimEnd()
        .split("\n")
    : [];
  let kept = said.length;
  let weight = 0;
  while (kept > 0 && weight + size(said[kept - 1] ?? "") < LONGEST) weight += size(said[--kept] ?? "") + 1;
  const lines = [
    `<!-- flux-ami load ${stack} -->`,
    `## Load of \`${stack}\``,
    "",
    ended ? verdictOf(left, stack) : `${verdictOf(left, stack)}: ${run}`,
    "",
    ...(said.length === 0 ? [] : [fenced(said.slice(kept).map((line) => cut(line, 2_000)))]),
  ];
  return { report: `${lines.join("\n")}\n`, ended };
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
