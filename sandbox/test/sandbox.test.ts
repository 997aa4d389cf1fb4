import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import execa from "execa";
import { clientSettings } from "../aws/ministack.ts";
import { root } from "../paths.ts";
import { isRunning, runningPid } from "../processes.ts";
import { type Sandbox, startSandbox, stopSandbox } from "../sandbox.ts";
import { temporaryFolder } from "./support/folder.ts";

jest.setTimeout(180_000);

const folder = temporaryFolder("sandbox");
const { dir } = folder;
let sandbox: Sandbox;

const pids = () =>
  [runningPid(join(dir, "aws"), "ministack"), runningPid(join(dir, "snowflake"), "snowflake")] as const;

async function whoIs(of: Sandbox): Promise<string | undefined> {
  const sts = new STSClient(clientSettings(of.aws, of.accounts.owner.aws));
  try {
    return (await sts.send(new GetCallerIdentityCommand({}))).Arn;
  } finally {
    sts.destroy();
  }
}

beforeAll(async () => {
  sandbox = await startSandbox({ dir, dependent: true });
});
afterAll(async () => {
  await stopSandbox(dir);
  folder.remove();
});

it("starts both servers, with accounts that can log in", async () => {
  expect(sandbox.started).toEqual(["AWS emulator", "local Snowflake"]);
  expect(await whoIs(sandbox)).toBe("arn:aws:iam::111111111111:user/deployer");
});

it("lets a client in with nothing but the environment", async () => {
  const program = `
    const { STSClient, GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
    const { default: snowflake } = await import("snowflake-sdk");
    snowflake.configure({ logLevel: "OFF" });
    const { Arn } = await new STSClient({}).send(new GetCallerIdentityCommand({}));
    const env = process.env;
    const connection = snowflake.createConnection({
      accessUrl: env.SNOWFLAKE_PROTOCOL + "://" + env.SNOWFLAKE_HOST + ":" + env.SNOWFLAKE_PORT,
      account: env.SNOWFLAKE_ACCOUNT, username: env.SNOWFLAKE_USER, password: env.SNOWFLAKE_PASSWORD,
      role: env.SNOWFLAKE_ROLE });
    await connection.connectAsync();
    connection.execute({ sqlText: "select current_user() as U, current_role() as R",
      complete: (error, _s, rows) => { if (error) throw error; console.log(JSON.stringify([Arn, rows])); connection.destroy(() => {}); } });`;
  const { stdout } = await execa("node", ["--input-type=module", "-e", program], {
    env: sandbox.env,
    extendEnv: false,
    cwd: join(root, "sandbox"),
  });
  expect(JSON.parse(stdout)).toEqual([
    "arn:aws:iam::111111111111:user/deployer",
    [{ U: "DEPLOYER", R: "ACCOUNTADMIN" }],
  ]);
});

it("is found running by a second start, which changes nothing", async () => {
  const before = pids();
  const accounts = readFileSync(join(dir, "snowflake", "accounts.json"), "utf8");
  const env = readFileSync(join(dir, "env.sh"), "utf8");
  const again = await startSandbox({ dir, dependent: true });
  expect(again.started).toEqual([]);
  expect(pids()).toEqual(before);
  expect(readFileSync(join(dir, "snowflake", "accounts.json"), "utf8")).toBe(accounts);
  expect(readFileSync(join(dir, "env.sh"), "utf8")).toBe(env);
});

it("comes back under the same addresses and logins after a stop, which leaves no process", async () => {
  const [aws = 0, snowflake = 0] = pids();
  await sandbox.stop();
  expect([isRunning(aws), isRunning(snowflake)]).toEqual([false, false]);
  expect(await stopSandbox(dir)).toEqual([]);
  const again = await startSandbox({ dir, dependent: true });
  expect(again.variables).toEqual(sandbox.variables);
  expect(await whoIs(again)).toBe("arn:aws:iam::111111111111:user/deployer");
});

it("makes its accounts again after the AWS emulator was killed", async () => {
  const [aws = 0] = pids();
  // Gone without a chance to save; and what it saved before is lost as well.
  process.kill(aws, "SIGKILL");
  rmSync(join(dir, "aws", "state"), { recursive: true, force: true });
  while (isRunning(aws)) await new Promise((resolve) => setTimeout(resolve, 20));
  const [, before] = pids();
  const again = await startSandbox({ dir, dependent: true });
  expect(again.started).toEqual(["AWS emulator", "local Snowflake"]);
  expect(pids()[1]).not.toBe(before);
  expect(await whoIs(again)).toBe("arn:aws:iam::111111111111:user/deployer");
});
