/** The checks whose failure would make an update stop half-way, asked before it makes anything. */
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/index.ts";

/** What the running program proves by running. */
const PROVED = ["pulumi.cli", "pulumi.backend", "pulumi.secrets", "config.valid"];

/**
 * Throws what fails, with its cures. A preview asks nothing: it changes nothing, and its login may be one that can only
 * look. What is not known stops nobody.
 */
export async function assertReady(config: StackConfig): Promise<void> {
  if (pulumi.runtime.isDryRun()) return;
  // Loaded where something is asked, so that previews need not wait for it.
  const [{ checksFor }, { run }, { surroundings, World }] = await Promise.all([
    import("./checks/index.ts"),
    import("./run.ts"),
    import("./world.ts"),
  ]);
  const stack = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const values = pulumi.runtime.allConfig();
  const world = new World({ ...surroundings(stack), known: { config, values } });
  try {
    const checks = checksFor(config);
    const needed = new Set<string>(checks.filter(({ beforeUp }) => beforeUp).map(({ id }) => id));
    for (const id of needed)
      for (const need of checks.find((check) => check.id === id)?.needs ?? []) needed.add(need);
    const asked = checks.filter(({ id }) => needed.has(id) && !PROVED.includes(id));
    const results = await run(asked, world);
    const failed = results.filter(({ state }) => state === "fail");
    if (failed.length === 0) return;
    throw new pulumi.RunError(
      [
        `this update would stop half-way; nothing was changed. \`make doctor STACK=${pulumi.getStack()}\` says more`,
        ...failed.map(({ check, said, cure }) => `  ${check.id}: ${said}\n      cure: ${cure}`),
      ].join("\n"),
    );
  } finally {
    await world.close();
  }
}
