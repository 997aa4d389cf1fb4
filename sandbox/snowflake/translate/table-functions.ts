import type { ColumnHint } from "../engine/fetch.ts";
import { MAX_TEXT } from "../engine/types.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import { invalidArguments } from "../functions/casts.ts";
import { parseName, quoteLiteral } from "../grammar/identifiers.ts";
import { parseStageReference } from "../grammar/parse.ts";
import { inferSchema } from "../loading/infer-schema.ts";
import { castTo, fold, kindOf, number, text as stringTree, type Tree } from "./ast.ts";
import { inInformationSchema } from "./history-functions.ts";
import { resultOf } from "./result-scan.ts";
import { Arguments, relation, type TableFunction, type TableFunctionResult } from "./table-arguments.ts";
import type { Translation } from "./translation.ts";

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
