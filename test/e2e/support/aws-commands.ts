/** The few commands of `aws` that docs/real-account.md has, as the account's administrator: not every machine has that tool. */
import { readFileSync } from "node:fs";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Aws } from "../../../sandbox/aws/ministack.ts";
import { kms } from "../../../sandbox/test/support/kms.ts";

const ACCOUNT = "111111111111";
const [service, action, ...rest] = process.argv.slice(2);
/** The value of an option; a file's content where it names one. */
function option(name: string): string {
  const value = rest[rest.indexOf(`--${name}`) + 1] ?? "";
  return value.startsWith("file://") ? readFileSync(value.slice("file://".length), "utf8") : value;
}
const {
  AWS_ENDPOINT_URL: endpoint = "",
  AWS_CA_BUNDLE: authority = "",
  AWS_REGION: ofProfile = "",
} = process.env;
const region = rest.includes("--region") ? option("region") : ofProfile;
const cloud = { endpoint, region, certificates: { authority } } as Aws;
const administrator = { credentials: { accessKeyId: ACCOUNT, secretAccessKey: ACCOUNT } };
const s3 = new S3Client({ ...administrator, region, forcePathStyle: true, followRegionRedirects: true });

switch (`${service} ${action}`) {
  case "s3api create-bucket":
    await s3.send(new CreateBucketCommand({ Bucket: option("bucket") }));
    break;
  case "s3api put-bucket-versioning": {
    const [, Status] = option("versioning-configuration").split("=");
    const VersioningConfiguration = { Status: Status as "Enabled" };
    await s3.send(new PutBucketVersioningCommand({ Bucket: option("bucket"), VersioningConfiguration }));
    break;
  }
  case "kms create-key": {
    const made = (await kms(cloud, ACCOUNT, "CreateKey", {})) as { KeyMetadata: { KeyId: string } };
    console.log(made.KeyMetadata.KeyId);
    break;
  }
  case "kms create-alias": {
    const [AliasName, TargetKeyId] = [option("alias-name"), option("target-key-id")];
    await kms(cloud, ACCOUNT, "CreateAlias", { AliasName, TargetKeyId });
    break;
  }
  case "iam put-role-policy": {
    const [RoleName, PolicyName] = [option("role-name"), option("policy-name")];
    const PolicyDocument = option("policy-document");
    await new IAMClient(administrator).send(
      new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }),
    );
    break;
  }
  case "sts get-caller-identity":
    // As whoever is logged in.
    console.log((await new STSClient({}).send(new GetCallerIdentityCommand({}))).Arn);
    break;
  default:
    throw new Error(`there is no stand-in for aws ${service} ${action}`);
}
