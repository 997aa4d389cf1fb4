/** A process at work under the guard, for the engine at the address in its first argument. */
import { appendFileSync } from "node:fs";
import { guard, watchEngine } from "../../../../components/verified-load/guard.ts";

const [, , , log = ""] = process.argv;
const note = (line: string) => appendFileSync(log, `${line}\n`);
watchEngine();
guard(note, async () => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  note("cleaned up");
});
note("at work");
setTimeout(() => note("nobody ended it"), 20_000);
