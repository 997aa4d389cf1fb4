import type * as pulumi from "@pulumi/pulumi";
import type { AwsLogin, Guards } from "./bucket.ts";

/** Inputs: what the stack says in the policy, and the bucket as it was found when the program ran. */
export interface BucketPolicyInputs {
  readonly bucket: string;
  /** The whole policy as it was found, JSON; empty without one. */
  readonly found: string;
  /** The whole policy as it is to be, JSON: what policies and reviews judge. */
  readonly policy: string;
  /** IDs of the statements in it that are the stack's. */
  readonly own: readonly string[];
  /** True when others have a say in it, whose statements are kept. */
  readonly keepOthers: boolean;
  /** IDs of those that stay when the stack goes, because the bucket stays and is the stack's. */
  readonly lasting: readonly string[];
  /** True when the bucket is not left for another. */
  readonly protect: boolean;
  /** What guards the bucket, as found, where that is not the stack's to set. */
  readonly guards?: Guards;
}

/** Outputs, where they are of this resource: the policy as it is, and the accounts in it that S3 did not take because they do not exist. */
export interface BucketPolicyOutputs extends BucketPolicyInputs {
  readonly leftOut: readonly string[];
}

/**
 * Thin on purpose: Pulumi keeps a provider's code in the state, so the logic is imported by the methods and may change
 * without touching it. Credentials are read on configure and never become part of an input or output.
 */
export class BucketPolicyProvider
  implements pulumi.dynamic.ResourceProvider<BucketPolicyInputs, BucketPolicyOutputs>
{
  private login?: AwsLogin;

  async configure(request: pulumi.dynamic.ConfigureRequest): Promise<void> {
    const { readAwsLogin } = await import(`${process.cwd()}/components/bucket-policy/bucket.ts`);
    this.login = readAwsLogin((key: string) => request.config.get(key));
  }

  async create(inputs: BucketPolicyInputs): Promise<pulumi.dynamic.CreateResult<BucketPolicyOutputs>> {
    const { put } = await import(`${process.cwd()}/components/bucket-policy/resource.ts`);
    return { id: inputs.bucket, outs: await put(this.login, inputs, undefined) };
  }

  async diff(
    _id: string,
    olds: BucketPolicyOutputs,
    news: BucketPolicyInputs,
  ): Promise<pulumi.dynamic.DiffResult> {
    const { differs, keepBucket } = await import(`${process.cwd()}/components/bucket-policy/resource.ts`);
    keepBucket(olds, news);
    return { changes: differs(olds, news), replaces: olds.bucket === news.bucket ? [] : ["bucket"] };
  }

  async update(
    _id: string,
    olds: BucketPolicyOutputs,
    news: BucketPolicyInputs,
  ): Promise<pulumi.dynamic.UpdateResult<BucketPolicyOutputs>> {
    const { put } = await import(`${process.cwd()}/components/bucket-policy/resource.ts`);
    return { outs: await put(this.login, news, olds) };
  }

  /** Sees the whole policy and the guards as they are, whoever changed them. */
  async read(
    id: string,
    props?: BucketPolicyOutputs,
  ): Promise<pulumi.dynamic.ReadResult<BucketPolicyOutputs>> {
    if (props === undefined) return {};
    const { look } = await import(`${process.cwd()}/components/bucket-policy/resource.ts`);
    const found: BucketPolicyOutputs | undefined = await look(this.login, props);
    return found === undefined ? {} : { id, props: found };
  }

  async delete(_id: string, props: BucketPolicyOutputs): Promise<void> {
    const { takeBack } = await import(`${process.cwd()}/components/bucket-policy/resource.ts`);
    await takeBack(this.login, props);
  }
}
