/**
 * Publishes a report on GitHub:
 *   node review/publish.ts comment --stack prod --pull-request 7 [--out .review]
 *   node review/publish.ts issue --stack prod --run URL [--out .review]
 * The issue is kept open while the report's verdict is not "nothing", and closed once it is. Without a report nobody
 * could look, which is something to tell as well.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { publishComment, publishIssue, repositoryOf } from "./github.ts";
import type { Review } from "./review.ts";

const USAGE =
  "usage: node review/publish.ts comment --stack NAME --pull-request NUMBER [--out DIR]\n" +
  "       node review/publish.ts issue --stack NAME --run URL [--out DIR]";

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
    (where === "issue" && values.run !== undefined) ||
    (where === "comment" && Number.isInteger(pullRequest) && pullRequest > 0);
  if (!known || stack === undefined || !/^[\w.-]+$/.test(stack) || positionals.length > 1)
    throw new Error(USAGE);

  const read = (extension: string) => readFileSync(join(out, `${stack}.${extension}`), "utf8");
  const repository = repositoryOf(process.env);
  if (where === "comment") {
    console.log(`comment ${await publishComment(repository, pullRequest, read("md"))}`);
    return;
  }
  const looked = existsSync(join(out, `${stack}.json`));
  const report = looked
    ? read("md")
    : `<!-- flux-ami drift ${stack} -->\n## Drift of \`${stack}\`\n\n**Nobody could look**, so nothing can be said about drift: see ${values.run}\n`;
  const nothing = looked && (JSON.parse(read("json")) as Review).verdict === "nothing";
  console.log(`issue ${await publishIssue(repository, `Drift in ${stack}`, report, !nothing)}`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
