/** Publish: sends the block, and finds out what became of it. */
import { randomUUID } from "node:crypto";
import { isTransient, LoadError, messageOf } from "../../snowflake/errors.ts";
import { controlIn, isLive, readControl } from "../accounting/control.ts";
import type { Audit } from "../audit/audit.ts";
import { inNewSession, type Run } from "../context.ts";
import type { Plan } from "../plan.ts";
import { resultOf } from "../wait.ts";
import { PUBLISHED, publishBlock, STALE } from "./block.ts";

/** How often a block is sent whose fate nobody knows. All of them carry the same fence, so that at most one commits. */
const ATTEMPTS = 5;

/**
 * Publishes what was audited, or finds that another load published since the plan was made. Throws when the block found
 * anything else than was audited: it has then published nothing.
 */
export async function publish(run: Run, plan: Plan, audited: Audit): Promise<"published" | "stale"> {
  const tokens = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    const token = randomUUID();
    tokens.add(token);
    let answer: string;
    try {
      answer = await send(run, publishBlock(run, plan, audited, token));
    } catch (error) {
      // Whatever was heard: the token tells.
      if (await isOurs(run, tokens)) break;
      if (!isTransient(error) || attempt === ATTEMPTS) throw error;
      run.log(`load: nobody knows what became of the publishing (${messageOf(error)}): sending it again`);
      continue;
    }
    if (answer === PUBLISHED) break;
    // The first of two blocks that the driver sent may have published, and the second one have answered.
    if (await isOurs(run, tokens)) break;
    if (answer === STALE) return "stale";
    throw new LoadError(
      "not-as-audited",
      `The readings are not as they were audited (${answer}), so nothing was published.`,
      "run `pulumi up` again: it plans and audits anew; if it ends like this again, somebody else is changing the load's own tables",
    );
  }
  await confirm(run, plan, audited, tokens);
  return "published";
}

/**
 * In a session of its own, which lives until the block has ended: some say that one ends with its session. Without
 * AUTOCOMMIT nothing of the block is ever committed but by its last statement, not even when somebody aborts its
 * transaction halfway (docs: SYSTEM$ABORT_TRANSACTION) and the statements that follow begin another one.
 */
function send(run: Run, block: string): Promise<string> {
  return inNewSession(run, async (session) => {
    await session.rows("ALTER SESSION SET AUTOCOMMIT = FALSE");
    const queryId = await session.start(block);
    const [row] = await resultOf(session, run.settings, queryId, "the publishing");
    return String(Object.values(row ?? {})[0]);
  });
}

async function isOurs(run: Run, tokens: ReadonlySet<string>): Promise<boolean> {
  return tokens.has((await readControl(run)).token);
}

/** What exactly-once means, looked at once more, in a new session. Throws when it does not hold. */
async function confirm(
  run: Run,
  plan: Plan,
  { files, work }: Audit,
  tokens: ReadonlySet<string>,
): Promise<void> {
  const { names, step } = run;
  step("looking at what was published");
  const faults: string[] = [];
  await inNewSession(run, async (session) => {
    const control = await controlIn(session, names);
    // Another load may have published on top of this one, and raised the version once more.
    const later = control.version > plan.control.version + 1;
    if (!tokens.has(control.token) && !later) faults.push("the control row is not the one that was written");
    const twice = await session.rows(
      `SELECT FILE, COUNT(*) AS N FROM ${names.accounting} a WHERE ${isLive("a")} GROUP BY FILE HAVING COUNT(*) > 1 ORDER BY FILE LIMIT 5`,
    );
    faults.push(...twice.map(({ FILE, N }) => `${FILE} is in the accounting ${N} times`));
    const [first] = files;
    if (first === undefined || later) return;
    const wrong = await session.rows(
      `SELECT s.FILE, s.LANDED - s.REJECTED AS EXPECTED, COALESCE(r.N, 0) AS N FROM ${work.stats} s LEFT JOIN (
  SELECT FILE_ID, COUNT(*) AS N FROM ${names.readings} WHERE FILE_ID BETWEEN ${first.fileId} AND ${first.fileId + files.length - 1} GROUP BY FILE_ID
) r ON r.FILE_ID = s.FILE_ID WHERE s.FILE_ID >= ${first.fileId} AND COALESCE(r.N, 0) <> s.LANDED - s.REJECTED ORDER BY s.FILE LIMIT 5`,
    );
    faults.push(
      ...wrong.map(({ FILE, N, EXPECTED }) => `${FILE} has ${N} rows in the readings, not ${EXPECTED}`),
    );
  });
  if (faults.length > 0)
    throw new LoadError(
      "not-exactly-once",
      `What was published is not what the accounting says: ${faults.join("; ")}.`,
      "forget the files named (docs/loading.md says how) and run `pulumi up`, which loads them again; and tell Snowflake's support: a committed transaction was lost or ran twice",
    );
}
