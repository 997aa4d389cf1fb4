import { mkdirSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { watchParent } from "../parent.ts";
import { startSnowflake } from "./start.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    port: { type: "string", default: "0" },
    "clock-offset-days": { type: "string", default: "0" },
    "session-ttl-seconds": { type: "string", default: "3600" },
    "patience-seconds": { type: "string", default: "45" },
    "detached-seconds": { type: "string" },
    "memory-mb": { type: "string", default: "2048" },
    threads: { type: "string" },
    "copy-delay-ms": { type: "string", default: "0" },
  },
});
if (values.data === undefined) {
  process.stderr.write(
    "usage: main.ts --data <folder> [--port <n>]: the folder with accounts.json is needed\n",
  );
  process.exit(2);
}

// What it writes is state, with secrets among it: for its owner's eyes only.
process.umask(0o077);
const dataDirectory = path.resolve(values.data);
mkdirSync(dataDirectory, { recursive: true });
const snowflake = await startSnowflake({
  dataDirectory,
  port: Number(values.port),
  clockOffsetDays: Number(values["clock-offset-days"]),
  sessionSeconds: Number(values["session-ttl-seconds"]),
  patienceSeconds: Number(values["patience-seconds"]),
  detachedSeconds: values["detached-seconds"] === undefined ? undefined : Number(values["detached-seconds"]),
  memoryMegabytes: Number(values["memory-mb"]),
  objectDelayMilliseconds: Number(values["copy-delay-ms"]),
  // JSON, such as {"queryHistoryDelaySeconds":60}; names and values are those of switches.ts.
  switches: JSON.parse(process.env.SNOWFLAKE_SWITCHES ?? "{}"),
  threads: values.threads === undefined ? undefined : Number(values.threads),
});
process.stdout.write(`${JSON.stringify({ port: snowflake.port })}\n`);

let stopping: Promise<void> | undefined;
async function stop() {
  // A signal and the parent's end may come one after the other.
  stopping ??= snowflake.stop();
  await stopping;
  process.exit(0);
}
process.once("SIGTERM", stop);
process.once("SIGINT", stop);
watchParent(stop);
