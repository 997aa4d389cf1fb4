import { type GetCallerIdentityResult, getCallerIdentity } from "@pulumi/aws/getCallerIdentity.js";
import * as pulumi from "@pulumi/pulumi";

/** Throws unless the credentials at hand are of this account: a stack must not be built into another one by mistake. */
export async function assertAwsAccount(awsAccountId: string): Promise<void> {
  const { accountId, arn } = await callerIdentity();
  if (accountId === awsAccountId) return;
  throw new pulumi.RunError(
    `the AWS credentials are of account ${accountId} (${arn}), but flux-ami:awsAccountId is ${awsAccountId}; ` +
      `sign in to ${awsAccountId}, or correct flux-ami:awsAccountId. Nothing was changed.`,
  );
}

async function callerIdentity(): Promise<GetCallerIdentityResult> {
  try {
    return await getCallerIdentity();
  } catch (error) {
    const endpoint = process.env.AWS_ENDPOINT_URL;
    if (endpoint && /ECONNREFUSED|connection refused/i.test((error as Error).message))
      throw new pulumi.RunError(
        `AWS does not answer at ${endpoint}, where AWS_ENDPOINT_URL points: start what answers there (\`make up\` starts the ` +
          "sandbox), or unset the variable. Nothing was changed.",
      );
    const said = (error as Error).message.split("\n").find((line) => line.trim() !== "") ?? "";
    throw new pulumi.RunError(
      "there is no AWS login that works; sign in (`aws sso login`, `export AWS_PROFILE=<profile>`), until " +
        `\`aws sts get-caller-identity\` answers. Nothing was changed. AWS said: ${said.trim()}`,
    );
  }
}
