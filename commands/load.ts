/**
 * Loads what is new into a deployed stack's table, under the loader's rights and without the engine:
 *   node commands/load.ts --stack dev
 * The next `pulumi refresh`, or `up`, takes the outcome over. Exit code 1 when the load was refused or failed.
 */
import { UnverifiedError } from "../components/snowflake/errors.ts";
import { load } from "../components/verified-load/run.ts";
import { deployedLoad, main, stackArgument } from "./stack.ts";

await main(async () => {
  const { settings, connection } = deployedLoad(stackArgument(process.argv.slice(2)));
  try {
    await load(settings, connection, (line) => console.log(line));
    return 0;
  } catch (error) {
    if (!(error instanceof UnverifiedError)) throw error;
    console.error(`refused: the readings are as they were before; what was found:\n${error.message}`);
    return 1;
  }
});
