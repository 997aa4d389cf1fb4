/** What a load leaves behind that was ended without a word: its turn, and a warehouse that is still large. */
import type { Log } from "../format.ts";
import type { Connection } from "../snowflake/connection.ts";
import { openLoadSession } from "./load-session.ts";
import { clearTurns } from "./lock.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { borrowWarehouse } from "./warehouse.ts";

/** Gives it back; what a load that is still at work holds is left to it. */
export async function giveBack(settings: CompleteSettings, connection: Connection, log: Log): Promise<void> {
  const session = await openLoadSession(connection, settings, { log });
  try {
    const other = await clearTurns({ session, names: namesOf(settings) });
    if (other !== undefined) {
      log(`load: ${other} is at work, and gives back what it holds by itself`);
      return;
    }
    const changed = await borrowWarehouse(session, settings).giveBack();
    log(`load: warehouse ${settings.warehouse} is ${settings.restSize}${changed ? " again" : ""}`);
  } finally {
    await session.close();
  }
}
