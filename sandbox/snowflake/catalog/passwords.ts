import { createPublicKey, randomBytes, scryptSync, timingSafeEqual } from "node:crypto";

/** A password as the catalog keeps it: salted and hashed. */
export function hashPassword(password: string): string {
  const salt = randomBytes(16);
  return `scrypt:${salt.toString("hex")}:${derive(password, salt).toString("hex")}`;
}

/** Whether a password is the user's; false for a user who has none. */
export function passwordMatches(password: string, hash: string | undefined): boolean {
  const [scheme, salt, key] = hash?.split(":") ?? [];
  if (scheme !== "scrypt" || salt === undefined || key === undefined) return false;
  return timingSafeEqual(derive(password, Buffer.from(salt, "hex")), Buffer.from(key, "hex"));
}

// A small cost: the accounts are local, and every connection of a client logs in anew.
const derive = (password: string, salt: Buffer) => scryptSync(password, salt, 32, { N: 1024 });

/**
 * An RSA public key without header, footer and line breaks, as ALTER USER … SET RSA_PUBLIC_KEY takes it.
 * Throws when it is no public key.
 */
export function publicKeyBody(key: string): string {
  const body = key.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, "").replace(/\s+/g, "");
  createPublicKey(publicKeyPem(body));
  return body;
}

/** The same key as PEM, for verifying signatures. */
export const publicKeyPem = (body: string): string =>
  `-----BEGIN PUBLIC KEY-----\n${body.replace(/.{64}/g, "$&\n")}\n-----END PUBLIC KEY-----\n`;
