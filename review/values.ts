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

/** What names of secrets hold, in any spelling: `PGPASSWORD`, `db_api-key`, `clientSecret`. */
const NAMES =
  "pass(?:word|phrase|code|wd)|pwd|secret|token|(?:private|(?<!kms[-_ ]?)master|api|account|access|session)[-_ ]?key|credential";
/** The items of a list as texts; none of what is no list. */
export const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** Property names whose values are hidden even where nobody marked them secret. */
const SECRET_NAMES = new RegExp(NAMES, "i");
const named = String.raw`(?<![\w-])[\w-]*(?:${NAMES})[\w-]*`;
/** A pattern in which NAME stands for what names of secrets hold. */
const about = (source: string) => new RegExp(source.replaceAll("NAME", named), "gi");

/** Texts that are secrets whatever they are called, each with what of it stays. */
const SECRET_TEXTS: readonly [RegExp, string][] = [
  // Private keys in PEM, with or without their frame; JSON web tokens; sessions of Snowflake.
  [
    /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|$)/g,
    SECRET,
  ],
  [/\bMII(?![BC]IjAN)[\w+/]{200,}={0,2}/g, SECRET],
  [/\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+/g, SECRET],
  [/\bver:\d+-hint:[\w+/=:-]+/g, SECRET],
  // Keys of AWS and what they sign: key IDs, session tokens, and secrets, which are 40 signs of base64 with both cases and
  // a digit.
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, SECRET],
  [/\b(?:FwoGZXIvYXdz|IQoJb3JpZ2lu)[\w+/=%-]{20,}/g, SECRET],
  [/(?<![\w/+])(?=[\w/+]*[A-Z])(?=[\w/+]*[a-z])(?=[\w/+]*\d)[A-Za-z0-9/+]{40}(?![\w/+=])/g, SECRET],
  // Tokens by the sign that their makers put in front.
  [/\b(?:gh[pousr]_\w{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|pul-[0-9a-f]{40})/g, SECRET],
  [/\b(?:xox[abeoprs]-[\w-]{10,}|xapp-[\w-]{10,}|npm_\w{30,}|pypi-[\w-]{30,}|hf_\w{30,})/g, SECRET],
  [/\b(?:dop_v1_[0-9a-f]{60,}|sk-[\w-]{20,}|[rs]k_live_\w{20,}|AIza[\w-]{35}|ya29\.[\w-]{20,})/g, SECRET],
  [/\bSG\.[\w-]{20,}\.[\w-]{20,}/g, SECRET],
  [/\b(Bearer\s+)[\w.~+/-]{16,}=*/gi, `$1${SECRET}`],
  [/\b([Bb]asic\s+)(?=[a-z+/]*[A-Z0-9])[\w+/]{8,}={0,2}/g, `$1${SECRET}`],
  // A URL's user and password, and a long user without one, which is a token. Passwords may hold @ themselves.
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@:'"]*:[^\s/'"]+(?=@)/gi, `$1${SECRET}`],
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@:'"]{16,}(?=@)/gi, `$1${SECRET}`],
  [/([?&](?:X-Amz-Signature|sig(?:nature)?|code|key)=)[^\s&"'\\]+/gi, `$1${SECRET}`],
  // `PASSWORD = '…'` in SQL, however it is quoted, and in other languages.
  [about(String.raw`(NAME\s*(?:=>?|:)\s*)'(?:[^'\\]|''|\\[\s\S])*'`), `$1${SECRET}`],
  [about(String.raw`(NAME\s*=>?\s*)"(?:[^"\\]|""|\\[\s\S])*"`), `$1${SECRET}`],
  [about(String.raw`(NAME\s*=>?\s*)\$\$[\s\S]*?\$\$`), `$1${SECRET}`],
  // `"password": 1234` in JSON, also within a text; `--password …` of commands; `password=…` and `password: …` elsewhere.
  [about(String.raw`((?<!\\)\\*"NAME\\*"\s*:\s*)(?:\[[^\]]*\]|-?\d[\d.eE+-]*)`), `$1${SECRET}`],
  [
    new RegExp(String.raw`((?<![\w-])--?[\w-]*(?:${NAMES})[\w-]*[= ]+)[^\s"'[-][^\s"']*`, "gi"),
    `$1${SECRET}`,
  ],
  [about(String.raw`(NAME\s?=\s?)[^\s&"'>;,()\]}[][^\s&"';,()\]}[]*`), `$1${SECRET}`],
  [about(String.raw`((?:^|[\n,{;])\s*NAME:[ \t]+)[^\s"'{[][^\n,}]*`), `$1${SECRET}`],
];

/** The beginning of `"password": "…"` in JSON, which may stand in a text: then backslashes are before its quotes. */
const SECRET_MEMBER = about(String.raw`(?<!\\)(\\*)"NAME\1"\s*:\s*\1"`);

/** Hides the texts of JSON that names of secrets stand before, however deep in other texts the JSON is. */
function withoutMembers(text: string): string {
  let masked = "";
  let done = 0;
  for (const { 0: head, 1: slashes = "", index } of text.matchAll(SECRET_MEMBER)) {
    if (index < done) continue;
    const start = index + head.length;
    const depth = slashes.length;
    // A quote within the text has more backslashes before it: twice as many and one, or with others before these.
    const quotes = /\\*"/g;
    quotes.lastIndex = start;
    let close = quotes.exec(text);
    while (close !== null && !((close[0].length - 1 - depth) % (2 * (depth + 1)) === 0))
      close = quotes.exec(text);
    masked += `${text.slice(done, start)}${SECRET}`;
    done = close === null ? text.length : quotes.lastIndex - depth - 1;
  }
  return masked + text.slice(done);
}

/** Properties of the engine's and the SDK's own, of no interest to a reviewer. */
const INTERNAL = new Set(["__provider", "__defaults"]);

export function isUnknown(value: unknown): boolean {
  return typeof value === "string" && (UNKNOWNS.has(value) || value === UNKNOWN);
}

/** True for what the engine keeps encrypted. */
export const isMarkedSecret = (value: object): boolean => SECRET_KEY in value;

/** Hides secrets in texts and values. */
export interface Masker {
  /** Within a text. */
  readonly text: (text: string) => string;
  /** A value fit to be shown: secrets masked, unknowns in words, the engine's own properties gone. */
  readonly value: (value: unknown, name?: string) => unknown;
}

/** Shorter ones would hide half of every report; they are hidden where they are a value of their own. */
const SHORTEST_WITHIN = 6;
const SHORTEST_LINE = 16;

const lines = (secret: string) =>
  secret
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST_LINE && !line.startsWith("-----"));

/** A secret as JSON, URLs, SQL, shells and base64 write it, and JSON that stands in JSON. */
function spellings(secret: string): string[] {
  const json = (text: string) => JSON.stringify(text).slice(1, -1);
  // Go writes some signs by their number.
  const go = json(secret).replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
  return [
    secret,
    json(secret),
    json(json(secret)),
    go,
    json(go),
    encodeURIComponent(secret),
    new URLSearchParams({ s: secret }).toString().slice(2),
    secret.replaceAll("'", "''"),
    secret.replaceAll("'", "'\\''"),
    secret.replaceAll("\n", "\\n"),
    Buffer.from(secret).toString("base64").replace(/=+$/, ""),
    Buffer.from(secret).toString("base64url"),
  ];
}

/**
 * Hides what looks like a secret, and every one of these values wherever and however it is written.
 * @param secrets values of the config's secrets and of the logins in the environment
 */
export function maskerOf(secrets: readonly string[] = []): Masker {
  const known = [...new Set(secrets.filter((secret) => secret !== ""))];
  const written = known
    // A key in several lines is a secret line by line.
    .flatMap((secret) => [secret, ...lines(secret)])
    .filter((secret) => secret.length >= SHORTEST_WITHIN)
    .flatMap(spellings)
    // The longest first, so that no part of one is left over.
    .sort((a, b) => b.length - a.length);
  const text = (plain: string): string => {
    let masked = plain;
    for (const secret of written) masked = masked.replaceAll(secret, SECRET);
    masked = withoutMembers(masked);
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
    if (isMarkedSecret(given)) return SECRET;
    return Object.fromEntries(
      Object.entries(given)
        .filter(([key]) => !INTERNAL.has(key))
        .map(([key, item]) => [text(key), value(item, key)]),
    );
  };
  return { text, value };
}
