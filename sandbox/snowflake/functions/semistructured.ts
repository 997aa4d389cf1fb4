import { MAX_TEXT } from "../engine/types.ts";
import { SnowflakeError } from "../errors.ts";
import type { ColumnType } from "../result.ts";
import { call, castTo, type Tree, text } from "../translate/ast.ts";
import { asJson, caseOf } from "./casts.ts";
import { type FunctionContext, named, type Translate } from "./function-context.ts";

const TEXT: ColumnType = { type: "text", length: MAX_TEXT };
const INTEGER: ColumnType = { type: "fixed", precision: 38, scale: 0 };
const BOOLEAN: ColumnType = { type: "boolean" };
const VARIANT: ColumnType = { type: "variant" };
const ARRAY: ColumnType = { type: "array" };
const OBJECT: ColumnType = { type: "object" };

/** Keys and values of OBJECT_CONSTRUCT; `*` is a pair for each column in sight. */
function pairsOf(args: Tree[], context: FunctionContext, name: string): [key: Tree, value: Tree][] {
  const [first] = args;
  if (args.length === 1 && first.star) {
    return context.columns(first.star).map(([column, value]) => [text(column), value]);
  }
  if (args.length % 2 === 1) {
    throw new SnowflakeError(
      "002128",
      "42601",
      `SQL compilation error:\nInvalid number of arguments for function ${name}: ${args.length}. Arguments must be pairs of key and value.`,
    );
  }
  return args.flatMap((key, index): [Tree, Tree][] => (index % 2 === 0 ? [[key, args[index + 1]]] : []));
}

const keyOf = (key: Tree): string | undefined => key.literal?.value;

/** An object, whose keys a VARIANT keeps in order. Pairs with a NULL for key are left out, with one for value if asked. */
const object =
  (keepNull: boolean): Translate =>
  (args, context, name) => {
    const pairs = pairsOf(args, context, name);
    if (pairs.every(([key]) => keyOf(key) !== undefined)) {
      pairs.sort(([a], [b]) => (String(keyOf(a)) < String(keyOf(b)) ? -1 : 1));
      if (keepNull) {
        const flat = pairs.flatMap(([key, value]) => [key, asJson(value, context.typeOf(value))]);
        return { tree: call("json_object", ...flat), type: OBJECT };
      }
    }
    const items = pairs.map(([key, value]) => {
      const kept = keepNull ? call("coalesce", call("sf_json", value), castTo(text("null"), "JSON")) : value;
      return call("sf_pair", key, kept);
    });
    return { tree: call("sf_object", call("list_value", ...items)), type: OBJECT };
  };

const array = (args: Tree[], { typeOf }: Pick<FunctionContext, "typeOf">): Tree =>
  call("json_array", ...args.map((argument) => asJson(argument, typeOf(argument))));

/** Functions over VARIANT, OBJECT and ARRAY, by Snowflake's name. */
export const semistructuredFunctions: Readonly<Record<string, Translate>> = {
  PARSE_JSON: named("sf_parse_json", VARIANT),
  TRY_PARSE_JSON: named("sf_try_parse_json", VARIANT),
  TO_JSON: (args) => ({ tree: castTo(call("sf_json", ...args), "VARCHAR"), type: TEXT }),
  OBJECT_CONSTRUCT: object(false),
  OBJECT_CONSTRUCT_KEEP_NULL: object(true),
  OBJECT_KEYS: named("object_keys", ARRAY),
  ARRAY_CONSTRUCT: (args, context) => ({ tree: array(args, context), type: ARRAY }),
  ARRAY_CONSTRUCT_COMPACT: (args, context) => ({
    tree: call("sf_array_compact", array(args, context)),
    type: ARRAY,
  }),
  ARRAY_COMPACT: named("sf_array_compact", ARRAY),
  ARRAY_SIZE: named("array_size", INTEGER),
  ARRAY_CONTAINS: named("sf_array_contains", BOOLEAN),
  ARRAY_POSITION: named("sf_array_position", INTEGER),
  ARRAY_TO_STRING: named("sf_array_to_string", TEXT),
  ARRAY_SLICE: named("sf_array_slice", ARRAY),
  ARRAY_APPEND: named("sf_array_append", ARRAY),
  ARRAY_PREPEND: named("sf_array_prepend", ARRAY),
  ARRAY_CAT: named("sf_array_cat", ARRAY),
  ARRAY_DISTINCT: named("sf_array_distinct", ARRAY),
  ARRAY_INTERSECTION: named("sf_array_intersection", ARRAY),
  ARRAY_EXCEPT: named("sf_array_except", ARRAY),
  ARRAY_SORT: named("sf_array_sort", ARRAY),
  ARRAY_MIN: named("sf_array_min", VARIANT),
  ARRAY_MAX: named("sf_array_max", VARIANT),
  ARRAYS_OVERLAP: named("sf_arrays_overlap", BOOLEAN),
  ARRAY_GENERATE_RANGE: named("sf_range", ARRAY),
  ARRAY_INSERT: named("sf_array_insert", ARRAY),
  ARRAY_REMOVE: named("sf_array_remove", ARRAY),
  ARRAY_REVERSE: named("sf_array_reverse", ARRAY),
  ARRAY_FLATTEN: named("sf_array_flatten", ARRAY),
  OBJECT_INSERT: ([value, key, item, renew]) => ({
    tree: call("sf_object_insert", value, key, item, renew ?? { boolean: { value: false } }),
    type: OBJECT,
  }),
  OBJECT_DELETE: ([value, ...keys]) => ({
    tree: call("sf_object_delete", value, call("list_value", ...keys)),
    type: OBJECT,
  }),
  OBJECT_PICK: ([value, ...keys]) => ({
    tree: call("sf_object_pick", value, call("list_value", ...keys)),
    type: OBJECT,
  }),
  TO_ARRAY: ([value], context) => ({
    tree: caseOf([[call("sf_is_array", value), call("sf_json", value)]], array([value], context)),
    type: ARRAY,
  }),
  GET: named("sf_get", VARIANT),
  GET_PATH: named("sf_get_path", VARIANT),
  TYPEOF: named("sf_type", TEXT),
  IS_NULL_VALUE: named("is_null_value", BOOLEAN),
  STRIP_NULL_VALUE: ([value]) => ({
    tree: caseOf([[call("is_null_value", value), { null: null }]], call("sf_json", value)),
    type: VARIANT,
  }),
};
