import type { ColumnType } from "../result.ts";
import { call, type Tree } from "../translate/ast.ts";
import { commonType, isSemistructured } from "../translate/common-type.ts";
import { convert } from "./casts.ts";
import { numberFor } from "./coercion.ts";

/** What a function's translation may ask for. */
export interface FunctionContext {
  /** What is known of an argument's type. */
  typeOf(argument: Tree): ColumnType | undefined;
  /** Binds a value of the session's or the moment's, and answers what stands for it. */
  constant(value: string | number | Date | null, type: ColumnType): Tree;
  now(): Date;
  /** The value of a context function, such as CURRENT_ROLE. */
  contextValue(name: string): string | number | null | undefined;
  /** A parameter of the session. */
  parameter(name: string): string;
  /** What `*` stands for: the columns in sight, or those of one relation, by name. */
  columns(star: Tree): [name: string, column: Tree][];
}

export interface Translated {
  tree: Tree;
  type?: ColumnType | undefined;
}

export type Translate = (args: Tree[], context: FunctionContext, name: string) => Translated;

/** A function that DuckDB knows, or that is a macro, by this name. */
export const named =
  (name: string, type?: ColumnType): Translate =>
  (args) => ({ tree: call(name, ...args), type });

/** One whose answer has the type of its first argument. */
export const likeFirst =
  (name: string): Translate =>
  (args, context) => ({ tree: call(name, ...args), type: context.typeOf(args[0]) });

const isNothing = (value: Tree): boolean => value === undefined || value === null || "null" in value;

/** Texts among numbers count as numbers. */
function asNumbers(values: Tree[], met: ColumnType, typeOf: (tree: Tree) => ColumnType | undefined) {
  const taken = (value: Tree) => numberFor(value, typeOf(value), met) ?? typeOf(value);
  const type = commonType(values.filter((value) => !isNothing(value)).map(taken));
  const as = (value: Tree): Tree => (type && !isNothing(value) ? convert(value, type, typeOf(value)) : value);
  return { values: values.map(as), type };
}

/** Values that one of stands for all, of the type that they have together. */
export function together(
  values: Tree[],
  typeOf: (tree: Tree) => ColumnType | undefined,
): { values: Tree[]; type: ColumnType | undefined } {
  const present = values.filter((value) => !isNothing(value));
  const some = present.map(typeOf);
  const number =
    some.find((known) => known?.type === "real") ?? some.find((known) => known?.type === "fixed");
  if (number && some.some((known) => known?.type === "text")) return asNumbers(values, number, typeOf);
  const type = commonType(some);
  if (!some.some((known) => known && (isSemistructured(known) || known.type === "timestamp_tz")))
    return { values, type };
  const target: ColumnType = type ?? { type: "variant" };
  return {
    values: values.map((value) => (isNothing(value) ? value : convert(value, target, typeOf(value)))),
    type: target,
  };
}
