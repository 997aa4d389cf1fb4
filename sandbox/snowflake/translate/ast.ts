import { setFlagsFromString } from "node:v8";
import { quoteIdentifier } from "../grammar/identifiers.ts";

/**
 * The parser's tree is plain JSON: a node is an object with one key, the kind of node, whose value holds its
 * fields. An identifier is an object with `name` and `quoted`.
 */
// biome-ignore lint/suspicious/noExplicitAny: the tree comes from the parser as JSON, its shape depends on the kind
export type Tree = any;

export interface Identifier {
  name: string;
  quoted: boolean;
}

/** The kind of a node, or undefined for a value that is none. */
export function kindOf(value: Tree): string | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  const keys = Object.keys(value);
  const [kind] = keys;
  return keys.length === 1 && kind !== undefined && !fieldNames.has(kind) ? kind : undefined;
}

/** The kinds of node that are a query of their own. */
export const queryKinds: ReadonlySet<string> = new Set(["select", "union", "intersect", "except"]);

/** Fields that can be alone in an object which is no node. */
const fieldNames = new Set([
  "this",
  "expressions",
  "name",
  "ctes",
  "index",
  "value",
  "data_type",
  "num_buckets",
  // Of a window's frame.
  "Preceding",
  "Following",
]);

/** A name as Snowflake reads it. */
export const fold = ({ name, quoted }: Identifier): string => (quoted ? name : name.toUpperCase());

/** A name in an alias's list of columns, of which the parser does not say whether it is in quotes: they make it longer. */
export const foldAlias = ({
  name,
  quoted,
  span,
}: Identifier & { span?: { start: number; end: number } }): string =>
  fold({ name, quoted: quoted || (span !== undefined && span.end - span.start > [...name].length) });

