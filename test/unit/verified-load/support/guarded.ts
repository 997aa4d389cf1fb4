/** A process at work under the guard; with an argument it is the child of such a one, whose death the child survives. */
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { guard } from "../../../../components/verified-load/guard.ts";

const [, script = "", log = "", role] = process.argv;
const note = (line: string) => appendFileSync(log, `${line}\n`);
if (role === "parent") {
  spawn(process.execPath, [script, log], { stdio: "ignore", detached: true });
  setTimeout(() => {}, 60_000);
} else {
  guard(note, async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    note("cleaned up");
  });
  note(`at work ${process.pid}`);
  setTimeout(() => note("nobody ended it"), 20_000);
}
