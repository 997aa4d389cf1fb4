/**
 * Says whether `pulumi up` would work, before it is tried. Looks, and changes nothing:
 *   node preflight/main.ts --stack dev
 * Exit code 0: nothing fails. 1: something does. 2: it could not run. 3: nothing fails, but something essential is not known.
 */
import { parseArgs } from "node:util";
import type { Check } from "./check.ts";
import { CHECKS } from "./checks/index.ts";
import { doctor } from "./doctor.ts";
import { surroundings } from "./world.ts";

const USAGE = `node preflight/main.ts --stack NAME
  --only A,B        only these checks or groups, and what they need
  --skip A,B        all but these
  --offline         only what can be said without AWS, Snowflake and the backend
  --verbose         every check, with its time
  --list            the checks there are; runs none
  --output json     for programs`;
/** What takes longer than this is named while it lasts. */
const PATIENCE_MS = 1_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      stack: { type: "string" },
      only: { type: "string" },
      skip: { type: "string" },
      offline: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      output: { type: "string", default: "text" },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (values.list) {
    for (const { id, title } of CHECKS) console.log(`${id.padEnd(22)} ${title}`);
    return 0;
  }
  if (!values.stack) throw new Error("say which stack: --stack dev");
  if (values.output !== "text" && values.output !== "json")
    throw new Error(`--output is text or json, not ${values.output}`);
  const names = (list: string | undefined) => list?.split(",").filter((name) => name !== "");
  const only = names(values.only);
  const pending = showPending();
  try {
    const { output, exitCode } = await doctor(surroundings(values.stack), {
      ...(only && { only }),
      skip: names(values.skip) ?? [],
      offline: values.offline,
      verbose: values.verbose,
      output: values.output,
      progress: pending.show,
    });
    pending.end();
    console.log(output);
    return exitCode;
  } finally {
    pending.end();
  }
}

/** Names what is still being asked, on a terminal, once it takes long. */
function showPending() {
  const { stderr } = process;
  if (!stderr.isTTY) return { show: () => {}, end: () => {} };
  let names = "machine";
  const draw = () => stderr.write(`\r\x1b[Kasking: ${names}`.slice(0, 84));
  const timer = setInterval(draw, PATIENCE_MS);
  return {
    show: (checks: readonly Check[]) => {
      names = checks.map(({ id }) => id).join(", ");
    },
    end: () => {
      clearInterval(timer);
      stderr.write("\r\x1b[K");
    },
  };
}

try {
  const exitCode = await main();
  // Ends although somebody may still wait for an answer that does not come; what was printed is out by then.
  process.stdout.write("", () => process.exit(exitCode));
} catch (error) {
  console.error(`doctor could not run: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exitCode = 2;
}
