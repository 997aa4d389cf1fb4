import type { StorageIntegration } from "../catalog/model.ts";
import { SnowflakeError, unsupported } from "../errors.ts";

/** Where in S3: a bucket and a key or key prefix without a leading slash. */
export interface S3Location {
  bucket: string;
  key: string;
}

/** Takes an s3:// URL apart. */
export function parseS3Url(url: string): S3Location {
  const match = /^s3(?:gov|china)?:\/\/([^/]+)\/?(.*)$/s.exec(url);
  if (!match?.[1] && /^(?:gcs|azure|s3compat):/.test(url))
    throw unsupported(`stages of ${url.split(":")[0]}`);
  if (!match?.[1]) {
    throw new SnowflakeError(
      "001008",
      "22023",
      `SQL compilation error:\ninvalid value [${url}] for parameter 'URL'`,
    );
  }
  return { bucket: match[1], key: match[2] ?? "" };
}

export const s3Url = ({ bucket, key }: S3Location): string => `s3://${bucket}/${key}`;

/** A stage's URL followed by a path in the stage. The path goes on where the URL ends: it is a prefix, not a folder. */
export const joinUrl = (stageUrl: string, path: string): string =>
  path === "" || stageUrl.endsWith("/") ? stageUrl + path : `${stageUrl}/${path}`;

const withSlash = (url: string): string => (url.endsWith("/") ? url : `${url}/`);
const lies = (url: string, location: string): boolean =>
  location === "*" || withSlash(url).startsWith(withSlash(location));

/** Whether an integration lets a location be used: inside an allowed one and not inside a blocked one. */
export const isAllowed = (
  integration: Pick<StorageIntegration, "allowedLocations" | "blockedLocations">,
  url: string,
): boolean =>
  integration.allowedLocations.some((location) => lies(url, location)) && !isBlocked(integration, url);

export const isBlocked = (integration: Pick<StorageIntegration, "blockedLocations">, url: string): boolean =>
  integration.blockedLocations.some((location) => lies(url, location));

/** 003127, unless the integration lets the location be used. */
export function requireAllowed(integration: StorageIntegration, url: string): void {
  if (isAllowed(integration, url)) return;
  throw new SnowflakeError(
    "003127",
    "42601",
    `SQL compilation error:\nLocation '${url}' is not allowed by integration '${integration.name}'. Please use DESC INTEGRATION to check out allowed and blocked locations.`,
  );
}
