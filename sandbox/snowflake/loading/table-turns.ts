import type { Cloud } from "../context.ts";

/** By table ID: settles when the last COPY in line is done. */
const lines = new WeakMap<Cloud, Map<number, Promise<void>>>();

/** Runs work on a table when all that came before it is done: two COPYs into one table never load a file twice. */
export async function inTurn<Result>(
  cloud: Cloud,
  tableId: number,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const line = lines.get(cloud) ?? new Map<number, Promise<void>>();
  lines.set(cloud, line);
  const before = line.get(tableId) ?? Promise.resolve();
  const { promise: done, resolve: leave } = Promise.withResolvers<void>();
  const mine = before.then(() => done);
  line.set(tableId, mine);
  try {
    await turnOrAbort(before, signal);
    return await work();
  } finally {
    leave();
    if (line.get(tableId) === mine) line.delete(tableId);
  }
}

async function turnOrAbort(turn: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([turn, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
