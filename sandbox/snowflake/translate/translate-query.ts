import type { ColumnHint } from "../engine/fetch.ts";
import { syntaxError, unsupported } from "../errors.ts";
import { convert } from "../functions/casts.ts";
import { numberFor } from "../functions/coercion.ts";
import { together } from "../functions/function-context.ts";
import type { ColumnType } from "../result.ts";
import {
  column,
  fold,
  identifier,
  kindOf,
  parser,
  queryKinds,
  selectFrom,
  type Tree,
  upperCase,
} from "./ast.ts";
import { columnTexts } from "./column-texts.ts";
import { commonType } from "./common-type.ts";
import { innerScope, type Relation, type Scope } from "./query-scope.ts";
import { subqueryBody } from "./relations.ts";
import { translateJoins, translateRelation } from "./translate-relations.ts";
import type { TranslatedQuery, Translation } from "./translation.ts";

const setOperations = new Set(["union", "intersect", "except"]);

/** Translates a whole query: SELECT, set operations, VALUES, with what stands before them in WITH. */
export async function translateQuery(
  t: Translation,
  query: Tree,
  outer: Scope | undefined,
  atTop = false,
): Promise<TranslatedQuery> {
  const kind = kindOf(query) ?? "";
  const body = query[kind];
  if (kind === "paren" || kind === "subquery") {
    const inner = await t.query(body.this, outer, atTop);
    return { tree: { [kind]: { ...body, this: inner.tree } }, columns: inner.columns };
  }
  if (kind === "values") return values(t, body, outer);
  if (!queryKinds.has(kind)) throw unsupported(kind.replaceAll("_", " ").toUpperCase());

  const scope = innerScope(outer);
  const withClause = await translateWith(t, body.with, scope);
  const translated = setOperations.has(kind)
    ? await setOperation(t, kind, body, scope)
    : await select(t, body, scope, atTop);
  if (withClause) translated.tree[kind].with = withClause;
  t.done.add(translated.tree);
  return translated;
}

async function translateWith(t: Translation, clause: Tree, scope: Scope): Promise<Tree> {
  if (!clause) return null;
  const ctes: Tree[] = [];
  for (const cte of clause.ctes) {
    const name = fold(cte.alias);
    const named: string[] = (cte.columns ?? []).map(fold);
    if (clause.recursive)
      scope.tables.set(
        name,
        named.map((column) => ({ name: column })),
      );
    const inner = await t.query(cte.this, scope);
    const columns = inner.columns.map((column, index) => ({ ...column, name: named[index] ?? column.name }));
    scope.tables.set(name, columns);
    ctes.push({ ...cte, alias: identifier(name), columns: named.map(identifier), this: inner.tree });
  }
  return { ...clause, ctes };
}

async function setOperation(
  t: Translation,
  kind: string,
  body: Tree,
  scope: Scope,
): Promise<TranslatedQuery> {
  const [one, other] = [await t.query(body.left, scope), await t.query(body.right, scope)];
  const [left, right] = [withNumbers(one, other.columns), withNumbers(other, one.columns)];
  const columns = left.columns.map((column, index) => {
    const other = right.columns[index];
    return {
      ...column,
      type: commonType([column.type, other?.type]),
      nullable: column.nullable !== false || other?.nullable !== false,
    };
  });
  byAll(t, body);
  const rest = await t.expression({ order_by: body.order_by, limit: body.limit, offset: body.offset }, scope);
  return { tree: { [kind]: { ...body, ...rest, with: null, left: left.tree, right: right.tree } }, columns };
}

/** One side of a set operation, whose texts count as numbers where the other side has numbers. */
function withNumbers(side: TranslatedQuery, met: readonly ColumnHint[]): TranslatedQuery {
  const numbers = side.columns.map(({ type }, index) =>
    type?.type === "text" && isNumeric(met[index]?.type)
      ? numberFor(null, type, met[index]?.type)
      : undefined,
  );
  if (!numbers.some(Boolean)) return side;
  const names = side.columns.map((_, index) => `C${index}`);
  const expressions = side.columns.map(({ name, type }, index) => {
    const value = column(names[index] as string);
    return aliased(numbers[index] ? convert(value, numbers[index], type) : value, name);
  });
  return {
    tree: selectFrom(expressions, { subquery: subqueryBody(side.tree, "SIDE", names) }),
    columns: side.columns.map((each, index) => ({ ...each, type: numbers[index] ?? each.type })),
  };
}

const isNumeric = (type: ColumnType | undefined): boolean => type?.type === "fixed" || type?.type === "real";

const refused = [
  ["lateral_views", "LATERAL VIEW"],
  ["connect", "CONNECT BY"],
  ["into", "SELECT INTO"],
  ["sample", "SAMPLE"],
] as const;

