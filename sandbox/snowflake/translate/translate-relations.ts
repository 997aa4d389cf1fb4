import { findRelation } from "../catalog/lookup.ts";
import type { Table, View } from "../catalog/model.ts";
import { requirePrivilege } from "../catalog/privileges.ts";
import type { Found } from "../catalog/scope.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import { call, everything, fold, foldAlias, identifier, kindOf, selectFrom, type Tree } from "./ast.ts";
import { materialise } from "./materialise.ts";
import { parseQuery } from "./parse-query.ts";
import { findTableExpression, type Relation, type Scope } from "./query-scope.ts";
import { add, stageRelation, subqueryBody, tableRelation, viewRelation } from "./relations.ts";
import { systemView } from "./system-views.ts";
import { tableFunction } from "./table-functions.ts";
import { pivot, unpivot } from "./translate-pivot.ts";
import type { TranslatedQuery, Translation } from "./translation.ts";

/** Translates one thing in FROM, and adds it to what the scope's expressions see: a switch with a case a kind. */
export async function translateRelation(
  t: Translation,
  node: Tree,
  scope: Scope,
  rowsWanted?: number,
  alias?: string,
): Promise<Tree> {
  const kind = kindOf(node) ?? "";
  const body = node[kind];
  switch (kind) {
    case "alias":
      return await translateRelation(
        t,
        withColumns(body.this, body.column_aliases),
        scope,
        rowsWanted,
        fold(body.alias),
      );
    case "table":
      return await table(t, body, scope, rowsWanted, alias);
    case "subquery":
      return await subquery(t, body, scope, alias);
    case "values": {
      const wrapped = {
        subquery: { this: node, alias: body.alias ?? null, column_aliases: body.column_aliases ?? [] },
      };
      return await translateRelation(t, wrapped, scope, rowsWanted, alias);
    }
    case "function":
      return await tableCall(t, body, scope, alias);
    case "lateral":
      return await tableCall(
        t,
        body.this.function ?? {},
        scope,
        alias ?? (body.alias ? foldText(body.alias) : undefined),
      );
    case "paren": {
      const inner = await translateRelation(t, body.this, scope);
      // DuckDB takes brackets round joins alone.
      return inner.joined_table ? { paren: { ...body, this: inner } } : inner;
    }
    case "joined_table":
      return {
        joined_table: {
          ...body,
          left: await translateRelation(t, body.left, scope),
          joins: await translateJoins(t, body.joins, scope),
        },
      };
    case "pivot":
      return derived(t, body, await pivot(t, body, scope), scope, alias);
    case "unpivot":
      return derived(t, body, await unpivot(t, body, scope), scope, alias);
    case "table_sample": {
      const inner = { ...scope, relations: [] as Relation[] };
      const relation = await translateRelation(t, body.this, inner, undefined, alias);
      scope.relations.push(...inner.relations);
      return sampled(t, relation, body.sample, inner.relations[0]?.alias ?? t.temporaryName());
    }
    default:
      throw unsupported(`${kind.replaceAll("_", " ").toUpperCase()} in FROM`);
  }
}

/** A query that stands for something in FROM. */
function derived(
  t: Translation,
  body: Tree,
  { tree, columns }: TranslatedQuery,
  scope: Scope,
  outerAlias?: string,
): Tree {
  const alias = outerAlias ?? (body.alias ? fold(body.alias) : t.temporaryName());
  const named: string[] = (body.alias_columns ?? body.column_aliases ?? []).map(foldAlias);
  scope.relations.push({
    alias,
    columns: columns.map((column, index) => ({ ...column, name: named[index] ?? column.name })),
  });
  return { subquery: subqueryBody(tree, alias, named) };
}

/** SAMPLE: some rows, by chance; a share of them, or so many (docs: SAMPLE / TABLESAMPLE). */
function sampled(t: Translation, relation: Tree, sample: Tree, alias: string): Tree {
  const { method, size, seed, unit_after_size: counted } = sample;
  if (size?.literal?.literal_type !== "number") throw unsupported("SAMPLE of a size that is no number");
  const most = counted ? 1_000_000 : 100;
  if (Number(size.literal.value) > most) {
    // Its words are not verified.
    throw new SnowflakeError(
      "002019",
      "22023",
      `SQL compilation error:\nSample size ${size.literal.value} is not between 0 and ${most}.`,
    );
  }
  const query = selectFrom([everything()], relation);
  query.select.sample = {
    ...sample,
    method: counted ? "Reservoir" : method === "Block" ? "System" : method === "Row" ? "Bernoulli" : method,
    size,
    seed: seed ?? null,
    is_percent: !counted,
    unit_after_size: true,
    use_sample_keyword: true,
    use_seed_keyword: false,
    explicit_method: true,
    method_before_size: true,
    is_using_sample: true,
  };
  t.done.add(query);
  return { subquery: subqueryBody(query, alias) };
}

