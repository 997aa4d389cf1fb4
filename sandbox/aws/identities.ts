import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  IAMClient,
  ListAccessKeysCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type AccessKey, type Aws, clientSettings } from "./ministack.ts";

/** An IAM user of the sandbox, with its key. */
export interface IamUser extends AccessKey {
  /** The 12 digits of its AWS account. */
  accountId: string;
  arn: string;
}

interface UserWish {
  accountId: string;
  userName: string;
  /** The actions its identity policy allows, on every resource. */
  actions: string[];
}

/**
 * Makes sure that an IAM user exists, with a key that works. `known` is the key it had the last time: it is kept when
 * the emulator still honours it. The user is a plain IAM user, never root, for whom Deny statements hold.
 */
export async function ensureUser(aws: Aws, wish: UserWish, known: AccessKey | undefined): Promise<IamUser> {
  const { accountId, userName, actions } = wish;
  if (known) {
    const arn = await whoIs(aws, known);
    if (arn !== undefined) {
      const { accessKeyId, secretAccessKey } = known;
      return { accountId, arn, accessKeyId, secretAccessKey };
    }
  }
  // In this emulator an account's number, used as an access key, is that account's root.
  const root: AccessKey = { accessKeyId: accountId, secretAccessKey: accountId };
  const iam = new IAMClient(clientSettings(aws, root));
  try {
    await iam.send(new CreateUserCommand({ UserName: userName })).catch((error: Error) => {
      if (error.name !== "EntityAlreadyExistsException" && error.name !== "EntityAlreadyExists") throw error;
    });
    await iam.send(
      new PutUserPolicyCommand({
        UserName: userName,
        PolicyName: "sandbox",
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }],
        }),
      }),
    );
    const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName: userName }));
    for (const { AccessKeyId } of AccessKeyMetadata) {
      await iam.send(new DeleteAccessKeyCommand({ UserName: userName, AccessKeyId }));
    }
    const { AccessKey: made } = await iam.send(new CreateAccessKeyCommand({ UserName: userName }));
    if (!made?.AccessKeyId || !made.SecretAccessKey)
      throw new Error(`no access key came back for ${userName}`);
    return {
      accountId,
      arn: `arn:aws:iam::${accountId}:user/${userName}`,
      accessKeyId: made.AccessKeyId,
      secretAccessKey: made.SecretAccessKey,
    };
  } finally {
    iam.destroy();
  }
}

/** Whose key it is, or undefined when the emulator does not know it (any more). */
async function whoIs(aws: Aws, key: AccessKey): Promise<string | undefined> {
  const sts = new STSClient(clientSettings(aws, { ...key })); // the SDK marks the object it is given
  try {
    return (await sts.send(new GetCallerIdentityCommand({}))).Arn;
  } catch (error) {
    const refused = ["InvalidClientTokenId", "SignatureDoesNotMatch", "AccessDenied"];
    if (error instanceof Error && refused.includes(error.name)) return undefined;
    throw error;
  } finally {
    sts.destroy();
  }
}
