/** The AWS that the stack is deployed into, as its login sees it. Only what looks is here. */
import {
  type EvaluationResult,
  GetPolicyCommand,
  GetRoleCommand,
  IAMClient,
  paginateSimulatePrincipalPolicy,
} from "@aws-sdk/client-iam";
import {
  GetBucketVersioningCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { loginFrom, ROLES } from "../components/bucket-policy/bucket.ts";
import {
  type Encryption,
  encryptionOf,
  ownershipOf,
  policyOf,
  publicAccessBlockOf,
  UNSET,
} from "../components/bucket-policy/bucket-settings.ts";

/** What the clients are told beside region and login. */
export type AwsSettings = Readonly<Record<string, unknown>>;

export interface Identity {
  readonly account: string;
  readonly arn: string;
}

export interface BucketHead {
  /**
   * `denied`: it exists, and these credentials may not see it, or it is another account's. `elsewhere`: it exists in
   * another region, and whose it is was not told.
   */
  readonly state: "there" | "missing" | "denied" | "elsewhere";
  /** Region, where S3 said it. */
  readonly region?: string;
}

export interface StoredFile {
  readonly key: string;
  readonly size: number;
  readonly storageClass: string;
}

/** Pages of 1,000 keys that are counted at most: more say nothing new before a load. */
const PAGES = 20;

/** Status and headers that S3 answers a refused HEAD with. */
interface Refusal extends Error {
  $metadata?: { httpStatusCode?: number };
  $response?: { headers?: Record<string, string> };
}

export class Aws {
  private readonly iam: IAMClient;
  private readonly s3: S3Client;
  private readonly sts: STSClient;
  /** Keys of `aws:` that decide about the login and that are not followed here. */
  readonly unfollowed: readonly string[];

  constructor(region: string, values: Readonly<Record<string, string>>, more: AwsSettings = {}) {
    const settings = { ...loginFrom((key) => values[`aws:${key}`]), region, maxAttempts: 2, ...more };
    this.unfollowed = [...ROLES, "endpoints"].map((key) => `aws:${key}`).filter((key) => values[key]);
    this.iam = new IAMClient(settings);
    // In another region S3 says only that, and whose the bucket is once its own is asked.
    this.s3 = new S3Client({ ...settings, followRegionRedirects: true });
    this.sts = new STSClient(settings);
  }

  close(): void {
    for (const client of [this.iam, this.s3, this.sts]) client.destroy();
  }

  async identity(): Promise<Identity> {
    const { Account = "", Arn = "" } = await this.sts.send(new GetCallerIdentityCommand({}));
    return { account: Account, arn: Arn };
  }

  /** Whether a bucket of this account is there. */
  async head(bucket: string, account: string): Promise<BucketHead> {
    try {
      const { BucketRegion } = await this.s3.send(
        new HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner: account }),
      );
      return { state: "there", ...(BucketRegion && { region: BucketRegion }) };
    } catch (error) {
      const { $metadata, $response } = error as Refusal;
      const region = $response?.headers?.["x-amz-bucket-region"];
      const known = region ? { region } : {};
      switch ($metadata?.httpStatusCode) {
        case 404:
          return { state: "missing" };
        case 403:
          return { state: "denied", ...known };
        case 301:
        case 400:
          // What is refused for another reason, such as a token, names no region.
          if (region) return { state: "elsewhere", region };
      }
      throw error;
    }
  }

  /** The text of the bucket's policy; undefined when it has none. */
  policy(bucket: string): Promise<string | undefined> {
    return policyOf(this.s3, bucket);
  }

  /** How the bucket encrypts what is put into it, where somebody said so. */
  encryption(bucket: string): Promise<Encryption | undefined> {
    return encryptionOf(this.s3, bucket);
  }

  ownership(bucket: string): Promise<string | undefined> {
    return ownershipOf(this.s3, bucket);
  }

  /** Whether all four guards against public access are on. */
  async publicAccessBlocked(bucket: string): Promise<boolean> {
    return Object.values((await publicAccessBlockOf(this.s3, bucket)) ?? UNSET.publicAccessBlock).every(
      Boolean,
    );
  }

  async versioned(bucket: string): Promise<boolean> {
    const { Status } = await this.s3.send(new GetBucketVersioningCommand({ Bucket: bucket }));
    return Status === "Enabled";
  }

  /** The files below a folder, and whether these are all. */
  async files(bucket: string, prefix: string): Promise<{ files: StoredFile[]; all: boolean }> {
    const files: StoredFile[] = [];
    let token: string | undefined;
    for (let page = 0; page < PAGES; page++) {
      const listed = await this.s3.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
      );
      for (const { Key = "", Size = 0, StorageClass = "STANDARD" } of listed.Contents ?? [])
        if (!Key.endsWith("/")) files.push({ key: Key, size: Size, storageClass: StorageClass });
      token = listed.NextContinuationToken;
      if (token === undefined) return { files, all: true };
    }
    return { files, all: false };
  }

  /** The key of KMS that an object is encrypted with; undefined where S3's own encryption is used. */
  async kmsKeyOf(bucket: string, key: string): Promise<string | undefined> {
    const found = await this.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return found.ServerSideEncryption?.startsWith("aws:kms") ? found.SSEKMSKeyId : undefined;
  }

  /** ARN of a role; undefined when there is none of that name. */
  async roleArn(name: string): Promise<string | undefined> {
    const found = await unless(["NoSuchEntity"], this.iam.send(new GetRoleCommand({ RoleName: name })));
    return found?.Role?.Arn;
  }

  /** Whether a managed policy is there. */
  async policyExists(arn: string): Promise<boolean> {
    return (
      (await unless(["NoSuchEntity"], this.iam.send(new GetPolicyCommand({ PolicyArn: arn })))) !== undefined
    );
  }

  /** What IAM decides of each of the actions, as it simulates the principal's policies. */
  async simulated(
    principal: string,
    actions: readonly string[],
    resource: string,
    context: Readonly<Record<string, string>> = {},
  ): Promise<Decision[]> {
    const pages = paginateSimulatePrincipalPolicy(
      { client: this.iam },
      {
        PolicySourceArn: principal,
        ActionNames: [...actions],
        ResourceArns: [resource],
        ContextEntries: Object.entries(context).map(([key, value]) => ({
          ContextKeyName: key,
          ContextKeyType: "string",
          ContextKeyValues: [value],
        })),
      },
    );
    const decisions: Decision[] = [];
    for await (const { EvaluationResults = [] } of pages)
      decisions.push(...EvaluationResults.map(decisionOf));
    return decisions;
  }
}