/** Translates joins, and adds what is joined to what the scope's expressions see. */
export async function translateJoins(t: Translation, joins: readonly Tree[], scope: Scope): Promise<Tree[]> {
  const translated: Tree[] = [];
  for (const written of joins) {
    const join = written.match_condition ? asOf(written) : written;
    const relation = await translateRelation(t, join.this, scope);
    const using: string[] = (join.using ?? []).map(fold);
    for (const name of using) scope.joinedBy.add(name);
    const on = join.on ? await t.expression(join.on, scope) : join.on;
    translated.push({ ...join, this: relation, on, using: using.map((name) => identifier(name)) });
  }
  return translated;
}

/** ASOF JOIN keeps each row of the left side (docs: ASOF JOIN), as DuckDB's ASOF LEFT JOIN does. */
function asOf({ match_condition: match, ...join }: Tree): Tree {
  if (join.using?.length > 0) throw unsupported("ASOF JOIN … USING");
  const on = join.on ? { and: { left: join.on, right: match, ...noComments } } : match;
  return { ...join, kind: "AsOfLeft", on };
}

const noComments = { left_comments: [], operator_comments: [], trailing_comments: [] };

const withColumns = (node: Tree, columns: Tree[] = []): Tree =>
  columns.length > 0 && node.subquery ? { subquery: { ...node.subquery, column_aliases: columns } } : node;

/** Some aliases come as bare text. */
const foldText = (alias: string): string =>
  alias.startsWith('"') ? alias.slice(1, -1) : alias.toUpperCase();

async function table(
  t: Translation,
  body: Tree,
  scope: Scope,
  rowsWanted?: number,
  outerAlias?: string,
): Promise<Tree> {
  if (body.when || body.version || body.changes) throw unsupported("AT | BEFORE (time travel)");
  if (body.table_sample) {
    const { table_sample: sample, ...whole } = body;
    const wrapped = { table_sample: { this: { table: whole }, sample } };
    return await translateRelation(t, wrapped, scope, undefined, outerAlias);
  }
  const parts: string[] = [body.catalog, body.schema, body.name].filter(Boolean).map(fold);
  const name = parts.at(-1) as string;
  const alias = outerAlias ?? (body.alias ? fold(body.alias) : name);
  const named: string[] = (body.column_aliases ?? []).map(foldAlias);

  const stage = /^@(\d+)$/.exec(name);
  if (stage && parts.length === 1) {
    const text = t.parsed.stages[Number(stage[1])];
    if (text !== undefined) return await stageRelation(t, text, body.alias ? alias : "@", scope, rowsWanted);
  }
  const expression = parts.length === 1 ? findTableExpression(scope, name) : undefined;
  if (expression) return add(scope, alias, expression, [name], named);

  const view = await systemView(t, parts);
  if (view) {
    const { name: temporary, columns } = await materialise(t, view);
    return add(scope, alias, columns, ["temp", "main", temporary], named);
  }
  const found = findRelation(t.context, parts);
  requirePrivilege(t.context, "SELECT", found);
  return found.object.type === "VIEW"
    ? await viewRelation(t, found as Found<View>, alias, scope, named)
    : await tableRelation(t, found as Found<Table>, alias, scope, named);
}

async function subquery(t: Translation, body: Tree, scope: Scope, outerAlias?: string): Promise<Tree> {
  // A subquery sees what stands before it in FROM only when it is LATERAL.
  const { tree, columns } = await t.query(body.this, body.lateral ? scope : { ...scope, relations: [] });
  const alias = outerAlias ?? (body.alias ? fold(body.alias) : t.temporaryName());
  const named: string[] = (body.column_aliases ?? []).map(foldAlias);
  const names = body.this.values && named.length === 0 ? columns.map(({ name }) => name) : named;
  const known = columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
  scope.relations.push({ alias, columns: known });
  return {
    subquery: { ...subqueryBody(tree, alias, names), lateral: body.lateral === true },
  };
}

/** TABLE(function(…)), LATERAL FLATTEN(…). */
async function tableCall(t: Translation, body: Tree, scope: Scope, alias?: string): Promise<Tree> {
  const isTable = String(body.name).toUpperCase() === "TABLE";
  const inner = isTable ? body.args[0] : { function: body };
  if (inner?.literal) {
    const { tree } = (await parseQuery(`SELECT * FROM ${inner.literal.value}`)) as { tree: Tree };
    return await translateRelation(t, tree.select.from.expressions[0], scope, undefined, alias);
  }
  const result = await tableFunction(t, inner);
  if ("call" in result) {
    const name = alias ?? result.name;
    const args = await t.expression(result.args, scope);
    scope.relations.push({ alias: name, columns: result.columns });
    return {
      alias: {
        this: call(result.call, ...args),
        alias: identifier(name),
        column_aliases: [],
        alias_explicit_as: true,
        pre_alias_comments: [],
        trailing_comments: [],
      },
    };
  }
  return add(scope, alias ?? result.name, result.columns, [...result.table]);
}
