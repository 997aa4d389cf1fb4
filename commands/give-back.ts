/**
 * Gives back what a load of a deployed stack held that was ended without a word, as when its machine was taken away:
 *   node commands/give-back.ts --stack dev
 * The next load does that as well; this is for who does not want to pay for a large warehouse until then.
 */
import { giveBack } from "../components/verified-load/give-back.ts";
import { deployedLoad, main, stackArgument } from "./stack.ts";

await main(async () => {
  const { settings, connection } = await deployedLoad(stackArgument(process.argv.slice(2)));
  await giveBack(settings, connection, (line) => console.log(line));
  return 0;
});
