/**
 * Reviews what a change would do, or what has drifted; run anywhere in the checkout that is judged:
 *   node review/main.ts preview --stack prod [--base DIR] [--out .review] [--no-refresh] [--save-plan FILE]
 *   node review/main.ts drift --stack prod [--out .review]
 * With --base, rules and settings come from that checkout of the base branch, and what differs in them is told.
 * Writes <out>/<stack>.md (fits into a comment), <out>/<stack>.full.md and <out>/<stack>.json, prints the report, and
 * ends with 0 nothing, 2 changes (or drift), 3 dangerous, 4 policy violation, 1 no result.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { lookBeside } from "./beside.ts";
import { planOf } from "./engine-plan.ts";
import { changedFiles } from "./files.ts";
import { lockedVersions } from "./judges/index.ts";
import { looksAt } from "./live.ts";
import { listFiles } from "./load-forecast.ts";
import { runPreview } from "./preview.ts";
import { EXIT_CODES, type Review, reviewPlan } from "./review.ts";
import { changedRules, rulesOf } from "./rules.ts";
import { secretsOf } from "./secrets.ts";
import { openShow } from "./show.ts";
import { deletedWithIn, withUnheard } from "./unheard.ts";
import { type Masker, maskerOf } from "./values.ts";
import { COMMENT_LIMIT, driftReport, previewReport } from "./verdict-page.ts";

const USAGE =
  "usage: node review/main.ts preview|drift --stack NAME [--base DIR] [--out DIR] [--no-refresh] [--save-plan FILE]";

type Asked = "preview" | "drift";

/** What was asked for; undefined when that is not clear. */
function wanted() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      stack: { type: "string" },
      base: { type: "string" },
      out: { type: "string" },
      "no-refresh": { type: "boolean", default: false },
      "save-plan": { type: "string" },
    },
  });
  const [of] = positionals;
  const { stack } = values;
  if ((of !== "preview" && of !== "drift") || positionals.length > 1) return undefined;
  return stack !== undefined && /^[\w.-]+$/.test(stack) ? { ...values, of: of as Asked, stack } : undefined;
}

async function main(): Promise<number> {
  const values = wanted();
  if (!values) {
    console.error(USAGE);
    return EXIT_CODES.failed;
  }
  const { of, stack } = values;
  const project = projectAbove(process.cwd());
  const out = values.out ?? relative(process.cwd(), join(project, ".review"));
  const base = values.base === undefined ? project : resolve(values.base);
  const savePlan = values["save-plan"];
  for (const folder of [out, ...(savePlan === undefined ? [] : [dirname(savePlan)])]) {
    mkdirSync(folder, { recursive: true });
  }
  const progress = (line: string) => console.error(`${of} of ${stack}: ${line}`);
  progress(of === "drift" || !values["no-refresh"] ? "looking at what is there" : "asking the program");
  const masker = maskerOf(secretsOf(stack, project));
  const events = await runPreview({
    stack,
    project,
    rules: base,
    masker,
    refresh: !values["no-refresh"],
    refreshOnly: of === "drift",
    ...(savePlan !== undefined && { savePlan: resolve(savePlan) }),
    progress,
  });
  progress("asking who gains and who loses access");
  const python =
    process.env.FLUX_PYTHON ?? join(import.meta.dirname, "..", ".sandbox", "venv", "bin", "python");
  const files = base === project ? undefined : changedFiles(base, project);
  const rules = {
    inEffect: of === "drift" ? [] : rulesOf(base, stack),
    changed: files && changedRules(base, project, stack, files),
    ...(files && { unread: files.running }),
  };
  const plan = await withUnheard(planOf(events, stack, masker), () => deletedWithIn(stack, project));
  const beside = of === "drift" ? await lookBeside(plan, () => openShow(plan, project)) : [];
  const look = looksAt(plan, masker);
  const review = await reviewPlan(plan, {
    python,
    list: listFiles,
    look,
    rules,
    beside,
    locked: lockedVersions(project),
    of,
  });
  progress(`${review.verdict}; report in ${publish(review, { out, of, masker })}`);
  return EXIT_CODES[review.verdict];
}

/** Writes and prints the report; gives the file's name. */
function publish(review: Review, { out, of, masker }: { out: string; of: Asked; masker: Masker }): string {
  const file = (extension: string) => join(out, `${review.stack}.${extension}`);
  const pointer = process.env.REVIEW_URL ?? file("full.md");
  const report = of === "drift" ? driftReport : previewReport;
  // Masked once more as they are written: whatever found its way past the reading of events ends here.
  const write = (extension: string, text: string) => writeFileSync(file(extension), masker.text(text));
  const short = masker.text(report(review, { limit: COMMENT_LIMIT, pointer }));
  write("md", short);
  write("full.md", report(review, { limit: Number.POSITIVE_INFINITY, pointer }));
  write("json", `${JSON.stringify(review, null, 2)}\n`);
  console.log(short);
  return file("md");
}

/** The folder with Pulumi.yaml, this one or one above it; from outside of any, that of this script's own checkout. */
function projectAbove(folder: string): string {
  if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
  const above = dirname(folder);
  return above === folder ? dirname(import.meta.dirname) : projectAbove(above);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = EXIT_CODES.failed;
}
