/** What the stack's state holds: the engine alone knows, so it is asked, once in a run of the program. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  /** True for what is only read. */
  readonly external?: boolean;
  /** True for what stays in its cloud when the stack lets go of it. */
  readonly retainOnDelete?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

let state: Promise<readonly StateResource[]> | undefined;

/** Rejects for who cannot ask. */
export function resourcesInState(): Promise<readonly StateResource[]> {
  const stack = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  state ??= promisify(execFile)("pulumi", ["stack", "export", "--stack", stack, "--non-interactive"], {
    maxBuffer: 1e9,
  }).then(
    ({ stdout }) =>
      (JSON.parse(stdout) as { deployment?: { resources?: StateResource[] } }).deployment?.resources ?? [],
  );
  return state;
}
