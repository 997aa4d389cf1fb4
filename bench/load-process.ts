/** One load in a process of its own, told by message what to load: answers with its peak memory in megabytes. */
import { once } from "node:events";
import type { Connection } from "../components/snowflake/connection.ts";
import { load } from "../components/verified-load/run.ts";
import type { CompleteSettings } from "../components/verified-load/settings.ts";

const [message] = await once(process, "message");
const { settings, connection } = message as { settings: CompleteSettings; connection: Connection };
await load(settings, connection, () => {});
process.send?.(process.resourceUsage().maxRSS / 1024);
process.disconnect();
