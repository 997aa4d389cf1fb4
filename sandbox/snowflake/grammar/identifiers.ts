/** The one place where identifiers are quoted and put back together. */

/** A name that needs no quotes in SQL: it folds to itself. */
const plain = /^[A-Z_][A-Z0-9_$]*$/;

/** An identifier in quotes, whatever it holds; right in Snowflake's SQL and in DuckDB's. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** An identifier as Snowflake prints it: quoted only where it must be. */
export const displayIdentifier = (name: string): string => (plain.test(name) ? name : quoteIdentifier(name));

/** A dotted name as Snowflake prints it: DB.SC."my table". */
export const displayName = (parts: readonly string[]): string => parts.map(displayIdentifier).join(".");

/** A string literal for DuckDB or Snowflake, for the few places that cannot bind a value. */
export const quoteLiteral = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** Splits a name that came as text, such as 'db.sc."t"', and folds what is not quoted; null when it is no name. */
export function parseName(text: string): string[] | null {
  const parts: string[] = [];
  const part = /\s*(?:"((?:[^"]|"")+)"|([A-Za-z_][A-Za-z0-9_$]*))\s*(\.|$)/y;
  for (;;) {
    const match = part.exec(text);
    if (!match) return null;
    parts.push(match[1] === undefined ? (match[2] ?? "").toUpperCase() : match[1].replaceAll('""', '"'));
    if (match[3] === "") return parts;
  }
}

/** A SQL LIKE pattern as a regular expression over a whole name; SHOW … LIKE ignores case. */
export function likePattern(pattern: string, flags = "is"): RegExp {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] as string;
    if (character === "\\" && at + 1 < pattern.length) source += escapeRegExp(pattern[++at] as string);
    else if (character === "%") source += ".*";
    else if (character === "_") source += ".";
    else source += escapeRegExp(character);
  }
  return new RegExp(`^${source}$`, flags);
}

const escapeRegExp = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
