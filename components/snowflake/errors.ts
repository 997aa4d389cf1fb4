/**
 * Every way the load can fail, in words for a person: what happened, why, and what to do. Facts come from the driver's
 * error code and from Snowflake's message, which is kept in full.
 */

import { onStack } from "../on-stack.ts";

/** An error that names cause and cure. */
export class LoadError extends Error {
  override readonly name = "LoadError";
  /** Short name of the kind of failure, for tests and for searching. */
  readonly kind: string;

  constructor(kind: string, happened: string, cure: string, cause?: unknown) {
    super(`${happened}\n  cure: ${onStack(cure)}`, { cause });
    this.kind = kind;
  }
}

/** What work under way is refused with once the load is told to end. */
export const toldToEnd = () =>
  new LoadError("ended", "The load was told to end.", "run `pulumi up` again: it goes on from here");

/** What an error says, whatever was thrown. */
export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
/** What it says first. */
export const firstLineOf = (error: unknown) => messageOf(error).split("\n")[0] ?? "";

/** A check refused the load: nothing of it was published, and the next `up` audits again. */
export class UnverifiedError<Outputs> extends Error {
  override readonly name = "UnverifiedError";
  readonly outputs: Outputs;
  readonly reasons: string[];

  constructor(outputs: Outputs, reasons: string[]) {
    super(reasons.join("\n"));
    this.outputs = outputs;
    this.reasons = reasons;
  }
}

/** What the explanation of an error may speak of. */
export interface Surroundings {
  role: string;
  warehouse: string;
  /** Fully qualified, for reading. */
  stage: string;
  table: string;
  stageUrl: string;
  loadSize: string;
  statementTimeoutSeconds: number;
}

interface Explanation {
  kind: string;
  /** Codes of the driver or of Snowflake, without leading zeros. */
  codes?: readonly number[];
  message?: RegExp;
  happened: (at: Surroundings) => string;
  cure: (at: Surroundings) => string;
}

