/**
 * Says what became of the last loads of a deployed stack, from the accounting:
 *   node commands/status.ts --stack dev [--json]
 * With --json all that each of them told: checks, files, cost.
 * Exit code 0 when the last one was published and nothing waits, else 1.
 */
import { status } from "../components/verified-load/status.ts";
import { deployedLoad, main, stackArgument } from "./stack.ts";

await main(async () => {
  const { settings, connection } = await deployedLoad(stackArgument(process.argv.slice(2)));
  const { lines, well, loads } = await status(settings, connection);
  if (process.argv.includes("--json")) console.log(JSON.stringify(loads, null, 2));
  else for (const line of lines) console.log(line);
  return well ? 0 : 1;
});
