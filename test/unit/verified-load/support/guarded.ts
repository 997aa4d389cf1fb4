/** A process at work under the guard, for the engine at the address in its first argument. */
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { guard, watchEngine } from "../../../../components/verified-load/guard.ts";

const [, , , log = ""] = process.argv;
const note = (line: string) => appendFileSync(log, `${line}\n`);
watchEngine();
guard(note, async () => {
  await sleep(50);
  note("cleaned up");
});
note("at work");
setTimeout(() => note("nobody ended it"), 20_000);
