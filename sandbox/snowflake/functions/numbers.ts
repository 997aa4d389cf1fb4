import { duckdbType } from "../engine/types.ts";
import { unsupported } from "../errors.ts";
import type { ColumnType } from "../result.ts";
import { binary, call, castTo, number, parenthesised, type Tree, text } from "../translate/ast.ts";
import { arithmeticType, quotientType } from "../translate/expression-types.ts";
import { caseOf, cheapIf, convert, isMoment, literalNumber } from "./casts.ts";
import { operands } from "./coercion.ts";
import { dateFunctions } from "./dates.ts";
import {
  type FunctionContext,
  likeFirst,
  named,
  type Translate,
  type Translated,
} from "./function-context.ts";

const INTEGER: ColumnType = { type: "fixed", precision: 38, scale: 0 };
const REAL: ColumnType = { type: "real" };
const BOOLEAN: ColumnType = { type: "boolean" };

/** A value as a number, if it may be text or a VARIANT. */
function numeric(value: Tree, context: FunctionContext): Tree {
  const type = context.typeOf(value);
  return type && type.type !== "fixed" && type.type !== "real" ? convert(value, REAL, type) : value;
}

const real =
  (name: string): Translate =>
  (args, context) => ({
    tree: call(name, ...args.map((argument) => castTo(numeric(argument, context), "DOUBLE"))),
    type: REAL,
  });

/** Whole numbers so small that a product of one with a power of ten is no larger than 64 bits. */
const SMALL_DIGITS = 12;
/** Up to here no quotient rounds up to a whole number at six digits behind the point. */
const LARGEST_WHOLE_DIVISOR = 1_000_000;
/** What a quotient of a whole number by a constant was made of, and what it is of one that is not small. */
const byConstants = new WeakMap<object, { a: Tree; b: Tree; large: Tree }>();

/** The last of so many digits behind the point. */
const unitOf = (scale: number): Tree =>
  castTo(number(`1e-${scale}`), `DECIMAL(${Math.max(1, scale)},${scale})`);

/** a / b. Exact numbers are divided exactly (docs: Arithmetic operators); dividing by zero is an error. */
export function quotient(
  dividend: Tree,
  divisor: Tree,
  typeOf: (tree: Tree) => ColumnType | undefined,
): Translated {
  const [{ tree: a, type: from }, { tree: b, type: by }] = operands(dividend, divisor, typeOf);
  const type = quotientType(from, by);
  if (type?.type !== "fixed" || from?.type !== "fixed" || by?.type !== "fixed") {
    return { tree: call("sf_divide", a, b), type };
  }
  const whole = from.scale === 0 && by.scale === 0;
  const power = (exponent: number): Tree =>
    castTo(number(String(10n ** BigInt(exponent))), `DECIMAL(${exponent + 1},0)`);
  const inexact = castTo(call("sf_divide", a, b), duckdbType(type));
  const room = 37 - from.scale - type.scale - by.scale;
  if (room < 0) return { tree: inexact, type };
  const exact = call(
    "sf_exact_divide",
    castTo(a, duckdbType({ ...from, precision: 38 })),
    castTo(b, duckdbType({ ...by, precision: 38 })),
    power(type.scale + by.scale),
    power(by.scale),
  );
  const unit = unitOf(type.scale);
  const scaled = (tree: Tree): Tree =>
    castTo(binary("mul", castTo(tree, "DECIMAL(38,0)"), unit), duckdbType(type));
  const isSmall = (tree: Tree, digits: number): Tree => call("sf_is_small", tree, number(digits));
  // By a constant, as most are.
  const constant = whole && literalNumber(b, 0) > 0 && literalNumber(b, 0) < 10 ** SMALL_DIGITS;
  const areSmall = (digits: number, others: number): Tree =>
    constant ? isSmall(a, digits) : binary("and", isSmall(a, digits), isSmall(b, others));
  const small = call(
    "sf_round_divide",
    binary("mul", castTo(a, "BIGINT"), number(10 ** type.scale)),
    castTo(b, "BIGINT"),
  );
  const large: [Tree, Tree] = [areSmall(room, 37 - 2 * by.scale), scaled(exact)];
  const whens: [Tree, Tree][] = [
    ...(constant ? [] : [[binary("eq", b, number(0)), inexact] as [Tree, Tree]]),
    ...(whole ? [[areSmall(SMALL_DIGITS, SMALL_DIGITS), scaled(small)] as [Tree, Tree]] : []),
    large,
  ];
  const tree = caseOf(whens, inexact);
  if (constant) byConstants.set(tree, { a, b, large: caseOf([large], inexact) });
  return { tree, type };
}

