import { findSchema, findTable } from "../catalog/lookup.ts";
import type { Table, TableColumn } from "../catalog/model.ts";
import { requirePrivilege } from "../catalog/privileges.ts";
import type { Found } from "../catalog/scope.ts";
import { layerFor } from "../catalog/temporary.ts";
import type { Execution, Handler } from "../context.ts";
import { duckdbType, typeName } from "../engine/types.ts";
import { alreadyExists, SnowflakeError, unsupported } from "../errors.ts";
import { displayIdentifier, quoteIdentifier } from "../grammar/identifiers.ts";
import type { AlterTable, ColumnChange, TableAction, TableConstraint } from "../grammar/object-statements.ts";
import { requireIdentifierLength } from "../limits.ts";
import type { ColumnType } from "../result.ts";
import { renamedInKey, requireClusteringKey, requireNotInKey } from "./clustering-key.ts";
import { done, unlessMissing } from "./ddl.ts";
import { isObjectParameter, unsetObjectParameters } from "./object-parameters.ts";
import { requireWritable } from "./schemas.ts";
import { addColumnClauses, alterStoredTable, tableSize } from "./table-storage.ts";
import { newColumn, noSuchColumn, requireNoDuplicates, tableChanges } from "./tables.ts";
import { tableLock } from "./transactions.ts";

export const alterTable: Handler<AlterTable> = async (statement, execution) => {
  const found = unlessMissing(statement.ifExists, () => findTable(execution, statement.name, "ALTER TABLE"));
  if (!found) return done();
  requireWritable(found);
  requirePrivilege(execution, "OWNERSHIP", found);
  const { transactions, catalog } = execution.cloud;
  // Changes of one table run one after another: each looks at the columns that the one before has left.
  const owner = transactions.owner(execution.session);
  try {
    await transactions.lock(execution, tableLock(found), owner);
    await change(statement.change, found, execution);
    catalog.save();
  } finally {
    transactions.locks.release(owner);
  }
  return done();
};

async function change(action: TableAction, found: Found<Table>, execution: Execution): Promise<void> {
  const { object: table } = found;
  switch (action.action) {
    case "set":
      tableChanges(action.properties).apply(table);
      return;
    case "unset":
      return unset(table, action.names);
    case "rename":
      return renameTable(action.to, found, execution);
    case "swap":
      return swap(action.with, found, execution);
    case "clusterBy":
      await requireClusteringKey(execution, table.columns, action.expressions);
      table.clusterBy = action.expressions;
      return;
    case "dropClusteringKey":
      table.clusterBy = [];
      return;
    case "recluster":
      table.automaticClustering = action.resume;
      return;
    case "addColumns":
      return await addColumns(action.columns, found, execution);
    case "dropColumns":
      return await dropColumns(action.columns, action.ifExists, found, execution);
    case "renameColumn":
      return await renameColumn(action.column, action.to, found, execution);
    case "alterColumns":
      for (const each of action.changes) await alterColumn(each, found, execution);
      return;
    case "addConstraint":
      return addConstraint(action.constraint, table);
    case "dropPrimaryKey":
      table.primaryKey = [];
      for (const column of table.columns) column.primaryKey = false;
      return;
  }
}

function unset(table: Table, names: readonly string[]): void {
  const parameters = names.filter((name) => isObjectParameter(name, "TABLE"));
  for (const name of names) {
    if (name === "COMMENT") table.comment = "";
    else if (name === "CHANGE_TRACKING") table.changeTracking = false;
    else if (!parameters.includes(name)) throw unsupported(`ALTER TABLE … UNSET ${name}`);
  }
  unsetObjectParameters(table.parameters, parameters, "TABLE");
}

function renameTable(to: readonly string[], found: Found<Table>, execution: Execution): void {
  const name = to.at(-1) as string;
  requireIdentifierLength(name);
  const target = to.length > 1 ? findSchema(execution, to.slice(0, -1), "ALTER TABLE") : found;
  if (target.database !== found.database) throw unsupported("moving a table to another database");
  if (!found.object.temporary) requirePrivilege(execution, "CREATE TABLE", target.schema);
  const layer = layerFor(execution, target, found.object.temporary ?? false);
  if (layer.views.has(name) || layer.tables.has(name)) {
    throw alreadyExists("Object", displayIdentifier(name));
  }
  found.layer.tables.delete(found.object.name);
  found.object.name = name;
  layer.tables.set(name, found.object);
}

/** Both tables keep rows, columns and grants, and take each other's name. */
function swap(other: readonly string[], found: Found<Table>, execution: Execution): void {
  const target = findTable(execution, other, "ALTER TABLE");
  requirePrivilege(execution, "OWNERSHIP", target);
  if (target.database !== found.database) throw unsupported("swapping tables of two databases");
  const [one, two] = [found.object, target.object];
  // Docs: ALTER TABLE, "SWAP WITH": what goes with its session changes places with its like alone.
  if (one.temporary !== two.temporary) throw unsupported("swapping a temporary table with another");
  [one.name, two.name] = [two.name, one.name];
  found.layer.tables.set(two.name, two);
  target.layer.tables.set(one.name, one);
}

type NewColumns = Extract<TableAction, { action: "addColumns" }>["columns"];