/** First match wins: the specific before the general. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    kind: "role-not-assumable",
    message: /assum\w* AWS_ROLE|sts:AssumeRole/i,
    happened: (at) => `Snowflake could not assume the storage integration's AWS role to read ${at.stageUrl}.`,
    cure: () =>
      "compare DESC INTEGRATION's STORAGE_AWS_IAM_USER_ARN and STORAGE_AWS_EXTERNAL_ID with the role's trust policy: it must " +
      "allow sts:AssumeRole to that user with exactly that sts:ExternalId; a role made seconds ago needs up to a minute, so run `pulumi up` again",
  },
  {
    kind: "integration-lost",
    codes: [3139],
    message: /integration .*(associated with the stage|cannot be found|does not exist)/i,
    happened: (at) => `The storage integration behind stage ${at.stage} is gone or was replaced.`,
    cure: (at) =>
      `link it again: ALTER STAGE ${at.stage} SET STORAGE_INTEGRATION = <integration>, or run \`pulumi up --refresh\``,
  },
  {
    kind: "location-not-allowed",
    message: /location .* is not allowed by integration|not in the allowed/i,
    happened: (at) => `The storage integration does not allow ${at.stageUrl}.`,
    cure: () =>
      "add the stage's URL to the integration's STORAGE_ALLOWED_LOCATIONS and take it out of STORAGE_BLOCKED_LOCATIONS",
  },
  {
    kind: "s3-access-denied",
    message: /access ?denied|status code: 403|forbidden/i,
    happened: (at) => `S3 refused Snowflake the files below ${at.stageUrl}.`,
    cure: () =>
      "the role's policy must allow s3:ListBucket on the bucket (for that prefix) and s3:GetObject on its objects, and the bucket's " +
      "policy (and its KMS key, where it has one) must not deny that role; the role's trust policy was fine",
  },
  {
    kind: "bucket-missing",
    message: /NoSuchBucket|specified bucket does not exist/i,
    happened: (at) => `The bucket of ${at.stageUrl} does not exist.`,
    cure: () => "correct the bucket's name in the stack's config, or create it",
  },
  {
    kind: "file-vanished",
    message: /NoSuchKey|remote file .* (was )?not found/i,
    happened: (at) => `A file was listed below ${at.stageUrl} but is not there any more.`,
    cure: () => "run `pulumi up` again: it lists anew and loads what is there",
  },
  {
    kind: "timeout",
    codes: [630],
    message: /reached its statement or warehouse timeout/i,
    happened: (at) =>
      `Snowflake ended the statement after its limit (here ${at.statementTimeoutSeconds} s) on a warehouse of size ${at.loadSize}.`,
    cure: () =>
      "load with a larger warehouse (loadWarehouseSize XLARGE or above), or raise statementTimeoutSeconds; what was not committed is loaded by the next `up`",
  },
  {
    kind: "cancelled",
    codes: [604, 605],
    message: /SQL execution (was )?cancell?ed|query was cancelled/i,
    happened: () => "Somebody cancelled the statement in Snowflake.",
    cure: () => "run `pulumi up` again: a cancelled COPY loaded nothing, and the next one loads it all",
  },
  {
    kind: "quota",
    codes: [90073, 90097],
    message: /resource monitor .* (has exceeded|quota)/i,
    happened: (at) =>
      `Warehouse ${at.warehouse} may not run: its resource monitor's credit quota is used up.`,
    cure: () => "raise the monitor's quota, or wait for its next period",
  },
  {
    kind: "warehouse-missing",
    codes: [606],
    message: /no active warehouse|warehouse '.*' does not exist|does not exist.*\(in: USE WAREHOUSE/is,
    happened: (at) => `Role ${at.role} has no warehouse ${at.warehouse} to run on.`,
    cure: (at) =>
      `create warehouse ${at.warehouse}, and GRANT USAGE, OPERATE, MODIFY, MONITOR ON WAREHOUSE to role ${at.role}`,
  },
  {
    kind: "role-missing",
    codes: [390189, 390186],
    message:
      /role '.*' (specified in the connect string )?(is not granted|does not exist)|requested role .* is not assigned|does not exist.*\(in: USE ROLE/is,
    happened: (at) => `The user may not use role ${at.role}.`,
    cure: (at) => `GRANT ROLE ${at.role} TO USER <user>, or to a role that the user has`,
  },
  {
    kind: "token-expired",
    codes: [390303, 390318, 394400],
    message:
      /(oauth|programmatic) access token (is |has )?(expired|invalid)|invalid (oauth|programmatic) access token/i,
    happened: () => "The token that the load logs in with is no longer valid.",
    cure: () =>
      "get a new token and set it: `pulumi config set --secret snowflake:token`, or SNOWFLAKE_TOKEN; a key pair (snowflake:privateKey) does not expire",
  },
  {
    kind: "session-over",
    codes: [390104, 390111, 390112, 390114, 390115, 390195],
    message: /session (no longer exists|has expired)|authentication token has expired/i,
    happened: () => "Snowflake ended the session, and a new one as well.",
    cure: () =>
      "see whether a session policy of the account or the user ends sessions early, then run `pulumi up` again: it goes on where this one stopped",
  },
  {
    kind: "network-policy",
    codes: [390422],
    message: /(IP\/Token|IP address) .*is not allowed to access Snowflake/i,
    happened: () => "A network policy of the account (or of the user) keeps this machine out.",
    cure: () =>
      "add the address that the message names to the network policy, or run from one that it allows",
  },
  {
    kind: "second-factor",
    codes: [394508],
    message: /multi-?factor authentication is required|MFA authentication/i,
    happened: () => "Snowflake wants a second factor, which an unattended load cannot give.",
    cure: () =>
      "log in with a key pair (snowflake:privateKey) as a user of TYPE = SERVICE, which needs no second factor",
  },
  {
    kind: "login-refused",
    codes: [390100, 390144, 390110, 390102, 394300],
    message: /incorrect username or password|JWT token is invalid/i,
    happened: () => "Snowflake refused the login.",
    cure: () =>
      "check snowflake:user and snowflake:password (or snowflake:privateKey) in the stack's config, or SNOWFLAKE_USER and SNOWFLAKE_PASSWORD",
  },
  {
    kind: "schema-mismatch",
    codes: [904, 100032, 100038, 100037, 100035, 100069, 100071],
    message: /invalid identifier|value .* is not recognized|numeric value|failed to cast/i,
    happened: (at) => `The files' columns do not fit ${at.table}.`,
    cure: () =>
      "compare names and types of the columns in the file with those that docs/loading.md lists, and have the file written anew",
  },
  {
    kind: "privilege-missing",
    codes: [3001],
    message: /insufficient privileges/i,
    happened: (at) => `Role ${at.role} lacks a privilege for this.`,
    cure: (at) =>
      `run \`pulumi up --refresh\`, which sees a grant that somebody took away or that went with a table made anew, and grants it again; or grant what the message names to role ${at.role}`,
  },
  {
    kind: "object-missing",
    codes: [2003, 2043],
    message: /does not exist or not authorized/i,
    happened: (at) => `Something the load needs does not exist, or role ${at.role} may not see it.`,
    cure: () =>
      "run `pulumi up --refresh`, which sees what somebody dropped or made anew, and makes and grants it again; a partner's share that it was in gets it back by `pulumi up --refresh` on the partner's stack",
  },
  {
    kind: "table-locked",
    codes: [625],
    message: /has locked table .* not yet been released/i,
    happened: (at) => `Other statements hold ${at.table} locked.`,
    cure: () => "end the transaction the message names, or run `pulumi up` again once it is over",
  },
  {
    kind: "unreachable",
    message:
      /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|socket hang up|network error|could not reach|request to .* failed|status code 5\d\d/i,
    codes: [401001, 401002, 402001, 402002],
    happened: () => "Snowflake could not be reached, also after several attempts.",
    cure: () =>
      "check the network, snowflake:host and Snowflake's status page, then run `pulumi up` again: it goes on where this one stopped",
  },
];

/** Codes that mean: the session or its tokens are over, log in again. */
const SESSION_OVER = [390104, 390110, 390111, 390112, 390114, 390115, 390195, 390318, 405503, 407002];
/** Codes of Snowflake that pass by themselves. */
const PASSING = [603];

