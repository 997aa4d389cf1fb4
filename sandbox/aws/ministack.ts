import { mkdirSync, readFileSync } from "node:fs";
import { Agent, get } from "node:https";
import { join } from "node:path";
import { privateFolder, tools } from "../paths.ts";
import { choosePort, rememberedPort } from "../ports.ts";
import { pidFile, runningPid, startService, stopService } from "../processes.ts";
import { type Certificates, certificates } from "./certificates.ts";

/** A running AWS emulator. */
export interface Aws {
  /** Base URL of every service, e.g. "https://127.0.0.1:4566". */
  endpoint: string;
  region: string;
  port: number;
  certificates: Certificates;
}

const NAME = "ministack";
/** Where the process ID of the emulator in `dir` stands. */
export const awsPidFile = (dir: string): string => pidFile(dir, NAME);
const REGION = "us-east-1";

/**
 * Starts MiniStack with its state in `dir`, as strict as strict.py makes it: enforcing IAM, over TLS, so that policies that ask for TLS hold, and
 * keeping its state. IAM and bucket settings are saved when it is stopped; objects at once.
 * @param dependent whether it ends with this process
 * @returns it, and whether this call started it, as against found it running
 */
export async function startAws(dir: string, dependent = false): Promise<{ aws: Aws; fresh: boolean }> {
  privateFolder(dir);
  mkdirSync(join(dir, "tmp"), { recursive: true });
  const pems = await certificates(join(dir, "tls"));
  const portFile = join(dir, "port");
  const running = runningPid(dir, NAME) === undefined ? undefined : rememberedPort(portFile);
  const port = running ?? (await choosePort(portFile));
  const fresh = await startService({
    name: NAME,
    dir,
    command: tools.python,
    // Its own command also binds port 443 where it may; served by hypercorn directly, it binds this port only.
    args: [
      join(import.meta.dirname, "serve.py"),
      "asked:app",
      "--bind",
      `127.0.0.1:${port}`,
      "--certfile",
      pems.certificate,
      "--keyfile",
      pems.key,
      "--workers",
      "0",
      "--keep-alive",
      "75",
      "--log-level",
      "WARNING",
    ],
    env: {
      PATH: process.env.PATH,
      HOME: join(dir, "tmp"),
      TMPDIR: join(dir, "tmp"),
      PYTHONDONTWRITEBYTECODE: "1",
      ASKED: join(dir, "asked"),
      AUTH: "true",
      SERVICES: "s3,iam,sts,kms",
      GATEWAY_PORT: String(port),
      MINISTACK_HOST: "127.0.0.1",
      MINISTACK_REGION: REGION,
      PERSIST_STATE: "1",
      STATE_DIR: join(dir, "state"),
      S3_PERSIST: "1",
      S3_DATA_DIR: join(dir, "objects"),
      LOG_LEVEL: "WARNING",
    },
    ready: () => healthy(port, pems.authority),
    dependent,
  });
  return { aws: { endpoint: `https://127.0.0.1:${port}`, region: REGION, port, certificates: pems }, fresh };
}

/** An access key of an IAM user, or "root" of an account. */
export interface AccessKey {
  accessKeyId: string;
  secretAccessKey: string;
}

/** The settings by which an AWS SDK client of this process talks to the emulator as the holder of `credentials`. */
export function clientSettings(
  { endpoint, region, certificates: { authority } }: Aws,
  credentials: AccessKey,
) {
  return {
    endpoint,
    region,
    credentials,
    requestHandler: { httpsAgent: new Agent({ keepAlive: true, ca: readFileSync(authority) }) },
  };
}

/** Stops MiniStack; false when it was not running. */
export const stopAws = (dir: string): Promise<boolean> => stopService(dir, NAME);

function healthy(port: number, authority: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(
      {
        host: "127.0.0.1",
        port,
        path: "/_ministack/health",
        ca: readFileSync(authority),
        agent: false,
        timeout: 2_000,
      },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}
