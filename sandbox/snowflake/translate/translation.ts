import type { DuckDBValue } from "@duckdb/node-api";
import type { Table } from "../catalog/model.ts";
import type { Context, Found } from "../catalog/scope.ts";
import type { Bind, Execution, Value } from "../context.ts";
import type { ColumnHint } from "../engine/fetch.ts";
import { duckdbType } from "../engine/types.ts";
import { SnowflakeError } from "../errors.ts";
import type { ColumnType } from "../result.ts";
import type { StagedFiles } from "../storage/stage-source.ts";
import { castTo, column, nothing, parser, placeholder, type Tree } from "./ast.ts";
import { arrayBindType, bindType, bindValue, duckdbValue, zoned } from "./bind-values.ts";
import { decoded } from "./encoded.ts";
import type { ParsedQuery } from "./parse-query.ts";
import type { Scope } from "./query-scope.ts";

export interface TranslatedQuery {
  tree: Tree;
  columns: ColumnHint[];
}

/** Translation is recursive: queries hold expressions, which hold queries. */
export interface Steps {
  query(t: Translation, query: Tree, outer: Scope | undefined, atTop?: boolean): Promise<TranslatedQuery>;
  expression(t: Translation, tree: Tree, scope: Scope): Promise<Tree>;
}

/** A table that a statement reads from. */
interface Scan {
  table: Table;
  database: { id: number };
  fullName: string;
  alias: string;
}

