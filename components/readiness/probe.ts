/**
 * Waits until Snowflake can read a folder through its storage integration. IAM spreads a new role or trust policy over
 * its servers in up to a minute, so the first refusals mean nothing; the last one is told with everything it takes to
 * find out why. Plain module: the resource beside it is the only part that knows Pulumi.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { keyPolicyStatement } from "../kms.ts";
import type { Connection } from "../snowflake/connection.ts";
import { kindOf } from "../snowflake/errors.ts";
import type { Session } from "../snowflake/session.ts";
import { integrationProperties, shown } from "../snowflake/shown.ts";
import { identifier, literal } from "../sql.ts";

/** The trust to wait for. */
export interface Trust {
  /** Storage integration, as Snowflake stores its name. */
  readonly integration: string;
  /** Folder to read. @example "s3://bucket/raw/ami/" */
  readonly url: string;
  /** Role that Snowflake assumes. */
  readonly roleArn: string;
  /** External ID that the role's trust policy asks for; empty where it is the integration's own to say. */
  readonly externalId: string;
  /** Snowflake's user, which assumes the role. */
  readonly iamUserArn: string;
  /** An object below the folder, to be read; empty when there is none. @example "ami_interval_readings/2026-07-01.parquet" */
  readonly sample: string;
  /** The key of KMS that it is encrypted with; empty when S3's own is used. */
  readonly sampleKmsKeyArn: string;
  /** Seconds to wait at most. */
  readonly timeoutSeconds: number;
}

/** What waiting needs from outside; tests bring their own. */
export interface Clock {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  say(line: string): void;
}

