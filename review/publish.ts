/**
 * Publishes a report on GitHub:
 *   node review/publish.ts comment --stack prod --pull-request 7 [--out .review]
 *   node review/publish.ts issue --stack prod [--out .review]
 * The issue is kept open while the report's verdict is not "nothing", and closed once it is.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { publishComment, publishIssue, repositoryOf } from "./github.ts";
import type { Review } from "./review.ts";

const USAGE =
  "usage: node review/publish.ts comment --stack NAME --pull-request NUMBER [--out DIR]\n" +
  "       node review/publish.ts issue --stack NAME [--out DIR]";

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      stack: { type: "string" },
      out: { type: "string", default: ".review" },
      "pull-request": { type: "string" },
    },
  });
  const [where] = positionals;
  const { stack, out } = values;
  const pullRequest = Number(values["pull-request"]);
  const known =
    where === "issue" || (where === "comment" && Number.isInteger(pullRequest) && pullRequest > 0);
  if (!known || stack === undefined || positionals.length > 1) throw new Error(USAGE);

  const report = readFileSync(join(out, `${stack}.md`), "utf8");
  const repository = repositoryOf(process.env);
  if (where === "comment") {
    console.log(`comment ${await publishComment(repository, pullRequest, report)}`);
    return;
  }
  const { verdict } = JSON.parse(readFileSync(join(out, `${stack}.json`), "utf8")) as Review;
  console.log(`issue ${await publishIssue(repository, `Drift in ${stack}`, report, verdict !== "nothing")}`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
