/**
 * One load: write, audit, publish. Every step may be the last one that happens: nothing is visible before the one
 * transaction at the end, so running it again is always right.
 */
import { type Log, number, plural } from "../format.ts";
import type { Connection } from "../snowflake/connection.ts";
import { explain, kindOf, LoadError, UnverifiedError } from "../snowflake/errors.ts";
import { countOutages } from "../snowflake/session.ts";
import { clusteringOf } from "./accounting/clustering.ts";
import { type PublishedFile, prepareTables, publishedIn, readControl } from "./accounting/control.ts";
import {
  type Correction,
  findCorrections,
  landCorrections,
  tellOfCorrections,
} from "./accounting/corrected.ts";
import { keepFigures } from "./accounting/figures.ts";
import { pastLoads, recordRun } from "./accounting/runs.ts";
import type { LoadCost, LoadOutputs } from "./args.ts";
import { type Audit, audit, needsWhole } from "./audit/audit.ts";
import { reasonsAgainst } from "./audit/verdict.ts";
import { sweep } from "./clean-up.ts";
import { inNewSession, newLoadId, type Run } from "./context.ts";
import { costSince, startCost } from "./cost.ts";
import { type Operation, startDeadline } from "./deadline.ts";
import { estimate } from "./estimate.ts";
import { checkLines, leftLines, planLines, resultLines } from "./lines.ts";
import { openLoadSession, surroundingsOf } from "./load-session.ts";
import { type Known, outputsOf, upToDate } from "./outputs.ts";
import { filesToLoad, makePlan, type Plan } from "./plan.ts";
import { publish } from "./publish/publish.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { startSteps } from "./steps.ts";
import { withTurn } from "./turn.ts";
import { type BorrowedWarehouse, warehouseNow } from "./warehouse.ts";
import { listFolder } from "./write/listing.ts";
import type { StagedFile } from "./write/staged-file.ts";
import { type Written, write } from "./write/write.ts";

export interface LoadOptions {
  /** Whose limit of customTimeouts holds. @default "create" */
  operation?: Operation;
  /** Outputs of the load before. @default what the accounting has of it */
  prior?: Partial<LoadOutputs>;
  /** Audits the whole table, once. @default false */
  whole?: boolean;
}

/** How often a load plans again because another one published meanwhile. */
const PLANS = 10;
const AGAIN = "load: another load published, or rows came or went, meanwhile: planning again";

/**
 * Loads what is not loaded yet. Throws an UnverifiedError, with all outputs, when a check refuses it: nothing is published
 * then. After any other error nothing was published either, or all of it, which the next run sees.
 */
export async function load(
  settings: CompleteSettings,
  connection: Connection,
  log: Log,
  options: LoadOptions = {},
): Promise<LoadOutputs> {
  const steps = startSteps(settings.restSize);
  const deadline = startDeadline(settings, options.operation ?? "create", steps.current);
  try {
    const outages = countOutages(log);
    const session = await openLoadSession(connection, settings, { log, outages });
    const counts = new Map<string, number>();
    const run: Run = {
      id: newLoadId(new Date()),
      settings,
      names: namesOf(settings),
      session: deadline.limit(session),
      connect: async () =>
        deadline.limit(await openLoadSession(connection, settings, { log, outages, further: true })),
      log,
      steps,
      step: steps.begin,
      count: (what) => {
        counts.set(what, (counts.get(what) ?? 0) + 1);
        return counts.get(what) as number;
      },
    };
    try {
      return await withTurn(run, session, deadline, (warehouse) =>
        writeAuditPublish(run, warehouse, options),
      );
    } finally {
      await session.close();
    }
  } catch (error) {
    const explained = explain(error, surroundingsOf(settings), steps.current());
    if (steps.isPublished())
      explained.message = `The load was published and is verified; what failed came after it.\n  ${explained.message}`;
    throw explained;
  }
}

async function writeAuditPublish(
  run: Run,
  warehouse: BorrowedWarehouse,
  options: LoadOptions,
): Promise<LoadOutputs> {
  run.step("preparing the load's own tables");
  await prepareTables(run);
  for (let attempt = 1; attempt <= PLANS; attempt++) {
    // One that was open before may see late what others published, and would audit against what was there before it.
    const outputs = await inNewSession(run, (session) => tryOnce({ ...run, session }, warehouse, options));
    if (outputs) return outputs;
  }
  throw new LoadError(
    "never-our-turn",
    `The readings changed ${PLANS} times while this load was at work: other loads published, or rows came or went by hand.`,
    "run `pulumi up` again when nobody else is changing the table",
  );
}

/** Undefined: what was planned holds no more. */
async function tryOnce(
  run: Run,
  warehouse: BorrowedWarehouse,
  options: LoadOptions,
): Promise<LoadOutputs | undefined> {
  const { session, settings, log, step } = run;
  step(`listing the files of stage ${run.names.stage}`);
  const listing = await listFolder(session, settings);
  step("reading what is published");
  const plan = makePlan(listing.files, await publishedIn(session, run.names), listing.left);
  const { files, removed } = filesToLoad(plan, settings);
  const now = await warehouseNow(session, settings);
  const billing = { size: settings.loadSize, generation: now.generation };
  const expected = estimate(files, billing, files.length > 0 ? await pastLoads(run) : []);
  for (const line of planLines(plan, expected, settings)) log(line);
  if (plan.listed.length === 0 && plan.published.rows === 0) throw noFiles(settings, plan);

  const whole = options.whole === true || settings.verifyAll || needsWhole(plan, removed);
  if (plan.emptied) await tellOfCorrections(run);
  const corrections = plan.emptied ? [] : await findCorrections(run, plan.published);
  const news = files.length + corrections.length;
  if (news === 0 && !whole) {
    const outputs = await upToDate(run, plan, options.prior);
    if (outputs) return outputs;
  }
  const cost = await startCost(run, now);
  const todo = { files, removed, corrections, whole: whole || news === 0 };
  const work = await writeAndAudit(run, plan, todo, warehouse);
  if (work === "overtaken") return planAgain(run);
  return publishOrTell(run, plan, { ...work, whole: todo.whole }, warehouse, () =>
    costSince(run, cost, expected),
  );
}