/** a % b. */
export function remainder(
  dividend: Tree,
  divisor: Tree,
  typeOf: (tree: Tree) => ColumnType | undefined,
): Translated {
  const [a, b] = operands(dividend, divisor, typeOf);
  return { tree: call("sf_modulo", a.tree, b.tree), type: arithmeticType("mod", a.type, b.type) };
}

const div0 =
  (orNull: boolean): Translate =>
  (args, context) => {
    const [a, b] = operands(args[0], args[1], context.typeOf);
    const safe = call("nullif", b.tree, number(0));
    const divided = quotient(a.tree, safe, (tree) => (tree === safe ? b.type : a.type));
    const isZero = binary("eq", orNull ? call("coalesce", b.tree, number(0)) : b.tree, number(0));
    const given: Tree = { is_null: { this: a.tree, not: true, postfix_form: false } };
    const tree = caseOf([[binary("and", isZero, given), number(0)]], divided.tree);
    const { type } = divided;
    return { tree: type?.type === "fixed" ? castTo(tree, duckdbType(type)) : tree, type };
  };

/** ROUND and the like: a scale of an exact number is also the scale of the answer. */
const rounded =
  (name: "round" | "trunc" | "floor" | "ceil"): Translate =>
  ([value, digits, mode], context) => {
    if (mode && mode.literal?.value.toUpperCase() !== "HALF_AWAY_FROM_ZERO")
      throw unsupported("ROUND with another rounding mode than 'HALF_AWAY_FROM_ZERO'");
    const type = context.typeOf(value);
    const scale = literalNumber(digits?.neg?.this ?? digits, digits === undefined ? 0 : Number.NaN);
    // floor() and ceil() have no digits in DuckDB.
    const apply = (given: Tree): Tree => {
      if (digits === undefined || name === "round" || name === "trunc")
        return call(name, ...[given, digits].filter((each) => each !== undefined));
      if (type?.type !== "fixed" || Number.isNaN(scale)) return call(`sf_${name}`, given, digits);
      return call(`sf_exact_${name}`, given, digits, digits.neg ? number(10 ** scale) : unitOf(scale));
    };
    if (type?.type !== "fixed" || Number.isNaN(scale)) {
      return { tree: apply(numeric(value, context)), type: type && REAL };
    }
    const kept = digits?.neg ? 0 : scale;
    if (kept >= type.scale && !digits?.neg) return { tree: value, type };
    const precision = Math.min(38, type.precision + 1);
    const result: ColumnType = { type: "fixed", precision, scale: Math.min(kept, type.scale) };
    const cut = (tree: Tree) => castTo(apply(tree), duckdbType(result));
    return {
      tree: (name === "floor" && scale === 0 && floorOfQuotient(value, cut)) || cut(value),
      type: result,
    };
  };

/** The floor of a quotient by a constant, without the decimals between; undefined for any other value. */
function floorOfQuotient(value: Tree, cut: (tree: Tree) => Tree): Tree | undefined {
  const { a, b, large } = (typeof value === "object" && value !== null && byConstants.get(value)) || {};
  if (large === undefined || literalNumber(b, 0) > LARGEST_WHOLE_DIVISOR) return undefined;
  const floor = castTo(call("floor", binary("div", castTo(a, "DOUBLE"), castTo(b, "DOUBLE"))), "BIGINT");
  return cheapIf(call("sf_is_small", a, number(SMALL_DIGITS)), floor, cut(large));
}

