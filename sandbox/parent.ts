import { fstatSync } from "node:fs";

/**
 * Calls `orphaned` once the process that started this one is gone. Who is killed takes leave of nobody, but the pipe that
 * it gave its child as standard input, and of which nobody else has the other end, is closed by then, however early in
 * this one's life that was. The engine gives each plugin such a pipe. Does nothing where standard input is no pipe.
 */
export function watchParent(orphaned: () => void): void {
  const input = fstatSync(0);
  if (!input.isFIFO() && !input.isSocket()) return;
  process.stdin.once("end", orphaned).once("error", orphaned).resume();
  process.stdin.unref();
}