async function planAgain(run: Run): Promise<undefined> {
  run.log(AGAIN);
  await sweep(run, []);
}

/** Publishes what was found right; tells what was found where it is not, or nothing is to be published. */
async function publishOrTell(
  run: Run,
  plan: Plan,
  { written, audited, reasons, whole }: Work & Pick<Todo, "whole">,
  warehouse: BorrowedWarehouse,
  cost: () => Promise<LoadCost>,
): Promise<LoadOutputs | undefined> {
  const { settings, log, step } = run;
  const known: Known = {
    checks: audited.checks,
    verified: false,
    unreadable: written.unreadable,
    differences: written.differences,
    loadId: run.id,
    cost: await cost(),
  };
  const found = await outputsOf(run, plan, known);
  if (reasons.length > 0 || !settings.publish) {
    await recordRun(run, reasons.length > 0 ? "refused" : "dry run", found);
    await sweep(run, []);
    if (reasons.length > 0) throw new UnverifiedError(found, reasons);
    log("load: a dry run (publish: false): nothing was published");
    return found;
  }
  if (audited.files.length + audited.removed.length + audited.returned.length === 0 && !whole) {
    await sweep(run, []);
    log("load: none of the files could be loaded, and nothing else is new: nothing is published");
    return outputsOf(run, plan, { ...known, verified: true });
  }
  step("publishing");
  await recordRun(run, "publishing", found);
  if ((await publish(run, plan, audited)) === "stale") return planAgain(run);
  run.steps.published();
  await warehouse.giveBack();
  run.steps.resized(settings.restSize);
  step("counting what is published");
  return inNewSession(run, (session) => countPublished({ ...run, session }, plan, audited, known, cost));
}

/** What the table and the bucket are like once the load is published. */
async function countPublished(
  run: Run,
  plan: Plan,
  { landings }: Audit,
  known: Known,
  cost: () => Promise<LoadCost>,
): Promise<LoadOutputs> {
  const { session, settings, names } = run;
  await sweep(run, landings);
  const now = await listFolder(session, settings);
  const published = await publishedIn(session, names);
  const after = makePlan(now.files, published, now.left);
  // Another load of this stack may have published on top of this one.
  const ours = published.control.version === plan.control.version + 1;
  const audited = {
    rows: published.summarisedRows,
    unmarkedRows: (ours ? plan : after).published.unmarkedRows,
  };
  if (published.rows !== audited.rows || published.unmarkedRows !== audited.unmarkedRows)
    run.log(
      `load: somebody else changed the table while the load ended: it has ${plural(published.rows, "row")}, ${number(audited.rows)} were audited`,
    );
  const outputs = await outputsOf(run, after, {
    ...known,
    audited,
    verified: true,
    cost: await cost(),
    clustering: await clusteringOf(run),
  });
  await recordRun(run, "published", outputs);
  for (const line of resultLines(outputs)) run.log(line);
  return outputs;
}

/** What there is to do. */
interface Todo {
  files: StagedFile[];
  /** Files whose rows go, if theirs have landed. */
  removed: PublishedFile[];
  corrections: Correction[];
  /** Whether the whole table is audited. */
  whole: boolean;
}

/** What was done, and what speaks against publishing it. */
interface Work {
  written: Written;
  audited: Audit;
  reasons: string[];
}

/** Landing tables of an earlier load are dropped by the first load that publishes them, also while another one reads them. */
async function writeAndAudit(
  run: Run,
  plan: Plan,
  { files, removed, corrections, whole }: Todo,
  warehouse: BorrowedWarehouse,
): Promise<Work | "overtaken"> {
  const { settings } = run;
  try {
    const written = await write(run, files, async () => {
      run.step(`setting warehouse ${settings.warehouse} to ${settings.loadSize}`);
      await warehouse.enlarge();
      run.steps.resized(settings.loadSize);
    });
    const landed = new Set(written.files.map(({ staged }) => staged.file));
    const swapped = removed.filter(({ file }) => landed.has(file));
    const gone = new Set(swapped.map(({ fileId }) => fileId));
    const kept = corrections.filter(({ file }) => !gone.has(file.fileId));
    const returned = await landCorrections(run, kept);
    const audited = await audit(run, plan, written, swapped, returned, whole);
    const reasons = reasonsAgainst(audited.checks);
    // What was found may be partly of the readings before another load published, and partly of those after it.
    if (reasons.length > 0 && (await isOvertaken(run, plan))) return "overtaken";
    for (const line of checkLines(audited.checks)) run.log(line);
    await keepFigures(run, audited);
    return { written, audited, reasons };
  } catch (error) {
    if (kindOf(error) !== "object-missing" || !(await isOvertaken(run, plan))) throw error;
    return "overtaken";
  }
}

/** Whether another load has published since the plan was made. */
async function isOvertaken(run: Run, { control }: Plan): Promise<boolean> {
  return (await readControl(run)).token !== control.token;
}

function noFiles(settings: CompleteSettings, { left }: Plan): LoadError {
  return new LoadError(
    "no-files",
    [`There is no file to load below ${settings.stageUrl}${settings.path}.`, ...leftLines(left)].join("\n  "),
    "check prefix and readingsPath, include and exclude, and whether the files have been uploaded",
  );
}
