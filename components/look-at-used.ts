import * as pulumi from "@pulumi/pulumi";
import { refuseToDropWhatIsUsed } from "./existing/hand-over.ts";
import { type Found, lookAtUsed, type Used } from "./existing/look.ts";
import { readConnection } from "./snowflake/connection.ts";
import { identifier } from "./sql.ts";

/**
 * Looks at what the stack uses instead of making it, before anything is planned. Throws once for all that is missing, each
 * with its cure. Logs in only where something is used.
 */
export async function lookAtExisting(used: Used): Promise<Omit<Found, "faults">> {
  await refuseToDropWhatIsUsed(used);
  const { database, schema, warehouse, integration, loader } = used;
  if (!database && !schema && !warehouse && !integration && !loader.existing) return {};
  // The driver is slow to load, and most stacks make everything themselves.
  const { openSession } = await import("./snowflake/session.ts");
  const session = await openSession(readConnection(pulumi.runtime.getConfig), {
    tag: "flux-ami existing objects",
    // What the role itself may do counts, not what the user might by other roles.
    setup: [`USE ROLE ${identifier(used.deployer)}`, "USE SECONDARY ROLES NONE"],
  });
  try {
    const { faults, ...found } = await lookAtUsed(session, used);
    if (faults.length === 0) return found;
    throw new pulumi.RunError(
      `what the stack is to use is not as it needs it; nothing was changed\n${faults.map((fault) => `  ${fault}`).join("\n")}`,
    );
  } finally {
    await session.close();
  }
}
