/**
 * The one place where SQL identifiers are quoted and names are joined. Values are never put into SQL text: they are
 * bound. The few places where Snowflake's grammar takes a literal and no bind (FILES, PATTERN, SET) use `literal`.
 */

/** Quotes an identifier so that Snowflake keeps it exactly as given. Throws for what no identifier can be. */
export function identifier(name: string): string {
  if (name === "") throw new Error("a Snowflake identifier is empty; give it at least one character");
  if (name.includes("\0"))
    throw new Error(`the Snowflake identifier ${JSON.stringify(name)} has a NUL character; remove it`);
  if ([...name].length > 255)
    throw new Error(
      `the Snowflake identifier "${name.slice(0, 40)}…" has more than 255 characters; shorten it`,
    );
  return `"${name.replaceAll('"', '""')}"`;
}

/** Words that would need quotes as a name (docs: Reserved & limited keywords). */
const RESERVED = new Set(
  (
    "ACCOUNT ALL ALTER AND ANY AS BETWEEN BY CHECK COLUMN CONNECT CONNECTION CONSTRAINT CREATE CURRENT DATABASE DELETE " +
    "DISTINCT DROP ELSE EXISTS FOLLOWING FOR FROM GRANT GROUP GSCLUSTER HAVING ILIKE IN INCREMENT INSERT INTERSECT INTO " +
    "IS ISSUE LIKE MINUS NOT NULL OF ON OR ORDER ORGANIZATION QUALIFY REGEXP REVOKE RLIKE ROW ROWS SAMPLE SCHEMA SELECT " +
    "SET SOME START TABLE TABLESAMPLE THEN TO TRIGGER UNION UNIQUE UPDATE VALUES VIEW WHENEVER WHERE WITH"
  ).split(" "),
);

/** Whether a name means itself without quotes. */
export const isPlain = (name: string): boolean =>
  /^[A-Z_][A-Z0-9_$]{0,254}$/.test(name) && !RESERVED.has(name);

/** Joins the parts of a name, each quoted: `qualified("DB", "S", "T")` is `"DB"."S"."T"`. */
export function qualified(...parts: readonly string[]): string {
  return parts.map(identifier).join(".");
}

/**
 * A file format's name for FORMAT_NAME of a stage, in the words in which DESCRIBE STAGE gives it back: a name in quotes
 * comes back with a backslash before each quote, which the Snowflake provider takes for a change, but of a literal it
 * ignores the single quotes [terraform-provider-snowflake #1491, #3845].
 */
export function formatName(...parts: readonly string[]): string {
  if (parts.every(isPlain)) return parts.join(".");
  return literal(qualified(...parts)).replaceAll('"', '\\"');
}

/** A string literal. Backslash is an escape character in Snowflake's single-quoted strings. */
export function literal(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

/**
 * A stage's location in FROM, LIST and COPY: `@"DB"."S"."STAGE"/path/`. A path with other than plain characters needs the
 * whole location in single quotes, inside which the identifiers' double quotes stay.
 */
export function stageLocation(stage: readonly string[], path = ""): string {
  const location = `@${qualified(...stage)}/${path}`;
  return path === "" || /^[\w./=-]+$/.test(path) ? location : literal(location);
}

/**
 * Splits a name as people write it (`DB.SCHEMA."My Table"`) into its parts: quoted parts keep their case, others turn to
 * upper case, as Snowflake reads them. Throws when it is not `count` parts.
 */
export function parseName(text: string, count: number): string[] {
  const part = /(?:"((?:[^"]|"")+)"|([A-Za-z_][\w$]*))(\.|$)/y;
  const parts: string[] = [];
  while (part.lastIndex < text.length) {
    const match = part.exec(text);
    if (!match || (match[3] === "." && part.lastIndex === text.length)) break;
    parts.push(match[1]?.replaceAll('""', '"') ?? (match[2] as string).toUpperCase());
    if (part.lastIndex === text.length) {
      if (parts.length === count) return parts;
      break;
    }
  }
  const shape = ["DATABASE", "SCHEMA", "OBJECT"].slice(3 - count).join(".");
  throw new Error(
    `"${text}" is not a Snowflake name of ${count} parts; write it as ${shape}, quoting parts that need it`,
  );
}
