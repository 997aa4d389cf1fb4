import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { clientSettings } from "../../sandbox/aws/ministack.ts";
import { ReviewStack } from "./support/review-stack.ts";

const config = { "aws:region": "us-east-1", awsAccountId: "111111111111", protect: false };

describe("the policy pack on the real engine", () => {
  let stack: ReviewStack;
  jest.setTimeout(300_000);

  beforeAll(async () => {
    stack = await ReviewStack.start("guarded", config);
  });
  afterAll(() => stack?.stop());

  const buckets = async () => {
    const s3 = new S3Client(clientSettings(stack.sandbox.aws, stack.sandbox.accounts.owner.aws));
    try {
      return ((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).map(({ Name }) => Name);
    } finally {
      s3.destroy();
    }
  };

  /** Nothing of the stack in the state, in AWS or in Snowflake. */
  const expectNothingMade = async () => {
    expect(stack.resources().filter((urn) => !urn.includes("pulumi:pulumi:Stack"))).toEqual([]);
    expect(await buckets()).not.toContain("flux-guarded-raw-111111111111");
    expect(await stack.sql("SHOW WAREHOUSES LIKE 'FLUX_GUARDED%'")).toEqual([]);
    expect(await stack.sql("SHOW STORAGE INTEGRATIONS LIKE 'FLUX_GUARDED%'")).toEqual([]);
  };

  test("a mandatory violation stops `up` before anything is made, and says where and how to cure it", async () => {
    stack.configure({ ...config, loadWarehouseSize: "XXXLARGE" });
    const { exitCode, output } = await stack.up();
    expect(exitCode).not.toBe(0);
    expect(output).toContain("warehouse-size-within-limit");
    expect(output).toMatch(/load: the size during a load is XXXLARGE; at most XLARGE is allowed here/);
    await expectNothingMade();
  });

  test("violations of several domains are told at once", async () => {
    stack.configure({
      ...config,
      loadWarehouseSize: "XXXLARGE",
      onDelete: "truncate",
      quality: { voltage: { severity: "off" } },
    });
    stack.edit("components/policy-document.ts", '"s3:GetObjectVersion"', '"s3:PutObject"');
    const { exitCode, output } = await stack.up();
    stack.restore();
    expect(exitCode).not.toBe(0);
    for (const policy of ["warehouse-size-within-limit", "quality-gates-are-on", "reads-prefix-only"]) {
      expect(output).toContain(policy);
    }
    expect(output).toMatch(/allows "s3:PutObject", which is more than reading/);
    await expectNothingMade();
  });

  test("the preview's report names the violations and ends with their exit code", async () => {
    stack.configure({ ...config, loadWarehouseSize: "XXXLARGE" });
    const { exitCode, report, review } = await stack.preview("--no-refresh");
    expect(exitCode).toBe(4);
    expect(review.verdict).toBe("violation");
    expect(report).toContain("**Stopped by a policy:** `warehouse-size-within-limit`");
    await expectNothingMade();
  });
});
