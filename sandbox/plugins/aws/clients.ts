import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Value, Values } from "../provider/schema.ts";

/** What the provider's configuration came to. */
interface Settings {
  iam: IAMClient;
  s3: S3Client;
  sts: STSClient;
  region: string;
  defaultTags: Record<string, string>;
}

let settings: Settings | undefined;

/** The clients of the configured provider. */
export function aws(): Settings {
  if (!settings) throw new Error("the provider is not configured yet: something it depends on is not known");
  return settings;
}

export async function configure(config: Values): Promise<void> {
  const region = String(config.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? "");
  if (region === "") {
    throw new Error("no AWS region: set stack config `aws:region`, or the environment variable AWS_REGION");
  }
  const common = {
    region,
    ...(config.accessKey &&
      config.secretKey && {
        credentials: {
          accessKeyId: String(config.accessKey),
          secretAccessKey: String(config.secretKey),
          ...(config.token && { sessionToken: String(config.token) }),
        },
      }),
  };
  const endpoint = (service: string) => {
    const all = Array.isArray(config.endpoints) ? (config.endpoints as Values[]) : [];
    const found = all.find((one) => one[service] !== undefined)?.[service];
    return found ? { endpoint: String(found) } : {};
  };
  settings = {
    iam: new IAMClient({ ...common, ...endpoint("iam") }),
    s3: new S3Client({
      ...common,
      ...endpoint("s3"),
      ...(config.s3UsePathStyle === true && { forcePathStyle: true }),
    }),
    sts: new STSClient({ ...common, ...endpoint("sts") }),
    region,
    defaultTags: tagsIn((config.defaultTags as Values | undefined)?.tags),
  };
  if (Array.isArray(config.allowedAccountIds)) await checkAccount(config.allowedAccountIds);
}

async function checkAccount(allowed: Value[]): Promise<void> {
  const { Account = "" } = await aws().sts.send(new GetCallerIdentityCommand({}));
  if (!allowed.includes(Account)) {
    throw new Error(
      `the credentials belong to AWS account ${Account}, but allowedAccountIds allows only ${allowed.join(", ")}`,
    );
  }
}

const tagsIn = (value: Value | undefined): Record<string, string> => (value ?? {}) as Record<string, string>;

/** All tags of a resource: the provider's default tags, and its own over them. */
export const allTags = (tags: Value | undefined): Record<string, string> => ({
  ...aws().defaultTags,
  ...tagsIn(tags),
});

/** A resource's own tags, out of all that it carries: a default tag is its own only where it said so. */
export function ownTags(all: Record<string, string>, said: Value | undefined): Record<string, string> {
  const own = tagsIn(said);
  return Object.fromEntries(
    Object.entries(all).filter(([key, value]) => key in own || aws().defaultTags[key] !== value),
  );
}

/** Tags as AWS takes and gives them: a list of pairs. */
export const tagList = (tags: Record<string, string>): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export const tagMap = (
  list: { Key: string | undefined; Value: string | undefined }[] | undefined,
): Record<string, string> => Object.fromEntries((list ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));

/** The answer of a call, or undefined when AWS says that the thing does not exist. */
export async function unlessMissing<T>(answer: Promise<T>, ...names: string[]): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && names.includes(error.name)) return undefined;
    throw error;
  }
}
