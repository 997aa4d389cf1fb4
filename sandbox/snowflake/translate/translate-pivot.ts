import { syntaxError, unsupported } from "../errors.ts";
import { caseOf } from "../functions/casts.ts";
import { quoteIdentifier } from "../grammar/identifiers.ts";
import { binary, column, everything, fold, kindOf, nothing, selectFrom, type Tree } from "./ast.ts";
import { parseQuery } from "./parse-query.ts";
import type { Scope } from "./query-scope.ts";
import type { TranslatedQuery, Translation } from "./translation.ts";

/** What PIVOT and UNPIVOT read from, as a common table expression of the query that they become. */
const SOURCE = "source";

/**
 * PIVOT: a column for each value of a column, with what the aggregate makes of the rows that have it; rows are grouped by
 * all columns that neither of the two names (docs: PIVOT).
 */
export async function pivot(t: Translation, body: Tree, scope: Scope): Promise<TranslatedQuery> {
  const { expressions, fields } = body;
  const [aggregate, another] = expressions;
  if (another !== undefined || aggregate.alias)
    throw unsupported("PIVOT with several aggregates or an alias");
  const [{ in: values } = { in: undefined }, more] = fields;
  if (!values?.this?.column || more !== undefined) throw unsupported("this form of PIVOT");
  const [kind, argument] = argumentOf(aggregate);
  const spread = fold(values.this.column.name);
  const groups = (await sourceColumns(t, body, scope)).filter(
    (name) => name !== spread && name !== fold(argument.column.name),
  );

  const pivoted = values.expressions.map(pivotedValue);
  const names: string[] = [...groups, ...pivoted.map(({ name }: { name: string }) => name)];
  const query = await over(body, [
    `${names.map((name) => `NULL AS ${quoteIdentifier(name)}`).join(", ")} FROM ${SOURCE}`,
    groups.length > 0 ? `GROUP BY ${groups.map(quoteIdentifier).join(", ")}` : "",
  ]);
  const shown = query.select.expressions;
  for (const [index, name] of groups.entries()) shown[index].alias.this = column(name);
  for (const [index, { value }] of pivoted.entries()) {
    const ofValue = caseOf(
      [[binary("eq", column(spread), value), column(fold(argument.column.name))]],
      nothing(),
    );
    const computed = withArgument(aggregate, kind, ofValue);
    const { default_on_null: otherwise } = body;
    shown[groups.length + index].alias.this = otherwise ? coalesce(computed, otherwise) : computed;
  }
  return await t.query(query, { ...scope, relations: [] });
}

/** UNPIVOT: a row for each of some columns of a row, with the column's name and value (docs: UNPIVOT). */
export async function unpivot(t: Translation, body: Tree, scope: Scope): Promise<TranslatedQuery> {
  const columns = body.columns.map((each: Tree) => {
    const { this: from, alias } = each.pivot_alias ?? { this: each };
    if (!from?.column) throw unsupported("this form of UNPIVOT");
    const own = fold(from.column.name);
    return { own, shown: alias ? labelOf(alias) : own };
  });
  const names = new Set(columns.map(({ own }: { own: string }) => own));
  const others = (await sourceColumns(t, body, scope)).filter((name) => !names.has(name));
  const [name, value] = [fold(body.name_column), fold(body.value_column)].map(quoteIdentifier);
  const selects = columns.map(({ own, shown }: { own: string; shown: string }) => {
    const from = quoteIdentifier(own);
    const selection = [
      ...others.map(quoteIdentifier),
      `'${shown.replaceAll("'", "''")}' AS ${name}`,
      `${from} AS ${value}`,
    ];
    return `${selection.join(", ")} FROM ${SOURCE}${body.include_nulls ? "" : ` WHERE ${from} IS NOT NULL`}`;
  });
  return await t.query(await over(body, [selects.join(" UNION ALL SELECT ")]), { ...scope, relations: [] });
}

/** The tree of a query over what a PIVOT or UNPIVOT reads from. */
async function over(body: Tree, parts: readonly string[]): Promise<Tree> {
  const { tree } = await parseQuery(`WITH ${SOURCE} AS (SELECT 1) SELECT ${parts.join(" ")}`);
  const { with: clause } = tree[kindOf(tree) as string];
  clause.ctes[0].this = everythingOf(body.this);
  return tree;
}

const everythingOf = (relation: Tree): Tree => selectFrom([everything()], relation);

/** The names of the columns, which the query that is thrown away afterwards tells. */
async function sourceColumns(t: Translation, body: Tree, scope: Scope): Promise<string[]> {
  const source = everythingOf(structuredClone(body.this));
  const { columns } = await t.query(source, { ...scope, relations: [] });
  return columns.map(({ name }) => name);
}

/** A value in PIVOT's list, and what its column is called: the value as it is written, with its quotes, or its alias. */
function pivotedValue(written: Tree): { value: Tree; name: string } {
  const { this: value, alias } = written.pivot_alias ?? { this: written };
  if (value.pivot_any || value.select) throw unsupported("PIVOT … IN (ANY) and IN (SELECT …)");
  if (alias) return { value, name: labelOf(alias) };
  if (!value.literal) throw unsupported("values in PIVOT that are no literals");
  const { literal_type: type, value: shown } = value.literal;
  return { value, name: type === "string" ? `'${shown}'` : shown };
}

function labelOf(alias: Tree): string {
  if (alias.column) return fold(alias.column.name);
  return alias.literal ? alias.literal.value : fold(alias);
}

/** The column that an aggregate is over. */
function argumentOf(aggregate: Tree): [kind: string, argument: Tree] {
  const kind = kindOf(aggregate) ?? "";
  const argument = aggregate[kind]?.this ?? aggregate[kind]?.args?.[0];
  if (!argument?.column) throw syntaxError(1, 0, "PIVOT");
  return [kind, argument];
}

function withArgument(aggregate: Tree, kind: string, argument: Tree): Tree {
  const own = aggregate[kind];
  const over = own.args ? { ...own, args: [argument, ...own.args.slice(1)] } : { ...own, this: argument };
  return structuredClone({ [kind]: over });
}

const coalesce = (value: Tree, otherwise: Tree): Tree =>
  caseOf([[isNull(value), otherwise]], structuredClone(value));

const isNull = (value: Tree): Tree => ({ is_null: { this: value, not: false, postfix_form: false } });
