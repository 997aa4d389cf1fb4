/**
 * Stacks of releases before this one: the program as it was then, from test/fixtures/releases, deploys and loads; this one
 * goes on from its state and its accounting.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { STACK_FILES } from "../support/stack-files.ts";
import { Project } from "./support/project.ts";

jest.setTimeout(300_000);

const root = resolve(__dirname, "../..");
const releases = join(root, "test/fixtures/releases");
const BUCKET = "flux-sandbox-raw-111111111111";

let project: Project;
let owner: S3Client;
beforeAll(async () => {
  project = await Project.start();
  owner = project.s3("owner");
  await project.seed(5, 2);
});
afterAll(async () => {
  owner.destroy();
  await project.stop();
});

/** What guards the bucket, and the IDs of what its policy says. */
async function bucket() {
  const about = { Bucket: BUCKET };
  const [ownership, encryption, block, policy] = await Promise.all([
    owner.send(new GetBucketOwnershipControlsCommand(about)),
    owner.send(new GetBucketEncryptionCommand(about)),
    owner.send(new GetPublicAccessBlockCommand(about)),
    owner.send(new GetBucketPolicyCommand(about)),
  ]);
  const { Statement } = JSON.parse(policy.Policy ?? "") as { Statement: { Sid: string }[] };
  return {
    guards: [
      ownership.OwnershipControls?.Rules,
      encryption.ServerSideEncryptionConfiguration?.Rules,
      block.PublicAccessBlockConfiguration,
    ],
    says: Statement.map(({ Sid }) => Sid),
  };
}

/** Puts a release's files into the folder where the project's own are, or these again. */
function goTo(release: string | undefined): void {
  for (const entry of STACK_FILES) rmSync(join(project.folder, entry), { recursive: true, force: true });
  if (release === undefined)
    for (const entry of STACK_FILES) symlinkSync(join(root, entry), join(project.folder, entry));
  else execFileSync("tar", ["-xzf", join(releases, release), "-C", project.folder]);
}

test.each(readdirSync(releases))(
  "a stack of %s is taken over: nothing is replaced, loaded or lost",
  async (release) => {
    const table = "FLUX_DEV.PRODUCTION.AMI_INTERVAL_READINGS";
    const accounting = () =>
      project.sql(
        "owner",
        `SELECT FILE, FILE_ID, LOAD_ID, LOADED_AT, ROWS_LOADED FROM ${table}_LOADS ORDER BY FILE`,
      );
    goTo(release);
    await project.init("dev", {
      "aws:region": "us-east-1",
      "flux-ami:awsAccountId": "111111111111",
      "flux-ami:bucketName": BUCKET,
      "flux-ami:adoptBucket": true,
      "flux-ami:metersTable": "FLUX_REFERENCE.PRODUCTION.METER_INFRASTRUCTURE",
      "flux-ami:protect": true,
    });
    project.write("gridworks", {
      "flux-ami:kind": "partner",
      "flux-ami:owner": "dev",
      "flux-ami:way": "bucketAccess",
      "flux-ami:partnerPrincipal": "222222222222",
    });
    await project.up("dev");
    await project.sql("owner", "CREATE WAREHOUSE LOOKING_WH");
    const before = await accounting();
    expect(before).toHaveLength(2);
    const { guards, says } = await bucket();
    expect(says.sort()).toEqual([
      "DenyInsecureTransport",
      ...["GetObjects", "ListFolder", "LocateBucket"].map((what) => `PartnerGridworks${what}`),
    ]);

    goTo(undefined);
    const plan = JSON.parse(await project.pulumiOk("dev", ["preview", "--json"])) as {
      steps: { op: string; urn: string; oldState?: { type: string } }[];
    };
    const strong = plan.steps.filter(({ op }) => !["same", "update", "read", "create"].includes(op));
    expect(strong.map(({ op, urn }) => `${op} ${urn}`)).toEqual([]);
    await project.up("dev");
    // That release set the guards of a bucket that was there. This one leaves them to its owner, set as they are.
    expect(await bucket()).toEqual({
      guards,
      says: [
        "DenyInsecureTransport",
        expect.stringMatching(/^FluxDevAccountsRead/),
        expect.stringMatching(/^FluxDevAccountsList/),
      ],
    });
    expect(await accounting()).toEqual(before);
    expect((await project.outputs("dev")).load).toMatchObject({
      filesLoaded: 2,
      totalRows: 5 * 2 * 96,
      verified: true,
    });
    await project.pulumiOk("dev", ["preview", "--refresh", "--expect-no-changes"]);

    // Another day is loaded by this release, beside the rows of that one.
    await project.seed(5, 1, ["--from", "2026-07-03", "--readings-only"]);
    await project.up("dev");
    expect((await project.outputs("dev")).load).toMatchObject({ filesLoaded: 3, totalRows: 5 * 3 * 96 });
    expect((await accounting()).slice(0, 2)).toEqual(before);

    // Another bucket's files are new files, whatever they hold: no name is changed by mistake.
    await owner.send(new CreateBucketCommand({ Bucket: "flux-other" }));
    await project.pulumiOk("dev", ["config", "set", "flux-ami:bucketName", "flux-other"]);
    const { exitCode, output } = await project.pulumi("dev", ["preview"]);
    expect(exitCode).not.toBe(0);
    expect(output).toContain(`the stack uses bucket ${BUCKET}, and the config now names flux-other`);
  },
);