async function addColumns(definitions: NewColumns, found: Found<Table>, execution: Execution) {
  const { object: table, database } = found;
  const known = new Set(table.columns.map(({ name }) => name));
  const columns = definitions
    .filter(({ name, ifNotExists }) => !(ifNotExists && known.has(name)))
    .map((definition) => newColumn(definition));
  if (columns.some(({ identity }) => identity)) throw unsupported("adding AUTOINCREMENT columns");
  const taken = columns.find(({ name }) => known.has(name));
  if (taken) {
    throw new SnowflakeError(
      "001430",
      "42601",
      `SQL compilation error:\ncolumn '${displayIdentifier(taken.name)}' already exists`,
    );
  }
  requireNoDuplicates([...table.columns, ...columns]);
  const strict = columns.find((column) => !column.nullable && column.default === undefined);
  if (strict && (await tableSize(execution, database.id, table.id)).rows > 0) {
    throw new SnowflakeError(
      "002144",
      "42601",
      `SQL compilation error:\nNon-nullable column '${displayIdentifier(strict.name)}' cannot be added to non-empty table '${displayIdentifier(table.name)}' unless it has a non-null default value.`,
    );
  }
  for (const column of columns) {
    await alterStoredTable(execution, database.id, table.id, ...addColumnClauses(column));
  }
  table.columns.push(...columns);
}

async function dropColumns(
  names: readonly string[],
  ifExists: boolean,
  { object: table, database }: Found<Table>,
  execution: Execution,
) {
  const missing = names.find((name) => !table.columns.some((column) => column.name === name));
  if (missing !== undefined && !ifExists) throw noSuchColumn(missing);
  const rest = table.columns.filter(({ name }) => !names.includes(name));
  if (rest.length === 0) {
    throw new SnowflakeError(
      "002153",
      "42601",
      "SQL compilation error:\nCannot drop the last column of a table.",
    );
  }
  await requireNotInKey(execution, rest, table.clusterBy, names);
  table.columns = rest;
  table.primaryKey = table.primaryKey.filter((name) => !names.includes(name));
  execution.cloud.catalog.save();
  const clauses = names.map((name) => `DROP COLUMN IF EXISTS ${quoteIdentifier(name)}`);
  await alterStoredTable(execution, database.id, table.id, ...clauses);
}

function columnOf(table: Table, name: string): TableColumn {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (!column) throw noSuchColumn(name);
  return column;
}

async function renameColumn(
  name: string,
  to: string,
  { object: table, database }: Found<Table>,
  execution: Execution,
) {
  const column = columnOf(table, name);
  requireIdentifierLength(to);
  if (table.columns.some((other) => other.name === to)) {
    throw alreadyExists("Column", displayIdentifier(to));
  }
  requireNoDuplicates(table.columns.map((other) => (other === column ? { ...other, name: to } : other)));
  // By way of another name: DuckDB takes one that differs only by case for the same.
  const clauses = [name, `${to} (new)`, to].flatMap((from, step, steps) =>
    step === 2
      ? []
      : `RENAME COLUMN ${quoteIdentifier(from)} TO ${quoteIdentifier(steps[step + 1] as string)}`,
  );
  await alterStoredTable(execution, database.id, table.id, ...clauses);
  column.name = to;
  table.clusterBy = table.clusterBy.map((expression) => renamedInKey(expression, name, to));
  table.primaryKey = table.primaryKey.map((key) => (key === name ? to : key));
}

async function alterColumn(
  changed: ColumnChange,
  { object: table, database }: Found<Table>,
  execution: Execution,
) {
  const column = columnOf(table, changed.column);
  const stored = (clause: string) =>
    alterStoredTable(
      execution,
      database.id,
      table.id,
      `ALTER COLUMN ${quoteIdentifier(column.name)} ${clause}`,
    );
  switch (changed.change) {
    case "type":
      requireCompatible(column, changed.type);
      if (duckdbType(column.type) !== duckdbType(changed.type)) {
        await stored(`SET DATA TYPE ${duckdbType(changed.type)}`);
      }
      column.type = changed.type;
      return;
    case "setNotNull":
      await stored("SET NOT NULL");
      column.nullable = false;
      return;
    case "dropNotNull":
      await stored("DROP NOT NULL");
      column.nullable = true;
      return;
    case "dropDefault":
      await stored("DROP DEFAULT");
      delete column.default;
      return;
    case "comment":
      column.comment = changed.comment;
      return;
    case "unsetComment":
      delete column.comment;
      return;
  }
}

/** A column may become longer or more precise; what it holds stays what it is. */
function requireCompatible(column: TableColumn, to: ColumnType): void {
  const from = column.type;
  const widens =
    (from.type === "text" && to.type === "text" && to.length >= from.length) ||
    (from.type === "binary" && to.type === "binary" && to.length >= from.length) ||
    (from.type === "fixed" &&
      to.type === "fixed" &&
      to.scale === from.scale &&
      to.precision >= from.precision);
  if (widens || typeName(from) === typeName(to)) return;
  const names = [displayIdentifier(column.name), typeName(from), typeName(to)] as const;
  throw new SnowflakeError(
    "002108",
    "22000",
    `SQL compilation error:\ncannot change column ${names[0]} from type ${names[1]} to ${names[2]}`,
  );
}

function addConstraint(constraint: TableConstraint, table: Table): void {
  const columns = constraint.columns.map((name) => columnOf(table, name));
  if (constraint.type === "UNIQUE") {
    for (const column of columns) column.unique = true;
    return;
  }
  if (table.primaryKey.length > 0) {
    throw new SnowflakeError(
      "002040",
      "42601",
      `SQL compilation error:\nprimary key already exists for table '${displayIdentifier(table.name)}'`,
    );
  }
  const loose = columns.find(({ nullable }) => nullable);
  if (loose) {
    throw unsupported(`a primary key over the nullable column ${displayIdentifier(loose.name)}`);
  }
  for (const column of columns) column.primaryKey = true;
  table.primaryKey = constraint.columns;
}
