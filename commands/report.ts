/**
 * Draws the report of a deployed stack's last load, or of another one that is on record, published or not:
 *   node commands/report.ts --stack dev [--run LOAD_ID]
 */
import { drawReport } from "../report/draw.ts";
import "../report/jsx.ts";
import { deployedLoad, main, stackArgument } from "./stack.ts";

await main(async () => {
  const args = process.argv.slice(2);
  const stack = stackArgument(args);
  const run = args.includes("--run") ? args[args.indexOf("--run") + 1] : undefined;
  const { settings, connection } = await deployedLoad(stack);
  console.log(`report: ${await drawReport(settings, connection, { stack, run })}`);
  return 0;
});