/** Everything in upper case but what is in quotes. */
export const upperCase = (sql: string): string =>
  sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|[^'"]+/g, (part) =>
    /^['"]/.test(part) ? part : part.toUpperCase(),
  );

export const identifier = (name: string) => ({ name, quoted: true, trailing_comments: [], span: null });

/** A name in an alias's list of columns, which the generator prints as it is. */
export const aliasColumn = (name: string) => ({ ...identifier(quoteIdentifier(name)), quoted: false });

export const column = (name: string, table?: string): Tree => ({
  column: {
    name: identifier(name),
    table: table === undefined ? null : identifier(table),
    join_mark: false,
    trailing_comments: [],
  },
});

export const call = (name: string, ...args: Tree[]): Tree => ({
  function: {
    name,
    args,
    distinct: false,
    trailing_comments: [],
    use_bracket_syntax: false,
    no_parens: false,
    quoted: false,
  },
});

export const text = (value: string): Tree => ({ literal: { literal_type: "string", value } });
export const number = (value: number | string): Tree => ({
  literal: { literal_type: "number", value: String(value) },
});
export const nothing = (): Tree => ({ null: null });

/** A cast to a type in DuckDB's words. */
export const castTo = (value: Tree, type: string): Tree => ({
  cast: {
    this: value,
    to: { data_type: "custom", name: type },
    trailing_comments: [],
    double_colon_syntax: false,
  },
});

export const parenthesised = (value: Tree): Tree => ({ paren: { this: value, trailing_comments: [] } });

export const binary = (kind: string, left: Tree, right: Tree): Tree => ({
  [kind]: { left, right, left_comments: [], operator_comments: [], trailing_comments: [] },
});

/** A value bound to DuckDB's placeholder number n, from 1. */
export const placeholder = (n: number): Tree => ({
  parameter: { name: null, index: n, style: "Dollar", quoted: false, string_quoted: false, expression: null },
});

export const isPlaceholder = (tree: Tree): boolean => tree?.parameter?.style === "Dollar";

/** A table in FROM, under an alias. */
export function tableNode(
  parts: readonly string[],
  alias: string,
  columnAliases: readonly string[] = [],
): Tree {
  const [name, schema, catalog] = [...parts].reverse();
  return {
    table: {
      name: identifier(name as string),
      schema: schema === undefined ? null : identifier(schema),
      catalog: catalog === undefined ? null : identifier(catalog),
      alias: identifier(alias),
      alias_explicit_as: true,
      column_aliases: columnAliases.map(aliasColumn),
      trailing_comments: [],
      when: null,
      only: false,
      final_: false,
      hints: [],
    },
  };
}

/** `*` */
export const everything = (): Tree => ({
  star: { table: null, except: null, replace: null, rename: null, trailing_comments: [] },
});

/** SELECT expressions [FROM relation]. */
export const selectFrom = (expressions: Tree[], relation: Tree): Tree => ({
  select: {
    expressions,
    from: relation && { expressions: [relation] },
    joins: [],
    lateral_views: [],
    where_clause: null,
    group_by: null,
    having: null,
    qualify: null,
    order_by: null,
    distribute_by: null,
    cluster_by: null,
    sort_by: null,
    limit: null,
    offset: null,
    fetch: null,
    distinct: false,
    distinct_on: null,
    top: null,
    with: null,
    sample: null,
    windows: null,
    hint: null,
    connect: null,
    into: null,
    locks: [],
    leading_comments: [],
  },
});

export interface Rebuilding {
  /** Answers what stands in a node's place; its children are rebuilt already. */
  node(node: Tree, kind: string): Tree;
  /** The same for objects that are no nodes: identifiers, terms of ORDER BY and the like. */
  other(value: Tree): Tree;
  /** True for what is to be left as it is. */
  skip(value: Tree): boolean;
}

/** Rebuilds a tree from its leaves up. */
export function rebuild(value: Tree, visitor: Rebuilding): Tree {
  if (value === null || typeof value !== "object" || visitor.skip(value)) return value;
  if (Array.isArray(value)) return value.map((item) => rebuild(item, visitor));
  const copy: Record<string, Tree> = {};
  for (const [key, field] of Object.entries(value)) {
    copy[key] = key === "span" ? field : rebuild(field, visitor);
  }
  const kind = kindOf(copy);
  return kind === undefined ? visitor.other(copy) : visitor.node(copy, kind);
}

/** All nodes of a tree that are of one of the kinds, outermost first; not looked for inside each other. */
export function nodesOf(value: Tree, kinds: ReadonlySet<string>, found: Tree[] = []): Tree[] {
  if (value === null || typeof value !== "object") return found;
  const kind = kindOf(value);
  if (kind !== undefined && kinds.has(kind)) found.push(value);
  else for (const field of Object.values(value)) nodesOf(field, kinds, found);
  return found;
}

type Parser = typeof import("@polyglot-sql/sdk");
let loading: Promise<Parser> | undefined;

/** The parser: loaded when the first query comes, since it takes memory. */
export function parser(): Promise<Parser> {
  if (!loading) {
    // Optimising a parser of 22 MB of WebAssembly takes half a gigabyte and both cores, and saves milliseconds.
    setFlagsFromString("--liftoff-only");
    loading = import("@polyglot-sql/sdk");
  }
  return loading;
}

export interface Token {
  kind: string;
  text: string;
  start: number;
  end: number;
}

/** The words of a statement; null where even that fails, as with a text that does not end. */
export async function tokensOf(sql: string): Promise<Token[] | null> {
  const { tokenize, Dialect } = await parser();
  const { success, tokens } = tokenize(sql, Dialect.Snowflake);
  if (!success || !tokens) return null;
  const at = offsets(sql);
  // The declared type of a token has another spelling of its kind than the token itself.
  return tokens.map((token) => ({
    kind: (token as unknown as { token_type: string }).token_type,
    text: token.text,
    start: at(token.span.start),
    end: at(token.span.end),
  }));
}

/** The parser counts characters, JavaScript counts UTF-16 units: they part at the first character beyond U+FFFF. */
function offsets(sql: string): (index: number) => number {
  if (!/[\ud800-\udbff]/.test(sql)) return (index) => index;
  const starts: number[] = [];
  let unit = 0;
  for (const character of sql) {
    starts.push(unit);
    unit += character.length;
  }
  return (index) => starts[index] ?? sql.length;
}
