import { findDatabase } from "../catalog/lookup.ts";
import type { ColumnHint } from "../engine/fetch.ts";
import { MAX_TEXT } from "../engine/types.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import { invalidArguments } from "../functions/casts.ts";
import { parseName, quoteLiteral } from "../grammar/identifiers.ts";
import { parseStageReference } from "../grammar/parse.ts";
import { copyHistory } from "../history/load-history.ts";
import { meteringHistory } from "../history/metering.ts";
import { queryHistory } from "../history/query-history.ts";
import { requireRecent } from "../limits.ts";
import { inferSchema } from "../loading/infer-schema.ts";
import { fixed, type ResultSet, text, timestampLtz } from "../result.ts";
import { castTo, fold, kindOf, number, text as stringTree, type Tree } from "./ast.ts";
import { type Argument, evaluate } from "./evaluate.ts";
import { materialise } from "./materialise.ts";
import { resultOf } from "./result-scan.ts";
import type { Translation } from "./translation.ts";

/** What a table function becomes: a relation that is there already, or a call of DuckDB's. */
export type TableFunctionResult =
  | { name: string; table: readonly string[]; columns: ColumnHint[] }
  | { name: string; call: string; args: Tree[]; columns: ColumnHint[] };

/** The arguments of a call, those with a name by it, the others by their place: "0", "1", …. */
class Arguments {
  readonly trees = new Map<string, Tree>();
  readonly #t: Translation;
  readonly #name: string;

  constructor(t: Translation, name: string, args: readonly Tree[]) {
    this.#t = t;
    this.#name = name;
    for (const [index, argument] of args.entries()) {
      if (argument.named_argument) {
        this.trees.set(fold(argument.named_argument.name), argument.named_argument.value);
      } else this.trees.set(String(index), argument);
    }
  }

  /** Refuses arguments that the function does not have. */
  only(...names: string[]): this {
    for (const name of this.trees.keys()) {
      if (!names.includes(name) && !/^\d+$/.test(name)) {
        throw new SnowflakeError(
          "001059",
          "22023",
          `SQL compilation error:\nUnknown argument '${name}' of function ${this.#name}; known are ${names.join(", ")}.`,
        );
      }
    }
    return this;
  }

  tree(name: string): Tree | undefined {
    return this.trees.get(name);
  }