/** What Snowflake holds of the trust. */
export interface Held {
  readonly roleArn: string;
  readonly externalId: string;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;

/** How long to wait and as whom says nothing of the trust; nor does which object is read, once one is. */
const NOT_TELLING = ["timeoutSeconds", "sessionRole", "sample", "sampleKmsKeyArn"];

/** What says something of the trust, or of the code that looks at it, and is not as it was. */
export function changed(olds: object, news: object): string[] {
  const before = new Map<string, unknown>(Object.entries(olds));
  const tells = (key: string) => !NOT_TELLING.includes(key) || (key === "sample" && !before.get(key));
  return Object.entries(news)
    .filter(([key, value]) => tells(key) && (before.get(key) ?? "") !== value)
    .map(([key]) => key);
}

/** Logs in and waits; see awaitReadiness. */
export function connectAndWait(
  connection: Connection,
  trust: Trust & { sessionRole: string },
): Promise<void> {
  return withSession(connection, trust.sessionRole, (session) =>
    awaitReadiness(session, trust, { now: Date.now, sleep, say: console.log }),
  );
}

/** Logs in and looks at the integration; see heldBy. */
export async function connectAndLook(
  connection: Connection,
  { integration, sessionRole }: { integration: string; sessionRole: string },
): Promise<Held | undefined> {
  const look = (role: string) => withSession(connection, role, (session) => heldBy(session, integration));
  try {
    return await look(sessionRole);
  } catch (error) {
    // Who only looks does not have the role that deploys.
    const { role } = connection;
    if (kindOf(error) !== "role-missing" || role === undefined || role === sessionRole) throw error;
    return look(role);
  }
}

async function withSession<T>(connection: Connection, role: string, use: (session: Session) => Promise<T>) {
  // The driver is slow to load and looks around the machine when it is; waiting alone does not need it.
  const { openSession } = await import("../snowflake/session.ts");
  const session = await openSession(connection, {
    tag: "flux-ami readiness",
    // As the load does: what other roles of the user may do proves nothing for the one that the stack goes by.
    setup: [`USE ROLE ${identifier(role)}`, "USE SECONDARY ROLES NONE"],
  });
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

/** Reads what the integration holds; undefined when there is no such integration. */
export async function heldBy(session: Session, integration: string): Promise<Held | undefined> {
  if (!(await shown(session, "STORAGE INTEGRATIONS", integration))) return undefined;
  const value = await integrationProperties(session, integration);
  return { roleArn: value("STORAGE_AWS_ROLE_ARN"), externalId: value("STORAGE_AWS_EXTERNAL_ID") };
}

/** Resolves when Snowflake can list the folder, and read the object in it. Throws once the time is up, naming what each side should say. */
export async function awaitReadiness(session: Session, trust: Trust, clock: Clock): Promise<void> {
  const held = await heldBy(session, trust.integration);
  // Someone may have changed the ID by hand since it was pinned; the role knows only ours.
  if (trust.externalId && held && held.externalId !== trust.externalId)
    await session.rows(
      `ALTER STORAGE INTEGRATION ${identifier(trust.integration)} SET STORAGE_AWS_EXTERNAL_ID = ${literal(trust.externalId)}`,
    );
  const start = clock.now();
  const limit = trust.timeoutSeconds * 1000;
  for (let attempt = 0; ; attempt++) {
    const refusal =
      (await refusalOf(session, trust, "list")) ?? (trust.sample && (await readingRefused(session, trust)));
    if (!refusal) {
      if (refusal !== undefined)
        clock.say(
          `there is ${trust.sample ? "no more such file as was seen" : "no file"} below ${trust.url}${trust.sample ? "" : " yet"}, so only listing was tried, and reading was not`,
        );
      return;
    }
    const waited = clock.now() - start;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
    if (waited + pause > limit) throw new Error(despair(trust, refusal));
    clock.say(
      `waiting until Snowflake can read ${trust.url} (${Math.round(waited / 1000)} s of at most ${trust.timeoutSeconds} s): ${refusal}`,
    );
    await clock.sleep(pause);
  }
}

/** Asks Snowflake to list the folder or to read the object; what it said when it could not. Listing needs no file. */
async function refusalOf(
  session: Session,
  { integration, url, sample }: Trust,
  action: "list" | "read",
): Promise<string | undefined> {
  const call = [integration, url, sample || "readiness-probe", action].map(literal).join(", ");
  const [row] = await session.rows(`SELECT SYSTEM$VALIDATE_STORAGE_INTEGRATION(${call}) AS VERDICT`);
  const text = String(row?.VERDICT ?? "");
  const verdict = JSON.parse(text) as {
    status?: string;
    message?: string;
    actions?: Record<string, { status?: string; message?: string }>;
  };
  if (verdict.status === "success") return undefined;
  const said = Object.values(verdict.actions ?? {}).map((action) => action.message);
  const reasons = [verdict.message, ...said].filter(Boolean).join("; ") || text;
  return reasons;
}

/** What is said of an object that is not there: the key of S3, not one of KMS, and not its bucket. */
const NO_OBJECT =
  /NoSuchKey|status code: 404|\b(?:specified (?:key|file)|remote file)\b[^;]*(?:not found|does not exist)/i;
const NO_OTHER = /KMS|NoSuchBucket/i;

/** The same of reading the object; empty when there is no such object: whoever wrote it may have taken it away since it was seen. */
async function readingRefused(session: Session, trust: Trust): Promise<string | undefined> {
  const reasons = await refusalOf(session, trust, "read");
  if (reasons === undefined) return undefined;
  return NO_OBJECT.test(reasons) && !NO_OTHER.test(reasons)
    ? ""
    : `${trust.sample} cannot be read: ${reasons}`;
}

function despair(
  { integration, url, roleArn, externalId, iamUserArn, sample, sampleKmsKeyArn, timeoutSeconds }: Trust,
  refusal: string,
) {
  const trustPolicy = {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: iamUserArn },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "sts:ExternalId": externalId } },
      },
    ],
  };
  return [
    `Snowflake could not read ${url} through storage integration ${integration} within ${timeoutSeconds} s.`,
    `  Snowflake said: ${refusal}`,
    `  role ARN: ${roleArn}`,
    ...(externalId
      ? [`  external ID: ${externalId}`, `  trust policy the role must have: ${JSON.stringify(trustPolicy)}`]
      : [
          "  the integration was there before the stack, so its role and its external ID are for its owner to mend",
        ]),
    ...(refusal.startsWith(`${sample} `) && sample ? [readingCure(sampleKmsKeyArn, roleArn)] : []),
    "  cure: run `pulumi up --refresh -s <stack>`, which puts back what was changed by hand; then look for what else refuses: " +
      "the bucket's policy, a permissions boundary or an organization's policy, the role's own read policy; " +
      "raise flux-ami:readinessTimeoutSeconds when AWS is only slow",
  ].join("\n");
}

/** Listing works and reading does not, so the trust holds. */
function readingCure(kmsKeyArn: string, roleArn: string): string {
  const key = kmsKeyArn
    ? `the object is encrypted with the KMS key ${kmsKeyArn}: name it in flux-ami:kmsKeyArns, and have the key's owner add to its ` +
      `policy: ${JSON.stringify(keyPolicyStatement([kmsKeyArn], roleArn))}`
    : "if the object is encrypted with a KMS key, name that in flux-ami:kmsKeyArns, and have the key's owner allow kms:Decrypt";
  return `  Snowflake may list but not read, so the trust itself holds. ${key}; else look for what refuses s3:GetObject`;
}
