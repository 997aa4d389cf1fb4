/** A stack that made everything itself uses it instead, and makes it its own again; each time by what the refusal says to type. */
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { Project } from "./support/project.ts";

jest.setTimeout(300_000);

const BUCKET = "flux-dev-raw-111111111111";
const KEYS = ["useDatabase", "useSchema", "useWarehouse", "useRole", "useIntegration"];
const MADE = /^snowflake:index\/(accountRole:|database:|schema:|storageIntegration:|warehouse:)/;

let project: Project;
let accounting: unknown;

const kept = async () => [
  await project.sql(
    "owner",
    "SELECT FILE, FILE_ID, LOAD_ID FROM FLUX_DEV.PRODUCTION.AMI_INTERVAL_READINGS_LOADS ORDER BY FILE",
  ),
  await project.sql("owner", "SELECT COUNT(*) AS N FROM FLUX_DEV.PRODUCTION.AMI_INTERVAL_READINGS"),
];
async function use(value: boolean): Promise<void> {
  for (const key of KEYS) await project.pulumiOk("dev", ["config", "set", `flux-ami:${key}`, `${value}`]);
}
async function refused(...args: string[]): Promise<string> {
  const { exitCode, output } = await project.pulumi("dev", args);
  expect(`${exitCode}: ${output}`).toMatch(/^[^0]/);
  return output;
}
/** Types of what the stack makes itself, among those that it may use. */
async function made(): Promise<string[]> {
  const { deployment } = JSON.parse(await project.pulumiOk("dev", ["stack", "export"]));
  const resources = deployment.resources as { type: string; external?: boolean }[];
  return resources.flatMap(({ type, external }) => (MADE.test(type) && !external ? [type] : []));
}

beforeAll(async () => {
  project = await Project.start();
  await project.seed(5, 2);
  await project.init("dev", {
    "aws:region": "us-east-1",
    "flux-ami:awsAccountId": "111111111111",
    // What is used has to be named.
    "flux-ami:bucketName": BUCKET,
    "flux-ami:databaseName": "FLUX_DEV",
    "flux-ami:warehouseName": "FLUX_DEV_LOAD_WH",
    "flux-ami:loaderRoleName": "FLUX_DEV_LOADER",
    "flux-ami:integrationName": "FLUX_DEV_S3_INTEGRATION",
    "flux-ami:metersTable": "FLUX_REFERENCE.PRODUCTION.METER_INFRASTRUCTURE",
    "flux-ami:protect": true,
  });
  // The bucket is made empty, and the load says so.
  expect(await refused("up", "--yes", "--skip-preview")).toContain("There is no file to load below");
  await project.seed(5, 2, ["--bucket", BUCKET]);
  await project.up("dev");
  await project.sql("owner", "CREATE WAREHOUSE LOOKING_WH");
  accounting = await kept();
});
afterAll(() => project.stop());

test("what the stack made is not dropped when it is to be used; handed over as the refusal says, all of it stays", async () => {
  expect(await made()).toHaveLength(KEYS.length);
  await use(true);
  const output = await refused("preview");
  expect(output).toContain(
    "the stack made what it is now told to use, and would drop it or let go of it; nothing was changed",
  );
  for (const key of KEYS) expect(output).toContain(`(flux-ami:${key})`);
  expect(await refused("up", "--yes", "--skip-preview")).toContain("nothing was changed");
  expect(await made()).toHaveLength(KEYS.length);

  const commands = output.match(/^ *pulumi state delete .*$/gm) ?? [];
  expect(commands).toHaveLength(KEYS.length);
  for (const command of commands)
    expect(await project.command("sh", ["-c", command])).toMatchObject({ exitCode: 0 });
  expect(await project.make("import", "dev")).toMatchObject({ exitCode: 0 });
  await project.up("dev");
  expect(await made()).toEqual([]);
  expect(await kept()).toEqual(accounting);
  await project.pulumiOk("dev", ["preview", "--refresh", "--expect-no-changes"]);
});

test("what is used becomes the stack's again by `make import`", async () => {
  await use(false);
  const output = await refused("preview");
  expect(output).toContain("database FLUX_DEV");
  expect(output).toContain("make import STACK=dev");
  expect(await project.make("import", "dev")).toMatchObject({ exitCode: 0 });
  await project.up("dev");
  expect(await made()).toHaveLength(KEYS.length);
  expect(await kept()).toEqual(accounting);
  await project.pulumiOk("dev", ["preview", "--refresh", "--expect-no-changes"]);
});

test("a bucket that the stack may empty is not emptied when it is to be used", async () => {
  const set = (key: string, value: boolean) =>
    project.pulumiOk("dev", ["config", "set", `flux-ami:${key}`, `${value}`]);
  await set("protect", false);
  await set("deleteRawData", true);
  await project.up("dev");
  await set("deleteRawData", false);
  await set("useBucket", true);
  expect(await refused("up", "--yes", "--skip-preview")).toContain(
    `the bucket ${BUCKET} (flux-ami:useBucket)`,
  );
  const files = async () =>
    (await project.s3("owner").send(new ListObjectsV2Command({ Bucket: BUCKET }))).Contents;
  expect(await files()).toHaveLength(2);

  // One that stays anyway leaves the stack as it is.
  await set("useBucket", false);
  await project.up("dev");
  await set("useBucket", true);
  await project.up("dev");
  expect(await files()).toHaveLength(2);
  await project.pulumiOk("dev", ["preview", "--refresh", "--expect-no-changes"]);
});
