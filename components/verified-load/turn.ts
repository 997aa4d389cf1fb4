/** A load's turn at the table, and the warehouse that it borrows meanwhile. */
import { messageOf } from "../snowflake/errors.ts";
import type { Session } from "../snowflake/session.ts";
import type { Run } from "./context.ts";
import type { Deadline } from "./deadline.ts";
import { guard } from "./guard.ts";
import { takeTurn } from "./lock.ts";
import { type BorrowedWarehouse, borrowWarehouse } from "./warehouse.ts";

/**
 * Takes a turn and works; gives turn and warehouse back whatever happens.
 * @param session without the deadline: giving back goes on when the time is up
 */
export async function withTurn<T>(
  run: Run,
  session: Session,
  deadline: Deadline,
  work: (warehouse: BorrowedWarehouse) => Promise<T>,
): Promise<T> {
  const { settings, log, step } = run;
  step("waiting for other loads of the table");
  const endTurn = await takeTurn(
    { ...run, session },
    Math.min(settings.statementTimeoutSeconds, deadline.remaining()),
  );
  const warehouse = borrowWarehouse(session, settings);
  const cleanUp = async () => {
    if (await warehouse.giveBack())
      log(`load: warehouse ${settings.warehouse} is ${settings.restSize} again`);
    await endTurn();
  };
  // Once, whoever asks for it first: the end of the run, or a signal.
  let cleaned: Promise<void> | undefined;
  const giveBack = () => {
    cleaned ??= cleanUp();
    return cleaned;
  };
  const unguard = guard(log, giveBack);
  try {
    const result = await deadline.within(() => work(warehouse));
    await giveBack();
    return result;
  } catch (error) {
    // The first failure is the one to tell; another one on the way out must not hide it.
    await giveBack().catch((second) => {
      log(
        `load: could not give back warehouse ${settings.warehouse} (as ${settings.restSize}): ${messageOf(second)}`,
      );
    });
    throw error;
  } finally {
    unguard();
  }
}
