/** What the stack's state holds: the engine alone knows, so it is asked, once in a run of the program. */
import * as pulumi from "@pulumi/pulumi";
import { callPulumi, resourcesIn, type StateResource } from "./engine.ts";

let state: Promise<readonly StateResource[]> | undefined;

/** Rejects for who cannot ask. */
export function resourcesInState(): Promise<readonly StateResource[]> {
  const stack = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  state ??= callPulumi(["stack", "export", "--stack", stack]).then(resourcesIn);
  return state;
}
