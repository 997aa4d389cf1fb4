/** What became of the last loads, from the accounting: also of those that failed, of which the engine keeps no outputs. */
import { number, plural } from "../format.ts";
import type { Connection } from "../snowflake/connection.ts";
import { explain, kindOf } from "../snowflake/errors.ts";
import type { Row, Session } from "../snowflake/session.ts";
import { moment } from "../snowflake/times.ts";
import { isAsAudited, type Published, publishedIn } from "./accounting/control.ts";
import type { LoadOutputs } from "./args.ts";
import { checkLines, noteLines } from "./lines.ts";
import { openLoadSession, surroundingsOf } from "./load-session.ts";
import { makePlan, namesOf as namesOfFiles, type Plan } from "./plan.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { landingTables } from "./write/landing.ts";
import { listFolder, nameOf } from "./write/listing.ts";

const RUNS = 5;

export interface Status {
  lines: string[];
  /** Whether the last load was published, the table has the rows that it audited, and nothing waits. */
  well: boolean;
  /** The last loads with all that they told, the last one first. */
  loads: Values[];
}

type Values = Record<string, unknown>;

/** Looks, and changes nothing. */
export async function status(settings: CompleteSettings, connection: Connection): Promise<Status> {
  try {
    const session = await openLoadSession(connection, settings);
    try {
      return await statusIn(session, settings);
    } finally {
      await session.close();
    }
  } catch (error) {
    throw explain(error, surroundingsOf(settings), "looking at the accounting");
  }
}

async function statusIn(session: Session, settings: CompleteSettings): Promise<Status> {
  const names = namesOf(settings);
  const { files: listed, left } = await listFolder(session, settings);
  let runs: Row[];
  try {
    runs = await session.rows(
      `SELECT LOAD_ID, OWNER, STARTED_AT, ENDED_AT, OUTCOME, VERSION, OUTPUTS FROM ${names.runs} ORDER BY STARTED_AT DESC LIMIT ${RUNS}`,
    );
  } catch (error) {
    if (kindOf(error) !== "object-missing") throw error;
    return {
      lines: [`${names.plain} was not loaded yet; ${plural(listed.length, "file")} wait`],
      well: false,
      loads: [],
    };
  }
  const plan = makePlan(listed, await publishedIn(session, names), left);
  const { published } = plan;
  const [last] = runs;
  const lines = [
    `${names.plain}: ${plural(published.rows, "row")} of ${plural(published.files.length, "file")}, version ${published.control.version}, by ${published.control.updatedBy}`,
    ...runs.map(
      (run) =>
        `${moment(run.STARTED_AT)} to ${moment(run.ENDED_AT)}  ${String(run.OUTCOME).padEnd(10)} version ${run.VERSION}, by ${run.OWNER} (load ${run.LOAD_ID})`,
    ),
  ];
  lines.push(...lastLines(last, published));
  lines.push(...waitingLines(plan, settings));
  const landings = await landingTables({ session, settings, names });
  if (landings.length > 0)
    lines.push(
      `landed and not published: ${landings.map(({ name }) => name).join(", ")} (dropped after ${number(settings.keepLandedDays)} days)`,
    );
  return {
    lines,
    well:
      last?.OUTCOME === "published" &&
      isAsAudited(published) &&
      plan.fresh.length + plan.replaced.length === 0,
    loads: runs.map((run) => ({
      loadId: run.LOAD_ID,
      owner: run.OWNER,
      startedAt: moment(run.STARTED_AT),
      endedAt: moment(run.ENDED_AT),
      outcome: run.OUTCOME,
      version: Number(run.VERSION),
      outputs: JSON.parse(String(run.OUTPUTS)),
    })),
  };
}

/** What became of the last load, where it is not what the table holds. */
function lastLines(last: Row | undefined, published: Published): string[] {
  const lines: string[] = [];
  if (last && last.OUTCOME !== "published") {
    const { checks } = JSON.parse(String(last.OUTPUTS)) as LoadOutputs;
    const bad = Object.entries(checks).filter(([, { status }]) => status === "failed");
    lines.push(
      last.OUTCOME === "publishing"
        ? "the last load is publishing, or was ended while it did: it has published nothing yet"
        : "the last load published nothing:",
      ...checkLines(Object.fromEntries(bad)),
    );
  }
  if (!isAsAudited(published))
    lines.push(
      `changed by hand since: ${plural(published.summarisedRows, "row")} were audited; the next load audits the whole table`,
    );
  return lines;
}

/** What waits, and what is good to know of the files. */
function waitingLines(plan: Plan, settings: CompleteSettings): string[] {
  const lines: string[] = [];
  if (plan.fresh.length > 0)
    lines.push(`waiting: ${plural(plan.fresh.length, "file")}: ${namesOfFiles(plan.fresh)}`);
  if (plan.replaced.length > 0)
    lines.push(`changed after they were loaded: ${namesOfFiles(plan.replaced.map(({ staged }) => staged))}`);
  if (plan.gone.length > 0)
    lines.push(
      `no more in the bucket, rows still in the table: ${namesOfFiles(plan.gone.map(({ file }) => ({ name: nameOf(file, settings) })))}`,
    );
  lines.push(...noteLines(plan, settings).map((line) => line.replace(/^load: /, "")));
  return lines;
}