/** TRUNC of a number, or of a moment to a part (docs: TRUNC). */
const truncated: Translate = ([value, to], context, name) => {
  const type = context.typeOf(value);
  if (!type || !isMoment(type)) return rounded("trunc")([value, to], context, name);
  return (dateFunctions.DATE_TRUNC as Translate)([to ?? text("DAY"), value], context, name);
};

const isTrue = (value: Tree): Tree => parenthesised(binary("neq", value, number(0)));

const logical =
  (word: "and" | "or"): Translate =>
  ([a, b]) => ({ tree: parenthesised(binary(word, isTrue(a), isTrue(b))), type: BOOLEAN });

const sequence = named("sf_sequence", INTEGER);

/** Functions over numbers, by Snowflake's name. */
export const numberFunctions: Readonly<Record<string, Translate>> = {
  DIV0: div0(false),
  DIV0NULL: div0(true),
  MOD: ([a, b], context) => remainder(a, b, context.typeOf),
  ABS: likeFirst("abs"),
  SIGN: ([value], context) => ({ tree: call("sign", numeric(value, context)), type: INTEGER }),
  ROUND: rounded("round"),
  TRUNC: truncated,
  TRUNCATE: truncated,
  CBRT: real("cbrt"),
  FACTORIAL: ([value]) => ({ tree: call("factorial", castTo(value, "INTEGER")), type: INTEGER }),
  HAVERSINE: real("sf_haversine"),
  ASIN: real("asin"),
  ACOS: real("acos"),
  ATAN: real("atan"),
  COT: real("cot"),
  SINH: real("sinh"),
  COSH: real("cosh"),
  TANH: real("tanh"),
  BOOLAND: logical("and"),
  BOOLOR: logical("or"),
  BOOLXOR: ([a, b]) => ({ tree: parenthesised(binary("neq", isTrue(a), isTrue(b))), type: BOOLEAN }),
  BOOLNOT: ([value]) => ({ tree: parenthesised(binary("eq", value, number(0))), type: BOOLEAN }),
  FLOOR: rounded("floor"),
  CEIL: rounded("ceil"),
  POWER: real("power"),
  POW: real("power"),
  SQUARE: real("square"),
  SQRT: real("sqrt"),
  EXP: real("exp"),
  LN: real("ln"),
  PI: named("pi", REAL),
  SIN: real("sin"),
  COS: real("cos"),
  TAN: real("tan"),
  ATAN2: real("atan2"),
  RADIANS: real("radians"),
  DEGREES: real("degrees"),
  BITAND: named("bitand", INTEGER),
  BITOR: named("bitor", INTEGER),
  BITXOR: named("bitxor", INTEGER),
  BITNOT: named("bitnot", INTEGER),
  BITSHIFTLEFT: named("bitshiftleft", INTEGER),
  BITSHIFTRIGHT: named("bitshiftright", INTEGER),
  BITMAP_BIT_POSITION: named("bitmap_bit_position", INTEGER),
  BITMAP_BUCKET_NUMBER: named("bitmap_bucket_number", INTEGER),
  // The bits of a bitmap that is counted at once need not be put together.
  BITMAP_COUNT: ([bitmap]) => {
    const { name, args } = bitmap?.function ?? {};
    const [position] = name === "sf_bitmap_agg" ? (args as Tree[]) : [];
    return {
      tree: position ? call("sf_bitmap_agg_count", position) : call("bitmap_count", bitmap as Tree),
      type: INTEGER,
    };
  },
  WIDTH_BUCKET: named("sf_width_bucket", INTEGER),
  UNIFORM: ([low, high]) => ({ tree: call("sf_uniform", low, high), type: INTEGER }),
  RANDSTR: ([length]) => ({
    tree: call("sf_random_text", length),
    type: { type: "text", length: 16_777_216 },
  }),
  SEQ1: sequence,
  SEQ2: sequence,
  SEQ4: sequence,
  SEQ8: sequence,
  HASH: (args) => ({ tree: call("sf_hash", call("hash", ...args)), type: INTEGER }),
};
