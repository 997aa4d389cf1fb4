/** Waiting that always ends: back-off between attempts, and limits. */

import { setTimeout as sleep } from "node:timers/promises";

/** Waits for the work, but no longer than so many milliseconds: then what `late` returns (or throws) counts. */
export async function inTime<T>(work: Promise<T>, milliseconds: number, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  try {
    return await Promise.race([work, over.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}

export interface RetryLimits {
  /** @default 8 */
  attempts?: number;
  /** First pause, milliseconds; doubles every time. @default 500 */
  firstPause?: number;
  /** Longest pause, milliseconds. @default 10000 */
  longestPause?: number;
}

/**
 * Runs `action` until it succeeds, fails for good, or the attempts are used up; then throws its last error.
 * `again` says whether an error is worth another attempt, and may repair what is broken before it.
 */
export async function retry<T>(
  action: () => Promise<T>,
  again: (error: unknown, attempt: number) => boolean | Promise<boolean>,
  { attempts = 8, firstPause = 500, longestPause = 10_000 }: RetryLimits = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (attempt >= attempts || !(await again(error, attempt))) throw error;
      const pause = Math.min(firstPause * 2 ** (attempt - 1), longestPause);
      await sleep(pause * (0.5 + Math.random() / 2));
    }
  }
}
