import type { Cloud, Session } from "../snowflake/context.ts";
import type { Execution, Outcome } from "../snowflake/execution.ts";
import { Attendance } from "../snowflake/http/attendance.ts";
import { Sessions } from "../snowflake/http/sessions.ts";

const session = () => ({ user: "U", seenAt: 0, temporary: new Map() }) as unknown as Omit<Session, "id">;

/** A statement that runs until it is told to end, or is cancelled. */
class Statement {
  readonly queryId = crypto.randomUUID();
  cancelled = false;
  readonly end: () => void;
  readonly outcome: Promise<Outcome>;
  readonly asynchronous: boolean;
  readonly abortsWhenDetached: boolean;

  constructor({ asynchronous = false, abortsWhenDetached = false } = {}) {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.outcome = promise;
    this.end = () => resolve({ result: { columns: [], rows: [], total: 0 } });
    this.asynchronous = asynchronous;
    this.abortsWhenDetached = abortsWhenDetached;
  }

  cancel(): void {
    this.cancelled = true;
    this.end();
  }

  get execution(): Execution {
    return this as unknown as Execution;
  }
}

describe("sessions", () => {
  let now = 0;
  const close = jest.fn(async () => undefined);
  const cloud = { now: () => new Date(now), transactions: { close } } as unknown as Cloud;
  const sessions = new Sessions(cloud, { session: 10, master: 100 });

  test("are dropped once their master token has expired, with what they hold", async () => {
    const left = sessions.open(session(), false);
    const kept = sessions.open(session(), false);
    now += 99_000;
    sessions.touch(kept);
    await sessions.sweep();
    expect(sessions.size).toBe(2);
    now += 2_000;
    await sessions.sweep();
    expect(sessions.size).toBe(1);
    expect(close).toHaveBeenCalledWith(left.session);
    expect(() => sessions.find(left.sessionToken)).toThrow(/no longer exists/);
    expect(() => sessions.renew(left.masterToken)).toThrow(/no longer exists/);
    expect(sessions.renew(kept.masterToken)).toBe(kept);
    await sessions.close(kept);
    expect(sessions.size).toBe(0);
  });

  test("keep of a statement that has ended only its query ID, and of 1,000 requests at most", async () => {
    const open = sessions.open(session(), false);
    const running = new Statement();
    sessions.remember(open, "running", running.execution);
    expect(open.requests.get("running")).toBe(running);
    running.end();
    await running.outcome;
    expect(open.requests.get("running")).toBe(running.queryId);
    expect(open.running.size).toBe(0);
    for (let n = 0; n < 1_500; n++) {
      const statement = new Statement();
      sessions.remember(open, `request ${n}`, statement.execution);
      statement.end();
      await statement.outcome;
    }
    expect(open.requests.size).toBe(1_000);
    expect([...open.requests.values()].every((kept) => typeof kept === "string")).toBe(true);
    await sessions.close(open);
    expect(open.requests.size).toBe(0);
  });

  test("end with their synchronous statements, while asynchronous ones go on", async () => {
    const open = sessions.open(session(), false);
    const waitedFor = new Statement();
    const submitted = new Statement({ asynchronous: true });
    sessions.remember(open, "1", waitedFor.execution);
    sessions.remember(open, "2", submitted.execution);
    await sessions.close(open);
    expect([waitedFor.cancelled, submitted.cancelled]).toEqual([true, false]);
    submitted.end();
  });
});

describe("a statement that nobody asks for any longer", () => {
  beforeAll(() => jest.useFakeTimers());
  afterAll(() => jest.useRealTimers());

  /** Whether it has been cancelled, 0, 31 and 301 seconds after its client was last heard of. */
  const cancelledAfter = (statement: Statement) => {
    const attendance = new Attendance({ synchronousSeconds: 30, asynchronousSeconds: 300 });
    attendance.watch(statement.execution);
    attendance.begin(statement.execution);
    jest.advanceTimersByTime(600_000);
    attendance.glance(statement.execution);
    jest.advanceTimersByTime(600_000);
    attendance.end(statement.execution);
    return [0, 31_000, 270_000].map((milliseconds) => {
      jest.advanceTimersByTime(milliseconds);
      return statement.cancelled;
    });
  };

  test.each([
    [{}, [false, true, true]],
    [{ abortsWhenDetached: true }, [false, true, true]],
    [{ asynchronous: true }, [false, false, false]],
    [{ asynchronous: true, abortsWhenDetached: true }, [false, false, true]],
  ])("%j", (kind, expected) => {
    expect(cancelledAfter(new Statement(kind))).toEqual(expected);
  });

  test("goes on when its request is repeated in time", () => {
    const attendance = new Attendance({ synchronousSeconds: 30, asynchronousSeconds: 300 });
    const statement = new Statement();
    attendance.watch(statement.execution);
    attendance.begin(statement.execution);
    attendance.end(statement.execution);
    jest.advanceTimersByTime(29_000);
    attendance.begin(statement.execution);
    jest.advanceTimersByTime(60_000);
    expect(statement.cancelled).toBe(false);
    statement.end();
  });
});
