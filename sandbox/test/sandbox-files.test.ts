import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { certificates } from "../aws/certificates.ts";
import { type Aws, awsPidFile } from "../aws/ministack.ts";
import { processEnvironment, sandboxVariables, writeEnvironment } from "../environment.ts";
import type { Accounts } from "../parties.ts";
import { choosePort, rememberedPort } from "../ports.ts";
import { snowflakePidFile } from "../snowflake-service.ts";
import { temporaryFolder } from "./support/folder.ts";

const folder = temporaryFolder("sandbox-files");
const { dir } = folder;
afterAll(folder.remove);

describe("ports", () => {
  const file = join(dir, "port");

  it("chooses a free one and keeps it", async () => {
    const port = await choosePort(file);
    expect(port).toBeGreaterThan(1023);
    expect(rememberedPort(file)).toBe(port);
    expect(await choosePort(file)).toBe(port);
  });

  it("waits for one that somebody has for a moment", async () => {
    const port = await choosePort(file);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
    const chosen = choosePort(file);
    setTimeout(() => other.close(), 300);
    expect(await chosen).toBe(port);
  });

  it("chooses another when somebody else has taken it", async () => {
    const port = await choosePort(file);
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    try {
      expect(await choosePort(file)).not.toBe(port);
    } finally {
      other.close();
    }
  });
});

describe("certificates", () => {
  it("are for 127.0.0.1 and localhost, signed by an authority of their own, and made once", async () => {
    const made = await certificates(join(dir, "tls"));
    const server = new X509Certificate(readFileSync(made.certificate));
    const authority = new X509Certificate(readFileSync(made.authority));
    expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(server.checkHost("localhost")).toBe("localhost");
    expect(server.verify(authority.publicKey)).toBe(true);
    expect([authority.ca, server.ca]).toEqual([true, false]);
    expect(statSync(made.key).mode & 0o077).toBe(0);
    await certificates(join(dir, "tls"));
    expect(new X509Certificate(readFileSync(made.certificate)).fingerprint).toBe(server.fingerprint);
  });

  it("are renewed before they end", async () => {
    const made = await certificates(join(dir, "tls"));
    const before = new X509Certificate(readFileSync(made.certificate)).fingerprint;
    writeFileSync(join(dir, "tls", "valid-until"), new Date(Date.now() + 86_400_000).toISOString());
    await certificates(join(dir, "tls"));
    expect(new X509Certificate(readFileSync(made.certificate)).fingerprint).not.toBe(before);
  });
});