async function select(t: Translation, body: Tree, scope: Scope, atTop: boolean): Promise<TranslatedQuery> {
  for (const [field, name] of refused) {
    if (body[field] && (!Array.isArray(body[field]) || body[field].length > 0)) throw unsupported(name);
  }
  if (body.expressions.length === 0) throw emptySelect(t.parsed.text);
  const names = await outputNames(t, body.expressions, atTop);
  scope.aliases = new Set(names.filter((_, index) => body.expressions[index].alias));
  const from = body.from ? { ...body.from, expressions: [] as Tree[] } : null;
  const limit = bareLimit(body);
  for (const relation of body.from?.expressions ?? []) {
    from.expressions.push(await translateRelation(t, relation, scope, limit));
  }
  const joins = await translateJoins(t, body.joins ?? [], scope);
  byAll(t, body);
  const { from: _from, joins: _joins, with: _with, expressions, ...rest } = body;
  // Sets of groups leave out columns, and show NULL for them.
  const grouped = /"name":"(GROUPING SETS|ROLLUP|CUBE)"/i.test(JSON.stringify(body.group_by ?? null));
  const projected: Tree[] = [];
  const columns: ColumnHint[] = [];
  for (const [index, expression] of expressions.entries()) {
    const translated = await t.expression(expression, scope);
    if (translated.star) {
      projected.push(translated);
      columns.push(...starColumns(translated.star, scope));
      continue;
    }
    const name = names[index] as string;
    const inner = translated.alias ? translated.alias.this : translated;
    // A column that keeps its name needs no alias; with one, DuckDB would take it for a reference to itself.
    projected.push(inner.column && !expression.alias ? inner : aliased(inner, name));
    columns.push({ name, type: t.typeOf(inner), nullable: grouped || isNullable(inner, scope) });
  }
  const others = await t.expression(rest, scope);
  return { tree: { select: { ...others, with: null, from, joins, expressions: projected } }, columns };
}

/** ORDER BY ALL: by all columns, in their order. */
function byAll(t: Translation, body: Tree): void {
  const terms: Tree[] = body.order_by?.expressions ?? [];
  const name = terms.length === 1 ? terms[0].this?.column?.name : undefined;
  if (name?.name.toUpperCase() !== "ALL" || name.quoted || terms[0].this.column.table) return;
  terms[0].this = { raw: { sql: "ALL" } };
  t.done.add(terms[0].this);
}

/** The parser lets a SELECT of nothing pass. */
function emptySelect(sql: string) {
  const match = /\bSELECT\s+(FROM)\b/i.exec(sql);
  const before = sql.slice(0, match ? match.index + match[0].length - 4 : sql.length).split("\n");
  return syntaxError(before.length, before.at(-1)?.length ?? 0, match?.[1] ?? "<EOF>");
}

const aliased = (tree: Tree, name: string): Tree => ({
  alias: {
    this: tree,
    alias: identifier(name),
    column_aliases: [],
    alias_explicit_as: true,
    pre_alias_comments: [],
    trailing_comments: [],
  },
});

/** The limit of a query that does nothing but read the first rows of what it selects from. */
function bareLimit(body: Tree): number | undefined {
  const plain =
    body.joins.length === 0 &&
    ["where_clause", "group_by", "having", "qualify", "order_by", "offset"].every((field) => !body[field]) &&
    !body.distinct &&
    !JSON.stringify(body.expressions).includes('"distinct":');
  const limit = body.limit?.this?.literal?.value ?? body.top?.this?.literal?.value;
  return plain && limit !== undefined ? Number(limit) : undefined;
}

/** What the columns of a SELECT are called: an alias, a column's name, or the expression's text in upper case. */
async function outputNames(t: Translation, expressions: Tree[], atTop: boolean): Promise<string[]> {
  const texts = atTop ? await columnTexts(t.parsed) : [];
  const { generate, Dialect } = await parser();
  return expressions.map((expression, index) => {
    if (expression.alias) return fold(expression.alias.alias);
    if (expression.column) return fold(expression.column.name);
    if (expression.dot) return fold(expression.dot.field);
    if (expression.star) return "*";
    const written = texts.length === expressions.length ? texts[index] : undefined;
    return (
      written ??
      upperCase(
        generate([selectFrom([expression], null)], Dialect.Snowflake).sql?.[0]?.slice(7) ?? `$${index + 1}`,
      )
    );
  });
}

function starColumns(star: Tree, scope: Scope): ColumnHint[] {
  const excluded = new Set((star.except ?? []).map(({ name }: { name: string }) => name));
  const renamed = new Map<string, string>(
    (star.rename ?? []).map(([from, to]: { name: string }[]) => [from?.name, to?.name]),
  );
  const seen = new Set<string>();
  const columns = scope.relations
    .filter(({ alias }) => !star.table || alias === star.table.name)
    .flatMap((relation) => relation.columns.filter(visible(relation)))
    .filter(({ name }) => {
      const again = scope.joinedBy.has(name) && seen.has(name);
      seen.add(name);
      return !again && !excluded.has(name);
    });
  return columns.map((column) => ({ ...column, name: renamed.get(column.name) ?? column.name }));
}

/** `*` of a stage is its whole row; the METADATA$ columns have to be asked for. */
const visible = (relation: Relation) => (column: ColumnHint) =>
  !relation.stage || !column.name.startsWith("METADATA$");

function isNullable(tree: Tree, scope: Scope): boolean {
  if (tree.count || tree.row_number) return false;
  if (tree.literal || tree.boolean) return false;
  if (!tree.column) return true;
  const { name, table } = tree.column;
  // An outer join makes NULLs of columns that have none.
  if (scope.relations.length !== 1) return true;
  const known = scope.relations[0]?.columns.find((column) => column.name === name.name);
  return known === undefined || table === undefined ? true : known.nullable !== false;
}

async function values(t: Translation, body: Tree, scope: Scope | undefined): Promise<TranslatedQuery> {
  const rows = await t.expression(body.expressions, innerScope(scope));
  const columns = (rows[0]?.expressions ?? []).map((_: Tree, index: number) => {
    const cells: Tree[] = rows.map(({ expressions }: Tree) => expressions[index]);
    const { values: unified, type } = together(cells, (cell) => t.typeOf(cell));
    for (const [row, value] of unified.entries()) rows[row].expressions[index] = value;
    return { name: `COLUMN${index + 1}`, type };
  });
  return { tree: { values: { ...body, expressions: rows, alias: null, column_aliases: [] } }, columns };
}
