import { createHash, createPublicKey, createVerify, type KeyObject } from "node:crypto";
import type { User } from "../catalog/model.ts";
import { publicKeyPem } from "../catalog/passwords.ts";

/** Who a token says it is from: read before anything of it is verified. */
export interface Claimant {
  account: string;
  user: string;
}

/** The subject of a token, "ACCOUNT.USER"; a user's name may have dots of its own. Undefined when it is no token. */
export function claimantOf(token: string): Claimant | undefined {
  const subject = /^([^.]+)\.(.+)$/s.exec(String(claimsOf(token)?.sub ?? "").toUpperCase());
  return subject ? { account: subject[1] as string, user: subject[2] as string } : undefined;
}

const LEEWAY = 60;
const LONGEST_LIFE = 3_600;

/**
 * Whether a token is of the user's making: RS256 with one of the two keys, whose fingerprint ends the issuer's name,
 * and within its lifetime, which Snowflake takes for an hour at most whatever it says (docs: Using key-pair
 * authentication; SQL API, Authenticating).
 */
export function isSignedBy(token: string, user: User): boolean {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const claims = claimsOf(token);
  if (!claims || parseJson(header)?.alg !== "RS256") return false;
  const now = Date.now() / 1_000;
  const issued = inSeconds(claims.iat);
  const inTime =
    inSeconds(claims.exp) > now - LEEWAY && issued <= now + LEEWAY && issued >= now - LONGEST_LIFE - LEEWAY;
  if (!inTime) return false;
  return [user.rsaPublicKey, user.rsaPublicKey2].some((text) => {
    if (!text) return false;
    const key = createPublicKey(publicKeyPem(text));
    return (
      String(claims.iss) === `${String(claims.sub)}.${fingerprint(key)}` &&
      createVerify("RSA-SHA256").update(`${header}.${payload}`).verify(key, signature, "base64url")
    );
  });
}

const claimsOf = (token: string) => parseJson(token.split(".")[1] ?? "");

/** The Node driver gives moments in milliseconds, against the standard, and Snowflake takes them. */
const inSeconds = (moment: unknown): number =>
  Number(moment) > 1e11 ? Number(moment) / 1_000 : Number(moment);

function parseJson(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Not a token at all: the caller refuses it.
    return undefined;
  }
}

const fingerprint = (key: KeyObject): string =>
  `SHA256:${createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("base64")}`;
