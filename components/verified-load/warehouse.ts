/** The warehouse: its size while loading and at rest, and what it used. */

import { kindOf, LoadError, toldToEnd } from "../snowflake/errors.ts";
import { inTime } from "../snowflake/retry.ts";
import type { Row, Session } from "../snowflake/session.ts";
import { shown } from "../snowflake/shown.ts";
import { timestamp } from "../snowflake/times.ts";
import { literal } from "../sql.ts";
import { WAREHOUSE_SIZES, type WarehouseSize } from "./args.ts";
import { type CompleteSettings, namesOf } from "./settings.ts";
import { type Generation, NODES, sizeOf } from "./warehouse-sizes.ts";

export interface WarehouseNow {
  size: WarehouseSize;
  /** Undefined where the account does not tell it. docs: SHOW WAREHOUSES, generation and resource_constraint. */
  generation: Generation | undefined;
}

/** The warehouse's size now. Needs no running warehouse. */
export const warehouseSize = async (session: Session, settings: CompleteSettings): Promise<WarehouseSize> =>
  (await warehouseNow(session, settings)).size;

/** The warehouse as it is now. Needs no running warehouse. */
export async function warehouseNow(session: Session, settings: CompleteSettings): Promise<WarehouseNow> {
  const row = await shown(session, "WAREHOUSES", settings.warehouse);
  const size = row && sizeOf(String(row.size));
  if (!size)
    throw new LoadError(
      "warehouse-missing",
      row
        ? `Warehouse ${settings.warehouse} has a size this load does not know: "${row.size}".`
        : `Role ${settings.role} has no warehouse ${settings.warehouse}.`,
      row
        ? `set it to one of ${WAREHOUSE_SIZES.join(", ")}`
        : `create it, and GRANT USAGE, OPERATE, MODIFY, MONITOR ON WAREHOUSE ${settings.warehouse} to role ${settings.role}`,
    );
  return { size, generation: generationOf(row) };
}

/** The generation by a row of SHOW WAREHOUSES. */
export function generationOf(row: Row): Generation | undefined {
  const told = /^(?:STANDARD_GEN_)?([12])$/.exec(String(row.generation ?? row.resource_constraint ?? ""));
  return told?.[1] as Generation | undefined;
}

/**
 * Sets the size, and says whether that changed anything. Going up waits until the new nodes are there, so that the COPY
 * does not begin on the old ones; going down does not wait: running statements finish on the nodes they have.
 */
async function resize(session: Session, settings: CompleteSettings, size: WarehouseSize): Promise<boolean> {
  const before = await warehouseSize(session, settings);
  if (before === size) return false;
  await setSize(session, settings, size, NODES[size] > NODES[before]);
  return true;
}

async function setSize(
  session: Session,
  settings: CompleteSettings,
  size: WarehouseSize,
  wait = false,
): Promise<void> {
  const completion = wait ? " WAIT_FOR_COMPLETION = TRUE" : "";
  await session.rows(
    `ALTER WAREHOUSE ${namesOf(settings).warehouse} SET WAREHOUSE_SIZE = ${literal(size)}${completion}`,
  );
}

/** How long giving the warehouse back waits for a resize that is under way: a cluster takes a few seconds to come up. */
const RESIZE_SECONDS = 90;

export interface BorrowedWarehouse {
  /** Makes it as large as loading needs. Refuses once the warehouse is being given back. */
  enlarge(): Promise<void>;
  /** Makes it as small as it rests, after an enlargement that may still be under way. Says whether that changed anything. */
  giveBack(): Promise<boolean>;
}

/**
 * The warehouse for the time of a load. It is small again after `giveBack`, even when that comes while it is still being
 * made larger, as after a signal.
 */
export function borrowWarehouse(session: Session, settings: CompleteSettings): BorrowedWarehouse {
  let growth: Promise<unknown> = Promise.resolve();
  let returned = false;
  return {
    enlarge: async () => {
      if (returned) throw toldToEnd();
      growth = resize(session, settings, settings.loadSize);
      await growth;
    },
    giveBack: async () => {
      returned = true;
      // Whatever came of the growth was told to whoever asked for it; here it only has to be over.
      const over = growth.then(
        () => true,
        () => true,
      );
      if (await inTime(over, RESIZE_SECONDS * 1000, () => false))
        return resize(session, settings, settings.restSize);
      // What it shows while it grows is not to be relied on.
      await setSize(session, settings, settings.restSize);
      return true;
    },
  };
}

/**
 * Credits that the warehouse used since then, as far as the metering knows: undefined where it knows nothing (yet), or
 * where the role may not see it (it takes MONITOR USAGE on the account).
 */
export async function creditsSince(
  session: Session,
  settings: CompleteSettings,
  since: Date,
): Promise<number | undefined> {
  try {
    const rows = await session.rows(
      `SELECT SUM(CREDITS_USED) AS CREDITS FROM TABLE(${namesOf(settings).information}.WAREHOUSE_METERING_HISTORY(
  DATE_RANGE_START => ${literal(timestamp(since))}::TIMESTAMP_LTZ, WAREHOUSE_NAME => ?))`,
      [settings.warehouse],
    );
    const credits = rows[0]?.CREDITS;
    return credits === null || credits === undefined ? undefined : Number(credits);
  } catch (error) {
    // Cost is information, not a condition: without the privilege it is computed from time and size.
    if (["privilege-missing", "object-missing"].includes(kindOf(error))) return undefined;
    throw error;
  }
}