const codeOf = (error: unknown) => Number((error as { code?: unknown }).code) || 0;
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const nested = error.cause ? ` ${textOf(error.cause)}` : "";
  return `${error.message} ${(error as { code?: unknown }).code ?? ""}${nested}`;
}

export const isSessionOver = (error: unknown) =>
  SESSION_OVER.includes(codeOf(error)) ||
  /session (no longer exists|has expired|is gone)|token (has )?expired|not connected|terminated connection/i.test(
    textOf(error),
  );

/** Whether another attempt may help: the network, a 5xx, or Snowflake's own hiccup. */
export function isTransient(error: unknown): boolean {
  if (error instanceof LoadError) return false;
  return PASSING.includes(codeOf(error)) || explanationOf(error)?.kind === "unreachable";
}

/** An error of Snowflake's own, which may pass: unlike an outage it comes as an answer. */
export const isHiccup = (error: unknown) => PASSING.includes(codeOf(error));

/** Short name of the kind of failure; "other" for what is not known. */
export const kindOf = (error: unknown): string =>
  error instanceof LoadError ? error.kind : (explanationOf(error)?.kind ?? "other");

function explanationOf(error: unknown): Explanation | undefined {
  const code = codeOf(error);
  const text = textOf(error);
  return EXPLANATIONS.find((one) => one.codes?.includes(code) || one.message?.test(text));
}

/** Turns an error of the driver into one that names cause and cure; a LoadError passes as it is. */
export function explain(error: unknown, at: Surroundings, doing: string): Error {
  if (error instanceof LoadError || error instanceof UnverifiedError) return error;
  const found = explanationOf(error);
  const said = messageOf(error).trim().replaceAll("\n", " ");
  const code = codeOf(error);
  const source = `Snowflake said${code ? ` (${String(code).padStart(6, "0")})` : ""}: ${said}`;
  if (!found) {
    const cure =
      "read Snowflake's words above; `pulumi up` may be run again at any time, nothing is loaded twice";
    return new LoadError("other", `While ${doing}: ${source}`, cure, error);
  }
  return new LoadError(
    found.kind,
    `${found.happened(at)}\n  while: ${doing}\n  ${source}`,
    found.cure(at),
    error,
  );
}
