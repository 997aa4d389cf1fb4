/** What doctor makes of what S3 tells of a bucket. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Aws, type BucketHead } from "../../preflight/aws.ts";
import { bucketChecks } from "../../preflight/checks/bucket.ts";
import type { World } from "../../preflight/world.ts";

describe("bucket.exists", () => {
  const exists = async (head: BucketHead, { adopt = false, mine = false }) =>
    bucketChecks
      .find(({ id }) => id === "bucket.exists")
      ?.run({
        at: { stack: "dev" },
        bucket: async () => head,
        environment: async () => ({
          bucketName: "readings",
          adoptBucket: adopt,
          awsAccountId: "111111111111",
        }),
        made: async () => mine,
      } as unknown as World);

  test("a bucket of the stack's own that may not be listed is not somebody else's, nor is another name the cure", async () => {
    const finding = await exists({ state: "denied" }, { mine: true });
    expect(finding).toMatchObject({ state: "fail", said: expect.stringContaining("which the stack made") });
    expect(finding?.cure).not.toContain("bucketName");
    expect(finding?.cure).toContain("preflight/rights.ts");
  });

  test.each([false, true])(
    "of a bucket elsewhere whose owner is unknown that is said (adopted: %s)",
    async (adopt) => {
      const finding = await exists({ state: "elsewhere", region: "eu-west-1" }, { adopt });
      expect(finding).toMatchObject({
        state: "advice",
        said: expect.stringContaining("is not told from here"),
      });
      expect(finding?.cure).toContain("--expected-bucket-owner 111111111111 --region eu-west-1");
      expect(finding?.cure).not.toContain("adoptBucket true");
    },
  );

  test("in its own region another account's bucket is found to be that", async () => {
    const server = createServer(({ headers }, response) => {
      const asked = /\/(\w+-\w+-\d)\/s3\//.exec(headers.authorization ?? "")?.[1];
      response.writeHead(asked === "eu-west-1" ? 403 : 301, { "x-amz-bucket-region": "eu-west-1" }).end();
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const aws = new Aws(
      "us-east-1",
      {},
      {
        credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" },
        endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        forcePathStyle: true,
      },
    );
    try {
      expect(await aws.head("readings", "111111111111")).toEqual({ state: "denied", region: "eu-west-1" });
    } finally {
      aws.close();
      server.closeAllConnections();
      server.close();
    }
  });
});
