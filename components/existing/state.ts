/** What the stack's state holds: the engine alone knows, so it is asked, once in a run of the program. */
import * as pulumi from "@pulumi/pulumi";
import { callPulumi } from "./engine.ts";

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  /** Of what was made: its ID. */
  readonly id?: string;
  /** True for what is only read. */
  readonly external?: boolean;
  /** True for what stays in its cloud when the stack lets go of it. */
  readonly retainOnDelete?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

let state: Promise<readonly StateResource[]> | undefined;

/** Rejects for who cannot ask. */
export function resourcesInState(): Promise<readonly StateResource[]> {
  state ??= exported([pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/"));
  return state;
}

async function exported(stack: string): Promise<readonly StateResource[]> {
  const { exitCode, stdout, stderr } = await callPulumi(["stack", "export", "--stack", stack]);
  if (exitCode !== 0) throw new Error(`\`pulumi stack export\` failed: ${stderr.trim()}`);
  return resourcesOf(stdout);
}

/** The resources of an exported state. */
export const resourcesOf = (state: string): readonly StateResource[] =>
  (JSON.parse(state) as { deployment?: { resources?: StateResource[] } }).deployment?.resources ?? [];
