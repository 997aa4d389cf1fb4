/** What is said of keys of KMS before anything is planned. */
import * as pulumi from "@pulumi/pulumi";
import type { LiveBucket } from "../../../components/bucket-policy/bucket.ts";
import { sayKeys } from "../../../components/look-at-bucket.ts";

const ARN = "arn:aws:kms:us-east-1:111111111111:key/1234abcd";

test.each([
  ["the ARN that is named", ARN, 0, 0],
  ["the ID of the key that is named", "1234abcd", 0, 0],
  ["another key's ID", "5678efab", 1, 0],
  ["an alias, which only KMS knows", "alias/readings", 0, 1],
  ["S3's own key", "alias/aws/s3", 0, 0],
])("a bucket under %s: %s", (_, kmsKeyArn, warnings, infos) => {
  const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
  const info = jest.spyOn(pulumi.log, "info").mockResolvedValue(undefined);
  try {
    sayKeys(
      { bucketName: "readings", kmsKeyArns: [ARN] },
      { guards: { kmsKeyArn } as LiveBucket["guards"] },
      undefined,
    );
    expect([warn.mock.calls.length, info.mock.calls.length]).toEqual([warnings, infos]);
    for (const [said] of [...warn.mock.calls, ...info.mock.calls]) expect(said).toContain(kmsKeyArn);
  } finally {
    jest.restoreAllMocks();
  }
});
