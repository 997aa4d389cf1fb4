import { S3ServiceException } from "@aws-sdk/client-s3";
import { STSServiceException } from "@aws-sdk/client-sts";
import { SnowflakeError } from "../errors.ts";

const ACCESS_DENIED = new Set(["AccessDenied", "Forbidden", "403"]);
const MISSING = new Set(["NoSuchKey", "NotFound", "404"]);

const isAccessDenied = (error: unknown): boolean =>
  error instanceof S3ServiceException &&
  (ACCESS_DENIED.has(error.name) || error.$metadata.httpStatusCode === 403);

export const isMissing = (error: unknown): boolean =>
  error instanceof S3ServiceException && MISSING.has(error.name);

/** The object is no longer the one that was listed. */
const isChanged = (error: unknown): boolean =>
  error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412;

/** What AWS said, the way Snowflake quotes it: "Access Denied (Status Code: 403; Error Code: AccessDenied)". */
export function causeOf(error: unknown): string {
  if (error instanceof S3ServiceException || error instanceof STSServiceException) {
    const message = error.message || error.name;
    return `${message} (Status Code: ${error.$metadata.httpStatusCode ?? "none"}; Error Code: ${error.name})`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** 003167: the role cannot be assumed: it is missing, or its trust policy does not name this user and external ID. */
export function cannotAssumeRole(error: unknown, user: string, role: string): unknown {
  if (!(error instanceof STSServiceException)) return stageFailure(error);
  const denied = `User: ${user} is not authorized to perform: sts:AssumeRole on resource: ${role}`;
  return new SnowflakeError(
    "003167",
    "42601",
    `Error assuming AWS_ROLE:\n${error.$metadata.httpStatusCode === 403 ? denied : error.message}`,
  );
}

/** 091003: listing, writing or deleting did not work. */
export function stageFailure(error: unknown): unknown {
  if (error instanceof SnowflakeError || (error instanceof Error && error.name === "AbortError"))
    return error;
  return new SnowflakeError("091003", "22000", `Failure using stage area. Cause: [${causeOf(error)}]`);
}

/** Why a single file could not be read. `name` is the file as the statement named it, for example @STAGE/a.parquet. */
export function fileFailure(error: unknown, name: string): unknown {
  if (isAccessDenied(error)) {
    return new SnowflakeError(
      "100089",
      "42501",
      "Failed to access remote file: access denied. Please check your credentials",
    );
  }
  if (isMissing(error) || isChanged(error)) return remoteFileNotFound(name);
  return stageFailure(error);
}

const CONCURRENT =
  "If you are running a copy command, please make sure files are not deleted when they are being loaded or files are not being loaded into two different tables concurrently with auto purge option.";

/** 091016: thrown when a statement stops because of the file. */
export const remoteFileNotFound = (name: string): SnowflakeError =>
  new SnowflakeError("091016", "22000", `Remote file '${name}' was not found. ${CONCURRENT}`);

/** The longer text that COPY reports in a file's row, when it goes on without the file. */
export const remoteFileNotFoundText = (name: string): string =>
  `Remote file '${name}' was not found. There are several potential causes. The file might not exist. The required credentials may be missing or invalid. ${CONCURRENT}`;
