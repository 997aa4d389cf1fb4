/** What happens when the process is told to end, or when the engine it works for is gone. */
import { connect } from "node:net";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Cleaning up may take so long (a warehouse that is being made larger has to finish that), then the process ends regardless. */
const LIMIT_MS = 120_000;
const LOOK_EVERY_MS = 1000;

type Log = (line: string) => void;
type Work = { log: Log; cleanUp: () => Promise<void> };
const underWay = new Set<Work>();
let ending = false;

/** Cleans up after the work that is under way, once, and ends the process. */
async function end(why: string, exitCode: number): Promise<void> {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(exitCode), LIMIT_MS).unref();
  const told =
    "setting the warehouse back; nothing is published, or all of it, and the next run goes on from there";
  await Promise.allSettled(
    [...underWay].map(({ log, cleanUp }) => {
      log(`load: ${why}: ${told}`);
      return cleanUp();
    }),
  );
  process.exit(exitCode);
}

/**
 * As long as the work lasts, signals clean up after it before they end the process. Call the returned function when the
 * work is over.
 */
export function guard(log: Log, cleanUp: () => Promise<void>): () => void {
  const work: Work = { log, cleanUp };
  underWay.add(work);
  const listeners = SIGNALS.map((signal) => {
    const listener = () => void end(`got ${signal}`, 130);
    process.on(signal, listener);
    return [signal, listener] as const;
  });
  return () => {
    underWay.delete(work);
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}

let watching = false;

/**
 * Ends the process when its engine is gone: nobody would hear the result any more. The engine gives its address as the
 * first argument; the parent process would not do, because a shell may stand between. To be called once work begins.
 */
export function watchEngine(address = process.argv[2] ?? ""): void {
  const [host, port] = address.split(":");
  if (watching || !host || !/^\d+$/.test(port ?? "")) return;
  watching = true;
  // Printing to a reader that is gone must not end in an error of its own.
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", () => void end("the engine is gone", 1));
  const timer = setInterval(() => {
    const socket = connect({ host, port: Number(port) });
    socket.on("connect", () => socket.destroy());
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED") void end("the engine is gone", 1);
    });
  }, LOOK_EVERY_MS);
  timer.unref();
}
