/** What is told of a bucket of which some may not be looked at. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { lookAt } from "../../../components/bucket-policy/bucket.ts";

type Answers = Readonly<Record<string, readonly [status: number, code: string]>>;

/** Looks at a bucket of an S3 that refuses each question in this way. */
async function lookedAt(answers: Answers) {
  const server = createServer(({ url = "" }, response) => {
    const question = [...new URL(url, "http://s3").searchParams.keys()].find((key) => key in answers) ?? "";
    const [status, code] = answers[question] ?? [500, `not expected: ${url}`];
    response.writeHead(status, { "content-type": "application/xml" });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const before = process.env.AWS_ENDPOINT_URL_S3;
  process.env.AWS_ENDPOINT_URL_S3 = `http://127.0.0.1:${port}`;
  try {
    const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" };
    return await lookAt({ region: "us-east-1", credentials }, "bucket");
  } finally {
    if (before === undefined) delete process.env.AWS_ENDPOINT_URL_S3;
    else process.env.AWS_ENDPOINT_URL_S3 = before;
    server.closeAllConnections();
    server.close();
  }
}

const NOTHING_SET: Answers = {
  policy: [404, "NoSuchBucketPolicy"],
  publicAccessBlock: [404, "NoSuchPublicAccessBlockConfiguration"],
  ownershipControls: [404, "OwnershipControlsNotFoundError"],
  encryption: [404, "ServerSideEncryptionConfigurationNotFoundError"],
};

test("what nobody has set is as S3 has it by itself", async () => {
  expect(await lookedAt(NOTHING_SET)).toEqual({
    exists: true,
    policy: "",
    guards: {
      publicAccessBlock: {
        blockPublicAcls: false,
        blockPublicPolicy: false,
        ignorePublicAcls: false,
        restrictPublicBuckets: false,
      },
      objectOwnership: "ObjectWriter",
      encryption: "AES256",
    },
    set: [],
    unseen: [],
  });
});

test.each([
  ["publicAccessBlock", "publicAccessBlock", /^its public access block \(AccessDenied/],
  ["ownershipControls", "objectOwnership", /^its object ownership \(AccessDenied/],
  ["encryption", "encryption", /^its encryption \(AccessDenied/],
])("nothing is said of %s where nobody may look at it", async (question, guard, unseen) => {
  const found = await lookedAt({ ...NOTHING_SET, [question]: [403, "AccessDenied"] });
  expect(Object.keys(found.guards)).toHaveLength(2);
  expect(found.guards).not.toHaveProperty(guard);
  expect(found.unseen).toEqual([expect.stringMatching(unseen)]);
});

test("a policy that may not be read stops, because it could not be kept", async () => {
  await expect(lookedAt({ ...NOTHING_SET, policy: [403, "AccessDenied"] })).rejects.toThrow(
    /cannot read the policy of bucket bucket, .*AccessDenied.* Nothing was changed\.$/,
  );
});