describe("env.sh", () => {
  const aws: Aws = {
    endpoint: "https://127.0.0.1:4566",
    region: "us-east-1",
    port: 4566,
    certificates: { authority: "/ca.pem", certificate: "/c.pem", key: "/k.pem" },
  };
  const party = (name: string): Accounts["owner"] => ({
    aws: { accountId: "1", arn: "arn", accessKeyId: `KEY-${name}`, secretAccessKey: `secret-${name}` },
    snowflake: {
      organization: "FLUX",
      account: "OPERATIONS",
      user: "DEPLOYER",
      password: "it's a $ecret `x`",
      role: "ACCOUNTADMIN",
      privateKeyPath: "/key.p8",
    },
  });
  const accounts: Accounts = {
    owner: party("owner"),
    partner: party("partner"),
    stranger: party("stranger"),
  };
  const home = join(dir, "it's");
  const variables = sandboxVariables(home, aws, 8443, accounts);

  const sourced = (env: Record<string, string>, twice = false): Record<string, string> => {
    const file = `'${join(home, "env.sh").replace("'", "'\\''")}'`;
    const script = `. ${file}; ${twice ? `. ${file};` : ""} env -0`;
    const out = execFileSync("/bin/sh", ["-c", script], {
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return Object.fromEntries(
      out
        .split("\0")
        .filter(Boolean)
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
  };

  beforeAll(() => writeEnvironment(home, variables, aws, accounts));

  it("exports every variable to the letter, whatever its characters", () => {
    expect(sourced({ PATH: "/usr/bin:/bin" })).toMatchObject(variables);
  });

  it("exports what clients of AWS, Snowflake and Pulumi read", () => {
    expect(Object.keys(variables)).toEqual(
      expect.arrayContaining([
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_REGION",
        "SNOWFLAKE_HOST",
        "SNOWFLAKE_PORT",
        "SNOWFLAKE_PROTOCOL",
        "SNOWFLAKE_ORGANIZATION_NAME",
        "SNOWFLAKE_ACCOUNT_NAME",
        "SNOWFLAKE_USER",
        "SNOWFLAKE_PASSWORD",
        "SNOWFLAKE_ROLE",
        "PULUMI_HOME",
        "PULUMI_BACKEND_URL",
        "PULUMI_CONFIG_PASSPHRASE",
      ]),
    );
  });

  it("takes away what would lead elsewhere, and puts the engine first, once", () => {
    const env = sourced({ PATH: "/usr/bin:/bin", AWS_PROFILE: "work", AWS_SESSION_TOKEN: "t" }, true);
    expect(env.AWS_PROFILE).toBeUndefined();
    expect(env.AWS_SESSION_TOKEN).toBeUndefined();
    expect(env.PATH?.split(":")[0]).toMatch(/\.sandbox\/bin$/);
    expect(env.PATH?.split(":").filter((entry) => entry.endsWith(".sandbox/bin"))).toHaveLength(1);
    expect(env.PATH?.endsWith(":/usr/bin:/bin")).toBe(true);
  });

  it("keeps the user's proxies away from the sandbox", () => {
    expect(sourced({ PATH: "/usr/bin:/bin" }).NO_PROXY).toBe("127.0.0.1,localhost");
    expect(sourced({ PATH: "/usr/bin:/bin", NO_PROXY: "intern" }, true).NO_PROXY).toBe(
      "127.0.0.1,localhost,intern",
    );
  });

  /** The shells of this machine that a person may source it in. */
  const shells = ["sh", "dash", "bash", "ksh", "zsh", "busybox"].filter(
    (name) => spawnSync("sh", ["-c", `command -v ${name}`]).status === 0,
  );
  const strictly = (shell: string) => {
    const args = [...(shell === "busybox" ? ["sh"] : []), "-euc", '. "$1"; . "$1"; echo "$PATH"', "sh"];
    return spawnSync(shell, [...args, join(home, "env.sh")], {
      env: { PATH: "/usr/bin:/bin" },
      encoding: "utf8",
      // With a socket for its input bash takes itself for a login from afar.
      stdio: ["ignore", "pipe", "pipe"],
    });
  };

  it.each(shells)("can be sourced in %s under set -eu, and says that nothing runs", (shell) => {
    const { status, stdout, stderr } = strictly(shell);
    expect(stderr).toBe('The sandbox is not running: "make up" starts it.\n'.repeat(2));
    expect(stdout.trim().endsWith(":/usr/bin:/bin")).toBe(true);
    expect(status).toBe(0);
  });

  it.each(shells)("says nothing in %s while the servers run", (shell) => {
    const files = [awsPidFile(join(home, "aws")), snowflakePidFile(join(home, "snowflake"))];
    for (const file of files) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify({ pid: process.pid, startedAt: "1" }));
    }
    expect(strictly(shell)).toMatchObject({ status: 0, stderr: "" });
    for (const file of files) rmSync(file);
  });

  it("gives a child process the same", () => {
    process.env.AWS_PROFILE = "work";
    try {
      const env = processEnvironment(variables);
      expect(env).toMatchObject(variables);
      expect(env.AWS_PROFILE).toBeUndefined();
      expect(env.PATH?.split(":")[0]).toMatch(/\.sandbox\/bin$/);
    } finally {
      delete process.env.AWS_PROFILE;
    }
  });

  it("is for its owner's eyes only, as are the AWS profiles", () => {
    expect(statSync(home).mode & 0o077).toBe(0);
    for (const file of ["env.sh", "aws-credentials", "aws-profiles"]) {
      expect(statSync(join(home, file)).mode & 0o077).toBe(0);
    }
    expect(readFileSync(join(home, "aws-credentials"), "utf8")).toContain(
      "[partner]\naws_access_key_id = KEY-partner\n",
    );
  });
});
