/** Statements about keys of KMS: plain, so that an error can show one. */
import type { Statement } from "./policy-document.ts";

/**
 * Decrypting what S3 has encrypted with keys of KMS, and only through S3 (docs, AWS KMS: kms:ViaService). The key's own policy
 * has to allow it as well.
 */
export function decryptObjects(keyArns: readonly string[]): Statement[] {
  if (keyArns.length === 0) return [];
  return [
    {
      Sid: "DecryptObjects",
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: [...keyArns].sort(),
      Condition: { StringEquals: { "kms:ViaService": viaS3(keyArns) } },
    },
  ];
}

/**
 * What a key's owner adds to the key's policy, for a role or user: their account by name, for KMS refuses a principal that
 * does not exist, and them by a condition.
 */
export function keyPolicyStatement(
  keyArns: readonly string[],
  principal: string,
  sid = "SnowflakeDecryptsThroughS3",
): Statement {
  const account = principal.split(":")[4];
  return {
    Sid: sid,
    Effect: "Allow",
    Principal: { AWS: account ?? principal },
    Action: "kms:Decrypt",
    Resource: "*",
    Condition: {
      StringEquals: { "kms:ViaService": viaS3(keyArns) },
      ...(account && { ArnEquals: { "aws:PrincipalArn": principal } }),
    },
  };
}

/** S3 where the keys are, as KMS calls it. */
function viaS3([keyArn = ""]: readonly string[]): string {
  const [, partition, , region] = keyArn.split(":");
  return `s3.${region}.amazonaws.com${partition === "aws-cn" ? ".cn" : ""}`;
}
