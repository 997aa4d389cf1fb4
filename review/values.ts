/** What stands in a report for a value that must not be seen. */
export const SECRET = "[secret]";
/** What stands in a report for a value that only `up` will tell. */
export const UNKNOWN = "(known after up)";

/** The engine's marker for a secret: an object with this key. */
const SECRET_KEY = "4dabf18193072939515e22adb298388d";
/** The engine's markers for unknown values: of a boolean, number, string, array, asset, archive, object. */
const UNKNOWNS = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Property names whose values are hidden even where nobody marked them secret. */
const SECRET_NAMES = /pass(word|phrase|code)|secret|token|private_?key|credential|access_?key/i;
/** Texts that are secrets whatever they are called, each with what of it stays. */
const SECRET_TEXTS: readonly [RegExp, string][] = [
  // Keys of AWS, private keys in PEM, JSON web tokens.
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, SECRET],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, SECRET],
  [/\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+/g, SECRET],
  // Tokens of GitHub, Pulumi, Slack, npm, and long ones behind `Bearer`.
  [/\b(?:gh[pousr]_\w{30,}|github_pat_\w{30,}|pul-[0-9a-f]{40}|xox[abprs]-[\w-]{10,}|npm_\w{30,})/g, SECRET],
  [/\b(Bearer\s+)[\w.~+/-]{16,}=*/gi, `$1${SECRET}`],
  // Secrets of AWS: 40 characters of base64 with both cases and a digit, standing alone.
  [/(?<![\w/+=])(?=[\w/+]*[A-Z])(?=[\w/+]*[a-z])(?=[\w/+]*\d)[A-Za-z0-9/+]{40}(?![\w/+=])/g, SECRET],
  // A URL's user and password.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]+:[^\s/@]+(?=@)/gi, `$1${SECRET}`],
  // `PASSWORD = '…'` in SQL, `"password": "…"` in JSON within a text, escaped or not, `password=…` elsewhere.
  [
    /((?:pass(?:word|phrase|code)|secret(?:_?access)?_?(?:key)?|aws_\w*(?:secret|token)\w*|token|private_?key)\s*=>?\s*)'(?:[^'\\]|''|\\[\s\S])*'/gi,
    `$1${SECRET}`,
  ],
  [
    /(\\*"\w*(?:password|passphrase|secret|token|private_?key)\w*\\*"\s*:\s*(\\*"))(?:[^"\\]|\\[^"])*\\*"/gi,
    `$1${SECRET}$2`,
  ],
  [/\b((?:password|passphrase|secret|token)=)[^\s&"';,]+/gi, `$1${SECRET}`],
];

/** Properties of the engine's and the SDK's own, of no interest to a reviewer. */
const INTERNAL = new Set(["__provider", "__defaults"]);

export function isUnknown(value: unknown): boolean {
  return typeof value === "string" && (UNKNOWNS.has(value) || value === UNKNOWN);
}

/** Hides secrets in texts and values. */
export interface Masker {
  /** Within a text. */
  readonly text: (text: string) => string;
  /** A value fit to be shown: secrets masked, unknowns in words, the engine's own properties gone. */
  readonly value: (value: unknown, name?: string) => unknown;
}

/** Shorter ones would hide half of every report; they are hidden where they are a value of their own. */
const SHORTEST_WITHIN = 6;

/**
 * Hides what looks like a secret, and every one of these values wherever and however it is written.
 * @param secrets values of the config's secrets and of the logins in the environment
 */
export function maskerOf(secrets: readonly string[] = []): Masker {
  const known = [...new Set(secrets.filter((secret) => secret !== ""))];
  const written = known
    .filter((secret) => secret.length >= SHORTEST_WITHIN)
    .flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64"),
      secret.replaceAll("\n", "\\n"),
    ])
    // The longest first, so that no part of one is left over.
    .sort((a, b) => b.length - a.length);
  const text = (plain: string): string => {
    let masked = plain;
    for (const secret of written) masked = masked.replaceAll(secret, SECRET);
    for (const [pattern, kept] of SECRET_TEXTS) masked = masked.replace(pattern, kept);
    return masked;
  };
  const value = (given: unknown, name = ""): unknown => {
    if (isUnknown(given)) return UNKNOWN;
    if (typeof given === "string") {
      const secret = given !== "" && (SECRET_NAMES.test(name) || known.includes(given));
      return secret ? SECRET : text(given);
    }
    if (Array.isArray(given)) return given.map((item) => value(item, name));
    if (typeof given !== "object" || given === null) return given;
    if (SECRET_KEY in given) return SECRET;
    return Object.fromEntries(
      Object.entries(given)
        .filter(([key]) => !INTERNAL.has(key))
        .map(([key, item]) => [text(key), value(item, key)]),
    );
  };
  return { text, value };
}
