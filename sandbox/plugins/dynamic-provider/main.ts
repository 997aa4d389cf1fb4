/**
 * The provider of dynamic resources: the one that @pulumi/pulumi ships, of the program that the engine runs it for.
 * Its own start script leaves it behind when the engine is killed.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import "../end-with-parent.ts";

createRequire(join(process.cwd(), "package.json"))("@pulumi/pulumi/cmd/dynamic-provider");
