import * as pulumi from "@pulumi/pulumi";
import { type BucketPolicyInputs, BucketPolicyProvider } from "./bucket-policy/provider.ts";

/** Inputs of the statements, each possibly known only once something was created. */
export type BucketPolicyStatementsArgs = {
  readonly [K in keyof BucketPolicyInputs]: pulumi.Input<BucketPolicyInputs[K]>;
};

/**
 * The stack's own statements in a bucket's policy. A bucket has one policy, and a bucket that was there before has one that
 * others wrote: their statements are kept, whatever order people work in, and the stack's are taken back with the stack.
 * @example new BucketPolicyStatements("raw-policy", { bucket, found, policy, own, keepOthers: true, protect: true, lasting: [] })
 */
export class BucketPolicyStatements extends pulumi.dynamic.Resource {
  /** Accounts that do not exist, so that S3 did not take them. */
  declare readonly leftOut: pulumi.Output<readonly string[]>;

  constructor(name: string, args: BucketPolicyStatementsArgs, options?: pulumi.CustomResourceOptions) {
    super(
      new BucketPolicyProvider(),
      name,
      { leftOut: undefined, ...args },
      options,
      "flux-ami",
      "BucketPolicyStatements",
    );
  }
}
