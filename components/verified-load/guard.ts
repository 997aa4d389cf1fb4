/** What happens when the process is told to end, or when the engine it works for is gone. */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Cleaning up may take so long, then the process ends regardless. */
const LIMIT_MS = 20_000;
const LOOK_EVERY_MS = 1000;

/**
 * Runs `cleanUp` once and ends the process when a signal comes, or when the parent process dies: nobody would hear the
 * result any more. What runs in Snowflake goes on there; the next run attaches to it. Call the returned function when
 * the work is over.
 */
export function guard(log: (line: string) => void, cleanUp: () => Promise<void>): () => void {
  const parent = process.ppid;
  let ending = false;
  const end = async (why: string, exitCode: number) => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(exitCode), LIMIT_MS).unref();
    // Nobody may listen any more.
    try {
      log(
        `load: ${why}: setting the warehouse back; a COPY that runs goes on in Snowflake, and the next run attaches to it`,
      );
      await cleanUp();
    } finally {
      process.exit(exitCode);
    }
  };
  const listeners = SIGNALS.map((signal) => {
    const listener = () => void end(`got ${signal}`, 130);
    process.on(signal, listener);
    return [signal, listener] as const;
  });
  const timer = setInterval(() => {
    if (process.ppid !== parent) void end("the engine is gone", 1);
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}
