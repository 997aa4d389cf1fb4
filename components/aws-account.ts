import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Throws unless the credentials at hand are of this account: a stack must not be built into another one by mistake. */
export async function assertAwsAccount(awsAccountId: string): Promise<void> {
  const { accountId, arn } = await aws.getCallerIdentity();
  if (accountId === awsAccountId) return;
  throw new pulumi.RunError(
    `the AWS credentials are of account ${accountId} (${arn}), but flux-ami:awsAccountId is ${awsAccountId}; ` +
      `sign in to ${awsAccountId}, or correct flux-ami:awsAccountId. Nothing was changed.`,
  );
}
