/**
 * Loads what is new into a deployed stack's table, under the loader's rights and without the engine:
 *   node commands/load.ts --stack dev
 * The next `pulumi refresh`, or `up`, takes the outcome over. Draws the report of a load that came to a verdict.
 * Exit code 0: it ended well. 1: refused, and nothing of it was published. 2: failed, and what it published is not known here:
 * nothing, or all of it, as the accounting says (commands/status.ts).
 */
import { UnverifiedError } from "../components/snowflake/errors.ts";
import { load } from "../components/verified-load/run.ts";
import { drawReport } from "../report/draw.ts";
import "../report/jsx.ts";
import { FAILED, REFUSED, TOLD_REFUSED, WELL } from "../review/load-ends.ts";
import { deployedLoad, main, stackArgument } from "./stack.ts";

await main(async () => {
  const stack = stackArgument(process.argv.slice(2));
  const { settings, connection } = await deployedLoad(stack);
  const draw = async () => {
    try {
      console.log(`report: ${await drawReport(settings, connection, { stack })}`);
    } catch (error) {
      // The load has its verdict, with or without a picture.
      console.error(`report: could not be drawn: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  try {
    await load(settings, connection, (line) => console.log(line));
    await draw();
    return WELL;
  } catch (error) {
    if (!(error instanceof UnverifiedError)) throw error;
    console.error(`refused: the readings are as they were before; what was found:\n${error.message}`);
    process.send?.(TOLD_REFUSED);
    await draw();
    return REFUSED;
  }
}, FAILED);
