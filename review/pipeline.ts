/**
 * What the deployment asks GitHub before it touches an account:
 *   node review/pipeline.ts start --stacks '["prod"]'     starts a deployment of each, on the newest commit
 *   node review/pipeline.ts guarded --environment prod    fails unless reviewers guard that environment, and only the default
 *                                                         branch deploys into it; with --unattended the branch is enough
 *   node review/pipeline.ts newest                        fails unless this commit is the newest one
 */
import { parseArgs } from "node:util";
import { environmentFault, newestCommit, repositoryOf, startWorkflow } from "./github.ts";

const USAGE =
  "usage: node review/pipeline.ts start --stacks JSON | guarded --environment NAME [--unattended] | newest";
const WORKFLOW = "deploy.yml";

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      stacks: { type: "string" },
      environment: { type: "string" },
      unattended: { type: "boolean", default: false },
    },
  });
  const repository = repositoryOf(process.env);
  const [command] = positionals;
  if (command === "start" && values.stacks !== undefined) {
    const { branch } = await newestCommit(repository);
    const failures: string[] = [];
    // One that cannot be started holds back no other.
    for (const stack of JSON.parse(values.stacks) as string[]) {
      try {
        await startWorkflow(repository, WORKFLOW, branch, { stack });
        console.log(`started: ${stack}`);
      } catch (error) {
        failures.push(`${stack}: ${(error as Error).message}`);
      }
    }
    if (failures.length > 0) throw new Error(failures.join("\n"));
    return;
  }
  if (command === "guarded" && values.environment !== undefined) {
    const fault = await environmentFault(repository, values.environment, values.unattended);
    if (fault !== undefined)
      throw new Error(`${values.unattended ? "nobody logs in" : "nothing is deployed"}: ${fault}`);
    return;
  }
  if (command === "newest") {
    const { branch, sha } = await newestCommit(repository);
    const { GITHUB_SHA = "" } = process.env;
    if (sha === GITHUB_SHA) return;
    throw new Error(
      `nothing is deployed: ${branch} has moved on from ${GITHUB_SHA} to ${sha}, whose own run plans all stacks anew`,
    );
  }
  throw new Error(USAGE);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
