import { GetRoleCommand } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { type FunctionType, text } from "../provider/schema.ts";
import { bucketNames, headBucket } from "./bucket.ts";
import { aws } from "./clients.ts";

const getCallerIdentity: FunctionType = {
  inputs: { id: text() },
  async invoke(_inputs, { signal }) {
    const {
      Account = "",
      Arn = "",
      UserId = "",
    } = await aws().sts.send(new GetCallerIdentityCommand({}), {
      abortSignal: signal,
    });
    return { accountId: Account, arn: Arn, userId: UserId, id: Account };
  },
};

const getPartition: FunctionType = {
  inputs: { id: text() },
  invoke: async () => ({
    id: "aws",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
  }),
};

/** What AWS calls its regions: the ones this plugin can describe. */
const REGIONS: Record<string, string> = {
  "us-east-1": "US East (N. Virginia)",
  "us-east-2": "US East (Ohio)",
  "us-west-1": "US West (N. California)",
  "us-west-2": "US West (Oregon)",
  "eu-central-1": "Europe (Frankfurt)",
  "eu-west-1": "Europe (Ireland)",
};

const getRegion: FunctionType = {
  inputs: { region: text(), id: text() },
  async invoke(inputs) {
    const region = String(inputs.region ?? aws().region);
    const description = REGIONS[region];
    if (!description) {
      throw new Error(
        `the sandbox's plugin knows the regions ${Object.keys(REGIONS).join(", ")}, not ${region}`,
      );
    }
    return { id: region, name: region, region, endpoint: `ec2.${region}.amazonaws.com`, description };
  },
};

const getBucket: FunctionType = {
  inputs: { bucket: text({ required: true }), region: text() },
  async invoke(inputs, { signal }) {
    const bucket = String(inputs.bucket);
    const head = await headBucket(bucket, signal);
    if (!head) throw new Error(`bucket ${bucket} does not exist`);
    return { id: bucket, ...bucketNames(bucket, head.BucketRegion ?? aws().region) };
  },
};

const getRole: FunctionType = {
  inputs: { name: text({ required: true }) },
  async invoke({ name }, { signal }) {
    const { Role } = await aws().iam.send(new GetRoleCommand({ RoleName: String(name) }), {
      abortSignal: signal,
    });
    return {
      id: Role?.RoleName ?? "",
      arn: Role?.Arn ?? "",
      assumeRolePolicy: decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ""),
      createDate: Role?.CreateDate?.toISOString() ?? "",
      description: Role?.Description ?? "",
      maxSessionDuration: Role?.MaxSessionDuration ?? 3600,
      name: Role?.RoleName ?? "",
      path: Role?.Path ?? "/",
      permissionsBoundary: Role?.PermissionsBoundary?.PermissionsBoundaryArn ?? "",
      uniqueId: Role?.RoleId ?? "",
    };
  },
};

export const functions: Record<string, FunctionType> = {
  "aws:index/getCallerIdentity:getCallerIdentity": getCallerIdentity,
  "aws:index/getPartition:getPartition": getPartition,
  "aws:index/getRegion:getRegion": getRegion,
  "aws:iam/getRole:getRole": getRole,
  "aws:s3/getBucket:getBucket": getBucket,
};
