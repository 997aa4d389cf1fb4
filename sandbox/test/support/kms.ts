import { readFileSync } from "node:fs";
import { request } from "node:https";
import type { Aws } from "../../aws/ministack.ts";

/** Asks KMS as an account's root, whose requests the emulator takes without a signature. */
export async function kms(
  aws: Aws,
  account: string,
  action: string,
  body: object,
): Promise<Record<string, unknown>> {
  const scope = `${account}/20260101/${aws.region}/kms/aws4_request`;
  return new Promise((resolve, reject) => {
    const sent = request(
      `${aws.endpoint}/`,
      {
        method: "POST",
        ca: readFileSync(aws.certificates.authority),
        agent: false,
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `TrentService.${action}`,
          authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
        },
      },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on("end", () =>
          response.statusCode === 200
            ? resolve(text === "" ? {} : JSON.parse(text))
            : reject(new Error(`${action}: ${response.statusCode} ${text}`)),
        );
      },
    );
    sent.on("error", reject);
    sent.end(JSON.stringify(body));
  });
}

/** Makes a key whose policy has these statements and no other. Gives its ARN. */
export async function makeKey(aws: Aws, account: string, statements: object[]): Promise<string> {
  const { KeyMetadata } = (await kms(aws, account, "CreateKey", {})) as {
    KeyMetadata: { Arn: string };
  };
  await setKeyPolicy(aws, account, KeyMetadata.Arn, statements);
  return KeyMetadata.Arn;
}

export async function setKeyPolicy(
  aws: Aws,
  account: string,
  KeyId: string,
  statements: object[],
): Promise<void> {
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  await kms(aws, account, "PutKeyPolicy", { KeyId, PolicyName: "default", Policy });
}

/** Lets an account's own administrators use the key by their own policies, as KMS does with keys that it makes. */
export const byOwnPolicies = (account: string) => ({
  Sid: "EnableIamPolicies",
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${account}:root` },
  Action: "kms:*",
  Resource: "*",
});