  async value(name: string): Promise<Argument | undefined> {
    const tree = this.trees.get(name);
    return tree === undefined ? undefined : await evaluate(this.#t, tree);
  }

  async text(name: string): Promise<string | undefined> {
    const value = await this.value(name);
    return value === undefined || value === null ? undefined : String(value);
  }

  async number(name: string): Promise<number | undefined> {
    const value = await this.value(name);
    return value === undefined || value === null ? undefined : Number(value);
  }

  /** The texts of a list in parentheses, or a single one. */
  texts(name: string): string[] | undefined {
    const tree = this.trees.get(name);
    if (tree === undefined) return undefined;
    const items: Tree[] = tree.tuple?.expressions ?? [tree.paren?.this ?? tree];
    return items.map((item) => {
      if (item.literal?.literal_type === "string") return item.literal.value;
      throw invalidArguments(this.#name, `${name} takes texts`);
    });
  }

  async date(name: string): Promise<Date | undefined> {
    const value = await this.value(name);
    if (value === undefined || value === null || value instanceof Date) return value ?? undefined;
    return new Date(`${value}`);
  }
}

type TableFunction = (
  t: Translation,
  args: Arguments,
  database: string | undefined,
) => Promise<TableFunctionResult>;

const integer: ColumnHint["type"] = { type: "fixed", precision: 38, scale: 0 };
const variant: ColumnHint["type"] = { type: "variant" };
const string: ColumnHint["type"] = { type: "text", length: MAX_TEXT };

const flattenColumns: ColumnHint[] = [
  { name: "SEQ", type: integer },
  { name: "KEY", type: string },
  { name: "PATH", type: string },
  { name: "INDEX", type: integer },
  { name: "VALUE", type: variant },
  { name: "THIS", type: variant },
];

const flatten: TableFunction = async (_t, args) => {
  args.only("INPUT", "PATH", "OUTER", "RECURSIVE", "MODE");
  const input = args.tree("INPUT") ?? args.tree("0");
  if (!input) throw new SnowflakeError("001044", "42P13", "SQL compilation error:\nFLATTEN needs INPUT.");
  const path = args.tree("PATH");
  const outer = args.tree("OUTER")?.boolean?.value === true;
  const recursive = args.tree("RECURSIVE")?.boolean?.value === true;
  const mode = String(args.tree("MODE")?.literal?.value ?? "BOTH").toUpperCase();
  if (!["OBJECT", "ARRAY", "BOTH"].includes(mode)) throw invalidArguments("FLATTEN", `MODE '${mode}'`);
  if (recursive && mode !== "BOTH") throw unsupported(`FLATTEN with RECURSIVE and MODE '${mode}'`);
  const value = path?.literal ? { j_s_o_n_extract: { this: input, expression: path } } : input;
  return {
    name: "FLATTEN",
    call: `sf_flatten${recursive ? "_all" : ""}${outer ? "_outer" : ""}`,
    args: [castTo(value, "VARIANT"), stringTree(path?.literal?.value ?? ""), stringTree(mode)],
    columns: flattenColumns,
  };
};

/** SPLIT_TO_TABLE and STRTOK_SPLIT_TO_TABLE. */
const splitting =
  (name: string, otherwise?: string): TableFunction =>
  async (_t, args) => {
    const [value, given] = [args.tree("0"), args.tree("1")];
    const separator = given ?? (otherwise === undefined ? undefined : stringTree(otherwise));
    if (!value || !separator) throw invalidArguments(name, "a text and a delimiter are needed");
    return {
      name,
      call: `sf_${name.toLowerCase()}`,
      args: [value, separator],
      columns: [
        { name: "SEQ", type: integer },
        { name: "INDEX", type: integer },
        { name: "VALUE", type: string },
      ],
    };
  };

const generator: TableFunction = async (_t, args) => {
  args.only("ROWCOUNT", "TIMELIMIT");
  if (args.tree("TIMELIMIT")) throw unsupported("GENERATOR with TIMELIMIT");
  const count = args.tree("ROWCOUNT") ?? args.tree("0") ?? number(0);
  return { name: "GENERATOR", call: "sf_generate", args: [count], columns: [] };
};

const resultScan: TableFunction = async (t, args) => {
  await t.useWarehouse();
  const queryId = await args.text("0");
  return await relation(t, "RESULT_SCAN", await resultOf(t.execution, queryId ?? ""));
};

/** A result, put where the query can read it. */
async function relation(t: Translation, name: string, result: ResultSet): Promise<TableFunctionResult> {
  const { name: table, columns } = await materialise(t, result);
  return { name, table: ["temp", "main", table], columns };
}

/** So many days ago. */
const ago = ({ execution }: Translation, days: number) =>
  new Date(execution.cloud.now().getTime() - days * 86_400_000);

const history =
  (by: "" | "SESSION" | "USER" | "WAREHOUSE"): TableFunction =>
  async (t, args, database) => {
    const name = `QUERY_HISTORY${by && `_BY_${by}`}`;
    const subject = { "": [], SESSION: ["SESSION_ID"], USER: ["USER_NAME"], WAREHOUSE: ["WAREHOUSE_NAME"] }[
      by
    ];
    args.only(
      "END_TIME_RANGE_START",
      "END_TIME_RANGE_END",
      "RESULT_LIMIT",
      "INCLUDE_CLIENT_GENERATED_STATEMENT",
      ...subject,
    );
    requireDatabase(t, database);
    const { session } = t.execution;
    const wanted = subject[0] && ((await args.text(subject[0])) ?? (await args.text("0")));
    const limit = (await args.number("RESULT_LIMIT")) ?? 100;
    if (!(limit >= 1 && limit <= 10_000)) {
      throw new SnowflakeError(
        "001018",
        "22023",
        `SQL compilation error:\nRESULT_LIMIT of ${name} must be between 1 and 10000, not ${limit}.`,
      );
    }
    const to = await args.date("END_TIME_RANGE_END");
    const earliest = ago(t, 7);
    const from = (await args.date("END_TIME_RANGE_START")) ?? earliest;
    requireRecent(name, from, earliest, "7 days");
    return await relation(
      t,
      name,
      queryHistory(t.execution, {
        from,
        to,
        limit,
        ...(by === "SESSION" && { sessionId: Number(wanted ?? session.id) }),
        ...(by === "USER" && { user: wanted ?? session.user }),
        ...(by === "WAREHOUSE" && { warehouse: wanted ?? session.warehouse ?? "" }),
      }),
    );
  };

const metering: TableFunction = async (t, args, database) => {
  args.only("DATE_RANGE_START", "DATE_RANGE_END", "WAREHOUSE_NAME");
  requireDatabase(t, database);
  const from = (await args.date("DATE_RANGE_START")) ?? (await args.date("0"));
  const to = (await args.date("DATE_RANGE_END")) ?? (await args.date("1"));
  if (from) requireRecent("WAREHOUSE_METERING_HISTORY", from, ago(t, 183), "6 months");
  const warehouse = (await args.text("WAREHOUSE_NAME")) ?? (await args.text("2"));
  return await relation(
    t,
    "WAREHOUSE_METERING_HISTORY",
    meteringHistory(t.execution, { from, to, warehouse }),
  );
};

/** Nothing is reclustered here: it is sorted as it was written, or not. */
const reclustering: TableFunction = async (t, args, database) => {
  args.only("DATE_RANGE_START", "DATE_RANGE_END", "TABLE_NAME");
  requireDatabase(t, database);
  const columns = [
    timestampLtz("START_TIME"),
    timestampLtz("END_TIME"),
    text("TABLE_NAME"),
    fixed("CREDITS_USED", 38, 9),
    fixed("NUM_BYTES_RECLUSTERED"),
    fixed("NUM_ROWS_RECLUSTERED"),
  ];
  return await relation(t, "AUTOMATIC_CLUSTERING_HISTORY", { columns, rows: [] });
};

const copies: TableFunction = async (t, args, database) => {
  args.only("TABLE_NAME", "START_TIME", "END_TIME");
  const place = requireDatabase(t, database);
  const tableName = await args.text("TABLE_NAME");
  const startTime = await args.date("START_TIME");
  if (tableName === undefined || startTime === undefined) {
    throw new SnowflakeError(
      "001044",
      "42P13",
      "SQL compilation error:\nCOPY_HISTORY needs TABLE_NAME and START_TIME.",
    );
  }
  requireRecent("COPY_HISTORY", startTime, ago(t, 14), "14 days");
  const endTime = await args.date("END_TIME");
  // Names in its argument are looked up where the function is called.
  const { execution } = t;
  const session =
    place.name === execution.session.database
      ? execution.session
      : { ...execution.session, database: place.name };
  const within = Object.assign(Object.create(execution), { session }) as typeof execution;
  return await relation(
    t,
    "COPY_HISTORY",
    await copyHistory(within, { tableName, startTime, ...(endTime && { endTime }) }),
  );
};

const infer: TableFunction = async (t, args) => {
  args.only(
    "LOCATION",
    "FILE_FORMAT",
    "FILES",
    "IGNORE_CASE",
    "MAX_FILE_COUNT",
    "MAX_RECORDS_PER_FILE",
    "KIND",
  );
  const location = await args.text("LOCATION");
  const formatTree = args.tree("FILE_FORMAT");
  const formatName =
    formatTree && !formatTree.column ? parseName((await args.text("FILE_FORMAT")) ?? "") : null;
  if (location === undefined || formatName === null) {
    throw new SnowflakeError(
      "001044",
      "42P13",
      "SQL compilation error:\nINFER_SCHEMA needs LOCATION => '@<stage>' and FILE_FORMAT => '<name of a file format>'.",
    );
  }
  const kind = await args.text("KIND");
  if (kind !== undefined && kind.toUpperCase() !== "STANDARD")
    throw unsupported(`INFER_SCHEMA of KIND ${kind}`);
  const files = args.texts("FILES");
  if (files && files.length > 1_000) {
    throw new SnowflakeError(
      "001018",
      "22023",
      `SQL compilation error:\nFILES of INFER_SCHEMA takes up to 1000 files, not ${files.length}.`,
    );
  }
  const maxFileCount = await args.number("MAX_FILE_COUNT");
  await args.number("MAX_RECORDS_PER_FILE");
  return await relation(
    t,
    "INFER_SCHEMA",
    await inferSchema(t.execution, {
      location: parseStageReference(quoteLiteral(location)).location,
      formatName,
      ignoreCase: (await args.value("IGNORE_CASE")) === true,
      ...(files && { files }),
      ...(maxFileCount !== undefined && { maxFileCount }),
    }),
  );
};

/** INFORMATION_SCHEMA is a database's: its functions are called in one. */
function requireDatabase(t: Translation, database: string | undefined) {
  const { mounted } = findDatabase(t.context, database);
  return mounted;
}

const inInformationSchema: Readonly<Record<string, TableFunction>> = {
  QUERY_HISTORY: history(""),
  QUERY_HISTORY_BY_SESSION: history("SESSION"),
  QUERY_HISTORY_BY_USER: history("USER"),
  QUERY_HISTORY_BY_WAREHOUSE: history("WAREHOUSE"),
  WAREHOUSE_METERING_HISTORY: metering,
  COPY_HISTORY: copies,
  AUTOMATIC_CLUSTERING_HISTORY: reclustering,
};

const everywhere: Readonly<Record<string, TableFunction>> = {
  FLATTEN: flatten,
  GENERATOR: generator,
  INFER_SCHEMA: infer,
  RESULT_SCAN: resultScan,
  SPLIT_TO_TABLE: splitting("SPLIT_TO_TABLE"),
  STRTOK_SPLIT_TO_TABLE: splitting("STRTOK_SPLIT_TO_TABLE", " "),
};

/** What makes rows of the values it is given. */
const withoutCompute = new Set(
  [everywhere.FLATTEN, everywhere.SPLIT_TO_TABLE, everywhere.STRTOK_SPLIT_TO_TABLE].filter(
    (each) => each !== undefined,
  ),
);

/** Runs or translates the call in TABLE(…). */
export async function tableFunction(t: Translation, node: Tree): Promise<TableFunctionResult> {
  const kind = kindOf(node);
  const method = kind === "method_call" ? node.method_call : undefined;
  const name = method ? fold(method.method) : String(node.function?.name ?? kind).toUpperCase();
  const schema = method?.this.column ? fold(method.this.column.name) : undefined;
  const known = schema === "INFORMATION_SCHEMA" ? inInformationSchema : method ? {} : everywhere;
  const run = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!run) throw unsupported(`table function ${[schema, name].filter(Boolean).join(".")}`);
  if (!withoutCompute.has(run)) await t.useWarehouse();
  const database = method?.this.column?.table ? fold(method.this.column.table) : undefined;
  return await run(t, new Arguments(t, name, (method ?? node.function).args), database);
}
