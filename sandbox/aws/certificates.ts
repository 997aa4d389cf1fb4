import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "selfsigned";

/** Paths of PEM files: what the AWS emulator serves with, and the authority that its clients must trust. */
export interface Certificates {
  authority: string;
  certificate: string;
  key: string;
}

const DAY = 86_400_000;
const LIFETIME_DAYS = 800;
const RENEW_BEFORE_DAYS = 30;

/**
 * An authority and a certificate for 127.0.0.1 and localhost, made once in `dir` and renewed before they end.
 * The authority's key is thrown away, so nothing else can ever be signed with it.
 */
export async function certificates(dir: string): Promise<Certificates> {
  const paths: Certificates = {
    authority: join(dir, "authority.pem"),
    certificate: join(dir, "server.pem"),
    key: join(dir, "server.key"),
  };
  const until = join(dir, "valid-until");
  const fresh =
    Object.values(paths).every((path) => existsSync(path)) &&
    existsSync(until) &&
    Date.parse(readFileSync(until, "utf8")) > Date.now() + RENEW_BEFORE_DAYS * DAY;
  if (fresh) return paths;

  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const validity = {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() - DAY),
    notAfterDate: new Date(Date.now() + LIFETIME_DAYS * DAY),
  } as const;
  const authority = await generate([{ name: "commonName", value: "sandbox authority" }], {
    ...validity,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: "commonName", value: "localhost" }], {
    ...validity,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 7, ip: "127.0.0.1" },
          { type: 2, value: "localhost" },
        ],
      },
    ],
  });
  writeFileSync(paths.authority, authority.cert);
  writeFileSync(paths.certificate, server.cert);
  writeFileSync(paths.key, server.private, { mode: 0o600 });
  writeFileSync(until, validity.notAfterDate.toISOString());
  return paths;
}
