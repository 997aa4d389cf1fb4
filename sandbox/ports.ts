import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** How long a port is waited for: any connection that somebody opens may have it for a moment. */
const PATIENCE_MS = 3_000;
const PAUSE_MS = 100;

/**
 * The port on 127.0.0.1 for a server that is to start: the one it had the last time (kept in `file`) when that is
 * free within seconds, so that addresses outlive a restart, else any free one.
 */
export async function choosePort(file: string): Promise<number> {
  const last = rememberedPort(file);
  const port = (last !== undefined && (await freed(last))) || (await probe(0));
  if (!port) throw new Error("no free port on 127.0.0.1");
  writeFileSync(file, String(port));
  return port;
}

/** The port kept in `file`. */
export function rememberedPort(file: string): number | undefined {
  return existsSync(file) ? Number(readFileSync(file, "utf8")) : undefined;
}

/** The port once it is free; undefined when it stays taken. */
async function freed(port: number): Promise<number | undefined> {
  for (let waited = 0; waited < PATIENCE_MS; waited += PAUSE_MS) {
    const free = await probe(port);
    if (free !== undefined) return free;
    await sleep(PAUSE_MS);
  }
  return undefined;
}

/** The port that could be bound (0 asks for any), or undefined when it is taken. */
function probe(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port : undefined));
    });
  });
}
