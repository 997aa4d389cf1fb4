/** A load in a process of its own, to be killed: settings as JSON in the first argument, the login in the environment. */
import { readConnection } from "../../../components/snowflake/connection.ts";
import { load } from "../../../components/verified-load/run.ts";
import { complete } from "../../../components/verified-load/settings.ts";

const settings = complete({
  owner: "test/process",
  logicVersion: "1",
  ...JSON.parse(process.argv[2] ?? "{}"),
});
await load(
  settings,
  readConnection(() => undefined, process.env as Record<string, string>),
  (line) => process.stdout.write(`${line}\n`),
);
