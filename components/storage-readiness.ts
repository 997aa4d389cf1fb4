import * as pulumi from "@pulumi/pulumi";
import { type ReadinessInputs, ReadinessProvider } from "./readiness/provider.ts";

/** Inputs of the readiness, each possibly known only once something was created. */
export type StorageReadinessArgs = {
  readonly [K in keyof ReadinessInputs]: pulumi.Input<ReadinessInputs[K]>;
};

/**
 * Stands once Snowflake can read the folder through its integration. Whatever reads through it depends on this, so that
 * a trust that does not hold fails here, with its cure, and not in the middle of a load.
 * @example new StorageReadiness("trust-readiness", { integration, integrationIdentity, url, roleArn, externalId, … })
 */
export class StorageReadiness extends pulumi.dynamic.Resource {
  constructor(name: string, args: StorageReadinessArgs, options?: pulumi.CustomResourceOptions) {
    super(new ReadinessProvider(), name, { ...args }, options, "flux-ami", "StorageReadiness");
  }
}
