import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { STSClient } from "@aws-sdk/client-sts";

const START_SECONDS = 30;
const STOP_SECONDS = 5;

/** Somebody's credentials; none for an anonymous caller. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** An empty AWS that enforces IAM, for as long as it is needed. */
export interface Scratch {
  readonly iam: (caller: Credentials) => IAMClient;
  readonly sts: (caller: Credentials) => STSClient;
  /** A caller over TLS, or over plain HTTP as the policies see it. */
  readonly s3: (caller: Credentials | undefined, tls?: boolean) => S3Client;
  stop(): Promise<void>;
}

/** In this emulator an account's number, used as an access key, is that account's root. */
export function rootOf(account: string): Credentials {
  return { accessKeyId: account, secretAccessKey: account };
}

/**
 * Starts MiniStack, empty and in memory, on a free port of 127.0.0.1.
 * @param python interpreter of the environment that `ministack` is installed in
 */
export async function startScratch(python: string): Promise<Scratch> {
  const dir = mkdtempSync(join(tmpdir(), "flux-access-"));
  const port = await freePort();
  const child = spawn(
    python,
    ["-m", "hypercorn", "ministack.app:app", "--bind", `127.0.0.1:${port}`, "--log-level", "WARNING"],
    {
      cwd: dir,
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        PATH: process.env.PATH,
        HOME: dir,
        TMPDIR: dir,
        PYTHONDONTWRITEBYTECODE: "1",
        AUTH: "true",
        SERVICES: "s3,iam,sts",
        GATEWAY_PORT: String(port),
        LOG_LEVEL: "WARNING",
      },
    },
  );
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2_000);
  });
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (error) =>
      reject(
        new Error(
          `the access evaluator (${python} -m hypercorn ministack.app:app) did not start: ${error.message}; run \`make install\``,
        ),
      ),
    );
  });
  failed.catch(() => {});
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await Promise.race([failed, answers(endpoint, child, () => complaint)]);
  } catch (error) {
    await end(child, dir);
    throw error;
  }
  const common = { endpoint, region: "us-east-1", maxAttempts: 1 };
  return {
    iam: (credentials) => new IAMClient({ ...common, credentials }),
    sts: (credentials) => new STSClient({ ...common, credentials }),
    s3: (credentials, tls = true) => s3Client({ ...common, forcePathStyle: true }, credentials, tls),
    stop: () => end(child, dir),
  };
}

/** The SDK wants credentials even where nothing is signed with them. */
const UNSIGNED = {
  credentials: { accessKeyId: "none", secretAccessKey: "none" },
  signer: { sign: async <R>(request: R): Promise<R> => request },
};

function s3Client(common: object, credentials: Credentials | undefined, tls: boolean): S3Client {
  const client = new S3Client({
    ...common,
    ...(credentials ? { credentials } : UNSIGNED),
  });
  if (tls) {
    // What a proxy that ends TLS says; the policies then see aws:SecureTransport as true.
    client.middlewareStack.add(
      (next) => (args) => {
        (args.request as { headers: Record<string, string> }).headers["x-forwarded-proto"] = "https";
        return next(args);
      },
      { step: "build", name: "overTls" },
    );
  }
  return client;
}

async function answers(endpoint: string, child: ChildProcess, complaint: () => string): Promise<void> {
  const deadline = Date.now() + START_SECONDS * 1_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null)
      throw new Error(`the access evaluator ended at once: ${complaint() || "no message"}`);
    const healthy = await fetch(`${endpoint}/_ministack/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (healthy) return;
    await sleep(50);
  }
  throw new Error(
    `the access evaluator did not answer within ${START_SECONDS} s at ${endpoint}: ${complaint()}`,
  );
}

async function end(child: ChildProcess, dir: string): Promise<void> {
  if (child.exitCode === null && child.pid !== undefined) {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await Promise.race([ended, sleep(STOP_SECONDS * 1_000, undefined, { ref: false })]);
    if (child.exitCode === null) child.kill("SIGKILL");
  }
  rmSync(dir, { recursive: true, force: true });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
