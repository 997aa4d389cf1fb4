/**
 * Loads what is new into a deployed stack's table, under the loader's rights and without the engine:
 *   node commands/load.ts --stack dev
 * The next `pulumi refresh`, or `up`, takes the outcome over. Exit code 1 when the load was refused or failed. Draws the
 * report of a load that came to a verdict.
 */
import { UnverifiedError } from "../components/snowflake/errors.ts";
import { load } from "../components/verified-load/run.ts";
import { drawReport } from "../report/draw.ts";
import "../report/jsx.ts";
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
    return 0;
  } catch (error) {
    if (!(error instanceof UnverifiedError)) throw error;
    console.error(`refused: the readings are as they were before; what was found:\n${error.message}`);
    await draw();
    return 1;
  }
});
