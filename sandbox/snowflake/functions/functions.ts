import { MAX_TEXT } from "../engine/types.ts";
import { unsupported } from "../errors.ts";
import type { ColumnType } from "../result.ts";
import { binary, call, nothing, type Tree } from "../translate/ast.ts";
import { aggregateFunctions } from "./aggregates.ts";
import { caseOf } from "./casts.ts";
import { conversionFunctions } from "./conversions.ts";
import { dateFunctions } from "./dates.ts";
import {
  type FunctionContext,
  likeFirst,
  named,
  type Translate,
  type Translated,
  together,
} from "./function-context.ts";
import { numberFunctions } from "./numbers.ts";
import { semistructuredFunctions } from "./semistructured.ts";
import { textFunctions } from "./texts.ts";

const TEXT: ColumnType = { type: "text", length: MAX_TEXT };
const BOOLEAN: ColumnType = { type: "boolean" };

const isNull = (value: Tree): Tree => ({ is_null: { this: value, not: false, postfix_form: false } });

const isPresent = (value: Tree): Tree => ({ is_null: { this: value, not: true, postfix_form: false } });

const chain = (kind: string, values: Tree[]): Tree =>
  values.reduce((left, right) => binary(kind, left, right));

const first =
  (name: string): Translate =>
  (args, context) => {
    const { values, type } = together(args, context.typeOf);
    return { tree: call(name, ...values), type };
  };

/** NULL as soon as one argument is. */
const nullIfAny =
  (name: string): Translate =>
  (args, context) => {
    const { values, type } = together(args, context.typeOf);
    return { tree: caseOf([[chain("or", args.map(isNull)), nothing()]], call(name, ...values)), type };
  };

function choice(whens: [Tree, Tree][], otherwise: Tree, context: FunctionContext): Translated {
  const { values, type } = together([...whens.map(([, value]) => value), otherwise], context.typeOf);
  const chosen = whens.map(([condition], index): [Tree, Tree] => [condition, values[index]]);
  return { tree: caseOf(chosen, values.at(-1)), type };
}

const decode: Translate = (args, context) => {
  const [value, ...rest] = args;
  const whens: [Tree, Tree][] = [];
  for (let index = 0; index + 1 < rest.length; index += 2) {
    whens.push([binary("null_safe_eq", value, rest[index]), rest[index + 1]]);
  }
  return choice(whens, rest.length % 2 === 1 ? rest.at(-1) : nothing(), context);
};

const contextFunction: Translate = (args, context, name) => {
  if (args.length > 0) throw unsupported(`${name} with arguments`);
  const value = context.contextValue(name);
  if (value === undefined) throw unsupported(`function ${name}`);
  return { tree: context.constant(value, TEXT), type: TEXT };
};

/** Functions by Snowflake's name. What is not here is refused by name. */
export const functions: Readonly<Record<string, Translate>> = {
  ...numberFunctions,
  ...conversionFunctions,
  ...dateFunctions,
  ...textFunctions,
  ...semistructuredFunctions,
  ...aggregateFunctions,
  // ── Conditions ──
  IFF: ([condition, yes, no], context) => choice([[condition, yes]], no, context),
  NVL: first("coalesce"),
  IFNULL: first("coalesce"),
  COALESCE: first("coalesce"),
  NVL2: ([value, yes, no], context) => choice([[isPresent(value), yes]], no, context),
  ZEROIFNULL: likeFirst("zeroifnull"),
  NULLIFZERO: likeFirst("nullifzero"),
  NULLIF: likeFirst("nullif"),
  EQUAL_NULL: named("equal_null", BOOLEAN),
  DECODE: decode,
  GREATEST: nullIfAny("greatest"),
  LEAST: nullIfAny("least"),
  GREATEST_IGNORE_NULLS: first("greatest"),
  LEAST_IGNORE_NULLS: first("least"),
  // ── The session ──
  ...Object.fromEntries(
    [
      "CURRENT_USER",
      "CURRENT_ROLE",
      "CURRENT_WAREHOUSE",
      "CURRENT_DATABASE",
      "CURRENT_SCHEMA",
      "CURRENT_ACCOUNT",
      "CURRENT_ACCOUNT_NAME",
      "CURRENT_ORGANIZATION_NAME",
      "CURRENT_REGION",
      "CURRENT_SESSION",
      "CURRENT_VERSION",
      "CURRENT_CLIENT",
      "CURRENT_STATEMENT",
      "CURRENT_SECONDARY_ROLES",
      "CURRENT_TRANSACTION",
      "LAST_TRANSACTION",
      "CURRENT_AVAILABLE_ROLES",
      "CURRENT_IP_ADDRESS",
    ].map((name): [string, Translate] => [name, contextFunction]),
  ),
};
