import type { Table } from "../catalog/model.ts";
import type { Found } from "../catalog/scope.ts";
import { physicalTable } from "../engine/engine.ts";
import type { ColumnHint } from "../engine/fetch.ts";
import { quoteIdentifier } from "../grammar/identifiers.ts";
import type { InsertTarget, MultiInsert } from "../grammar/statement.ts";
import { column, selectFrom, type Tree } from "./ast.ts";
import {
  assigned,
  columnOf,
  countMismatch,
  defaultOf,
  expressionSql,
  requireTarget,
} from "./change-target.ts";
import { innerScope } from "./query-scope.ts";
import { requireStorable } from "./storable.ts";
import { translateRelation } from "./translate-relations.ts";
import type { Translation } from "./translation.ts";

/** What one INTO clause does. */
interface Insertion {
  found: Found<Table>;
  sql: string;
}

export interface TranslatedInserts {
  /** Puts the query's rows, with the conditions that hold for each, into a temporary table. */
  prepare: string;
  temporary: string;
  insertions: Insertion[];
}

const SOURCE = "source";
const isDefault = (expression: string): boolean => expression.trim().toUpperCase() === "DEFAULT";

/**
 * A SELECT of all that the statement computes, in the order in which it is written, so that the parser reads it once and
 * placeholders have their numbers.
 */
export function multiInsertText({ branches, otherwise = [], query }: MultiInsert): string {
  const valuesOf = (targets: readonly InsertTarget[]) =>
    targets.flatMap(({ values = [] }) => values.filter((value) => !isDefault(value)));
  const computed = [
    ...branches.flatMap(({ condition, into }) => [
      ...(condition === undefined ? [] : [condition]),
      ...valuesOf(into),
    ]),
    ...valuesOf(otherwise),
  ];
  return `SELECT ${["1", ...computed].join(", ")} FROM (${query}\n) AS ${SOURCE}`;
}

/** Translates INSERT ALL or INSERT FIRST; `t` has what multiInsertText wrote. */
export async function translateInserts(t: Translation, statement: MultiInsert): Promise<TranslatedInserts> {
  const { select } = t.parsed.tree;
  const computed: Tree[] = select.expressions.slice(1);
  const scope = innerScope(undefined);
  const relation = await translateRelation(t, select.from.expressions[0], scope);
  const columns = scope.relations[0]?.columns ?? [];
  const temporary = t.temporaryName();

  const conditions: string[] = [];
  /** Computed once for each row, and only for rows that they are needed for. */
  const values: string[] = [];
  const targets: Target[] = [];
  const take = async (into: InsertTarget, when: string | undefined) => {
    const given: Target["given"] = [];
    for (const written of into.values ?? []) {
      if (isDefault(written)) {
        given.push(undefined);
        continue;
      }
      const value = await t.expression(computed.shift(), scope);
      const sql = await expressionSql(t, value);
      const name = `value ${values.length}`;
      values.push(
        `${when === undefined ? sql : `CASE WHEN ${when} THEN ${sql} END`} AS ${quoteIdentifier(name)}`,
      );
      given.push({ name, type: t.typeOf(value) });
    }
    targets.push({ into, given: into.values ? given : [...columns], when });
  };
  for (const { condition, into } of statement.branches) {
    let when: string | undefined;
    if (condition !== undefined) {
      when = whenColumn(conditions.length);
      conditions.push(await expressionSql(t, await t.expression(computed.shift(), scope)));
      if (statement.first)
        when = [when, ...conditions.slice(0, -1).map((_, index) => `NOT ${whenColumn(index)}`)].join(" AND ");
    }
    for (const target of into) await take(target, when);
  }
  const none = conditions.map((_, index) => `NOT ${whenColumn(index)}`).join(" AND ");
  for (const target of statement.otherwise ?? []) await take(target, none);

  const names = columns.map(({ name }) => quoteIdentifier(name)).join(", ");
  const held = conditions.map((sql, index) => `coalesce(${sql}, FALSE) AS ${whenColumn(index)}`);
  const source = await t.sql(selectFrom([{ star: { table: null } }], relation));
  return {
    temporary,
    prepare: `CREATE TEMP TABLE ${quoteIdentifier(temporary)} AS
      SELECT ${["*", ...held, ...values].join(", ")} FROM (${source}) AS ${quoteIdentifier(SOURCE.toUpperCase())}(${names})`,
    insertions: await Promise.all(targets.map((each) => insertion(t, each, temporary, statement.overwrite))),
  };
}

const whenColumn = (index: number): string => `"when ${index}"`;

interface Target {
  into: InsertTarget;
  /** Columns of the temporary table; undefined for DEFAULT. */
  given: (ColumnHint | undefined)[];
  when: string | undefined;
}

async function insertion(
  t: Translation,
  { into, given, when }: Target,
  temporary: string,
  overwrite: boolean,
): Promise<Insertion> {
  const found = await requireTarget(t, into.table, "INSERT", overwrite ? ["INSERT", "DELETE"] : ["INSERT"]);
  const columns = into.columns?.map((name) => columnOf(found, name)) ?? found.object.columns;
  if (given.length !== columns.length) throw countMismatch(columns.length, given.length);
  const cells = await Promise.all(
    columns.map(async (each, index) => {
      const hint = given[index];
      if (!hint) return defaultOf(each).raw.sql;
      requireStorable(each, hint.type);
      return await expressionSql(t, assigned(column(hint.name), each.type, hint.type));
    }),
  );
  return {
    found,
    sql: `INSERT INTO ${physicalTable(found.database.id, found.object.id)} (${columns.map(({ name }) => quoteIdentifier(name)).join(", ")})
      SELECT ${cells.join(", ")} FROM temp.main.${quoteIdentifier(temporary)} ${when === undefined ? "" : `WHERE ${when}`}`,
  };
}