/** One statement on its way from Snowflake's SQL to DuckDB's: what its parts share. */
export class Translation {
  readonly execution: Execution;
  /** What names are resolved against: the session, or within a view the view's owner and schema. */
  readonly context: Context;
  readonly parsed: ParsedQuery;
  /** Values of DuckDB's placeholders $1, $2, …. */
  readonly values: DuckDBValue[];
  /** What has been learned of the types of translated nodes. */
  readonly types: WeakMap<object, ColumnType>;
  /** Queries in expressions that are done already. */
  readonly done = new WeakSet<object>();
  readonly #shared: {
    releases: (() => Promise<void>)[];
    temporaries: number;
    compute: boolean;
    compilesOnly: boolean;
    tables: Set<number>;
    scans: Scan[];
  };
  /** Of a COPY: the files that its stage is, for the moment, and how they are read. */
  staged: StagedFiles | undefined;
  /** The temporary table that array binds were put in, a column for each, if there are any. */
  bindTable: string | undefined;

  readonly #steps: Steps;

  constructor(
    execution: Execution,
    parsed: ParsedQuery,
    steps: Steps,
    within?: { context: Context; around: Translation },
  ) {
    this.execution = execution;
    this.parsed = parsed;
    this.#steps = steps;
    this.context = within?.context ?? execution;
    this.values = within?.around.values ?? [];
    this.types = within?.around.types ?? new WeakMap();
    this.#shared = within
      ? within.around.#shared
      : {
          releases: [],
          temporaries: 0,
          compute: false,
          compilesOnly: execution.describeOnly,
          tables: new Set(),
          scans: [],
        };
  }

  /** The translation of a query that is part of this one but resolves its names elsewhere: a view's. */
  within(parsed: ParsedQuery, context: Context): Translation {
    return new Translation(this.execution, parsed, this.#steps, { context, around: this });
  }

  /** A translation with values of its own, for something that is computed beforehand. */
  apart(): Translation {
    return new Translation(this.execution, this.parsed, this.#steps);
  }

  query(query: Tree, outer: Scope | undefined, atTop = false): Promise<TranslatedQuery> {
    return this.#steps.query(this, query, outer, atTop);
  }

  expression(tree: Tree, scope: Scope): Promise<Tree> {
    return this.#steps.expression(this, tree, scope);
  }

  /** Whether the statement reads or writes rows, for which a warehouse is needed. */
  get compute(): boolean {
    return this.#shared.compute;
  }

  /** Says that the statement needs a warehouse, and takes hold of it. */
  async useWarehouse(): Promise<void> {
    this.#shared.compute = true;
    if (!this.#shared.compilesOnly) await this.execution.useWarehouse();
  }

  /** Says that the statement will not run. */
  compilesOnly(): void {
    this.#shared.compilesOnly = true;
  }

  /** The tables that the statement reads, by ID. */
  get tables(): readonly number[] {
    return [...this.#shared.tables];
  }

  /** Where the statement reads tables. */
  get scans(): readonly Scan[] {
    return this.#shared.scans;
  }

  /** Says that the statement reads a table. */
  reads({ object: table, database, fullName }: Found<Table>, alias = table.name): void {
    this.#shared.tables.add(table.id);
    this.#shared.scans.push({ table, database, fullName, alias });
  }

  /** Whether the statement needs temporary relations of its own. */
  get hasTemporaries(): boolean {
    return this.#shared.releases.length > 0;
  }

  /** A name for a temporary table or view that the statement alone uses. */
  temporaryName(): string {
    const id = this.execution.queryId.replaceAll("-", "");
    return `q${id}_${++this.#shared.temporaries}`;
  }

  /** Has something undone when the statement's rows have been read. */
  whenDone(release: () => Promise<void>): void {
    this.#shared.releases.push(release);
  }

  async release(): Promise<void> {
    for (const release of this.#shared.releases.splice(0)) await release();
  }

  typed(tree: Tree, type: ColumnType | undefined): Tree {
    if (type && tree !== null && typeof tree === "object") this.types.set(tree, type);
    return tree;
  }

  typeOf(tree: Tree): ColumnType | undefined {
    if (tree === null || typeof tree !== "object") return undefined;
    return (
      this.types.get(tree) ??
      (tree.paren || tree.alias ? this.typeOf((tree.paren ?? tree.alias).this) : undefined)
    );
  }

  /** What stands for a value that is known now. */
  constant(value: string | number | Date | null, type: ColumnType): Tree {
    if (value === null) return nothing();
    return this.typed(castTo(this.#bound(duckdbValue(value, type)), duckdbType(type)), type);
  }

  /** What stands for a variable's value. */
  variable({ type, value }: Value): Tree {
    if (value === null) return this.typed(castTo(nothing(), duckdbType(type)), type);
    this.values.push(value);
    return this.typed({ raw: { sql: decoded(`$${this.values.length}`, type) } }, type);
  }

  /** What stands for the block's variable or the client's bind of that name. */
  bind(name: string): Tree {
    const variable = this.execution.variables?.value(name.toUpperCase());
    if (variable) return this.variable(variable);
    const bind = this.execution.binds.get(name);
    if (bind && this.bindTable) return this.typed(column(`b${name}`, "binds"), arrayBindType(bind));
    if (!bind) {
      throw new SnowflakeError("002049", "42601", `SQL compilation error:\nBind variable :${name} not set.`);
    }
    return this.boundText(bind);
  }

  boundText({ type, value }: Bind): Tree {
    if (Array.isArray(value)) {
      throw new SnowflakeError(
        "002212",
        "42601",
        "SQL compilation error:\nArray binds are for INSERT … VALUES.",
      );
    }
    if (value === null) return nothing();
    const kind = bindType(type, value);
    // Text stays without a type: DuckDB then reads it as what it is compared with or stored in.
    if (kind.type === "text") return this.#bound(value);
    if (kind.type === "timestamp_tz") return this.variable({ type: kind, value: zoned(value) });
    return this.typed(castTo(this.#bound(bindValue(value, kind)), duckdbType(kind)), kind);
  }

  /** DuckDB's SQL for a translated tree. */
  async sql(tree: Tree): Promise<string> {
    const { generate, Dialect } = await parser();
    markNames(tree);
    const generated = generate([tree], Dialect.DuckDB);
    const [sql] = generated.sql ?? [];
    if (!generated.success || sql === undefined) {
      throw new Error(`cannot write the translated statement: ${generated.error}`);
    }
    return sql.replaceAll(`${NAME_END}"`, '"');
  }

  #bound(value: DuckDBValue): Tree {
    this.values.push(value);
    return placeholder(this.values.length);
  }
}

/** The parser takes "NAME(1)" for a name with the length of an index: so nothing but this mark ends a name in brackets. */
const NAME_END = "\u{f0001}";

function markNames(value: Tree): void {
  if (value === null || typeof value !== "object") return;
  if (typeof value.name === "string" && value.quoted === true && /\(\d+\)$/.test(value.name))
    value.name += NAME_END;
  for (const field of Object.values(value)) markNames(field);
}