/** What IAM's simulation says of an action on a resource. */
export interface Decision {
  readonly action: string;
  readonly decision: "allowed" | "explicitly denied" | "not allowed";
  /** Keys that policies ask for and only a request has: with them the decision may be another one. */
  readonly missing: readonly string[];
}

/**
 * Where resources are named, the missing keys stand with each resource (docs: ResourceSpecificResult); those of the action
 * itself sum them up (docs: EvaluationResult), and one resource was asked about.
 */
export function decisionOf(result: EvaluationResult): Decision {
  const {
    EvalActionName = "",
    EvalDecision,
    MissingContextValues = [],
    ResourceSpecificResults = [],
  } = result;
  const missing = [
    MissingContextValues,
    ...ResourceSpecificResults.map((one) => one.MissingContextValues ?? []),
  ];
  return {
    action: EvalActionName,
    decision:
      EvalDecision === "allowed"
        ? "allowed"
        : EvalDecision === "explicitDeny"
          ? "explicitly denied"
          : "not allowed",
    missing: [...new Set(missing.flat())].sort(),
  };
}

/** Why AWS refused; every service has its own spelling, and an answer to a HEAD has its status alone. */
export const isDenied = (error: unknown): boolean =>
  error instanceof Error &&
  (/^(AccessDenied|AccessDeniedException|Forbidden)$/.test(error.name) ||
    (/^(403|Unknown)/.test(error.name) && (error as Refusal).$metadata?.httpStatusCode === 403));

async function unless<T>(names: readonly string[], answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && names.some((name) => error.name.startsWith(name))) return undefined;
    throw error;
  }
}
