/**
 * Takes over what exists in the accounts and a stack's state does not know, because the state was lost, an update was
 * killed, a destroy kept it, or somebody renamed it:
 *   node commands/import.ts --stack dev
 * It looks at what the state holds (what is gone leaves it), asks the program what it would make, and imports what of that
 * is there. Nothing is changed in any account: that does `pulumi up` afterwards, which a preview shows.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXISTING_FILE, type Existing } from "../components/existing/kinds.ts";
import { type Declared, importFile } from "./import-file.ts";
import { loginVariables, main, runPulumi, stackArgument } from "./stack.ts";

async function takeOver(stack: string, folder: string): Promise<number> {
  console.log(`looking at what the state of stack ${stack} holds`);
  await refresh(stack);
  console.log("looking at what exists of what the stack would make");
  const found = join(folder, "existing");
  writeFileSync(found, "");
  const preview = await runPulumi(["preview", "--stack", stack, "--json"], {
    [EXISTING_FILE]: found,
    PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true",
  });
  const existing = readFileSync(found, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Existing);
  if (existing.length === 0) {
    console.log(`there is nothing to take over: nothing exists of what stack ${stack} would still make`);
    return 0;
  }
  const file = join(folder, "import.json");
  writeFileSync(file, JSON.stringify(importFile(existing, declaredIn(preview))));
  // Protected until `up` says what the config says of it: nothing that holds rows is to go with a destroy in between.
  await runPulumi(
    ["import", "--stack", stack, "--file", file, "--yes", "--skip-preview", "--generate-code=false"],
    await loginVariables(stack),
  );
  await takeDefaults(stack, join(folder, "state.json"));
  console.log(["taken over:", ...existing.map(({ what }) => `  ${what}`)].join("\n"));
  console.log(`next: make preview STACK=${stack} shows what \`pulumi up -s ${stack}\` changes on them`);
  return 0;
}

/**
 * The provider writes down of an imported schema that it is not transient, and takes the default, which says the same, for a
 * change that would make it anew [terraform-provider-snowflake 1.2.1, ImportSchema].
 */
async function takeDefaults(stack: string, file: string): Promise<void> {
  const state = JSON.parse(await runPulumi(["stack", "export", "--stack", stack])) as {
    deployment: { resources: { type: string; outputs?: Record<string, unknown> }[] };
  };
  const schemas = state.deployment.resources.filter(({ type }) => type === "snowflake:index/schema:Schema");
  for (const { outputs = {} } of schemas)
    for (const key of ["isTransient", "withManagedAccess"])
      if (outputs[key] === "false") outputs[key] = "default";
  writeFileSync(file, JSON.stringify(state));
  await runPulumi(["stack", "import", "--stack", stack, "--file", file]);
}

/** How many objects at most stand in the way of a refresh. */
const REFRESHES = 10;

/**
 * What is gone leaves the state. Of a stage whose schema or database is gone the provider says no more than that it cannot
 * look [terraform-provider-snowflake 1.2.1, ReadStage], so such a one leaves by itself, and with it what needs it.
 */
async function refresh(stack: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      // A creation that was killed is pending in the state; whether it was done is what is looked for afterwards.
      await runPulumi(["refresh", "--stack", stack, "--yes", "--skip-preview", "--clear-pending-creates"]);
      return;
    } catch (error) {
      const gone = goneIn((error as Error).message);
      if (gone.length === 0 || attempt === REFRESHES) throw error;
      for (const urn of gone)
        await runPulumi([
          "state",
          "delete",
          urn,
          "--stack",
          stack,
          "--target-dependents",
          "--force",
          "--yes",
        ]);
    }
  }
}

/** What a refresh could not look at because it does not exist. */
const goneIn = (said: string): string[] => [
  ...new Set(
    [...said.matchAll(/refreshing (urn:pulumi:\S+): \d+ errors? occurred:\s+\* (.*)/g)].flatMap(
      ([, urn = "", why = ""]) => (/does not exist or not authorized/.test(why) ? [urn] : []),
    ),
  ),
];

/** Every resource that the preview would make or keep, by its URN. */
function declaredIn(events: string): Map<string, Declared> {
  const declared = new Map<string, Declared>();
  for (const line of events.split("\n")) {
    if (!line.startsWith("{")) continue;
    const { resourcePreEvent } = JSON.parse(line) as {
      resourcePreEvent?: { metadata: { op: string; urn: string; new: Omit<Declared, "op"> | null } };
    };
    const metadata = resourcePreEvent?.metadata;
    if (metadata?.new) declared.set(metadata.urn, { ...metadata.new, op: metadata.op });
  }
  return declared;
}

await main(async () => {
  const stack = stackArgument(process.argv.slice(2));
  const folder = mkdtempSync(join(tmpdir(), "flux-import-"));
  try {
    return await takeOver(stack, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
