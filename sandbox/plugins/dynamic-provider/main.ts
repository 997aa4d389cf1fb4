/**
 * The provider of dynamic resources: the one that @pulumi/pulumi ships, of the program that the engine runs it for.
 * Its own start script leaves it behind when the engine is killed.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { watchParent } from "../../parent.ts";

// Told, not ended: a load at work gives the warehouse back first, as it does where nobody but itself sees the engine go.
watchParent(() => process.kill(process.pid, "SIGTERM"));

createRequire(join(process.cwd(), "package.json"))("@pulumi/pulumi/cmd/dynamic-provider");
