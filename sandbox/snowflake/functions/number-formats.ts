import { unsupported } from "../errors.ts";
import { binary, call, castTo, number, type Tree, text } from "../translate/ast.ts";

/** A number's format in its parts (docs: SQL format models, fixed-position numeric formats). */
interface NumberFormat {
  /** Literals around the number. */
  before: string;
  after: string;
  /** Places before the point, and the separators between them. */
  places: string;
  /** Digits that are shown before the point in any case: one of them, if B does not blank it. */
  zeros: number;
  /** Digits after the point; undefined without a point. */
  fraction: number | undefined;
  dollar: string;
  /** Where the sign stands, and what is shown of a number that is not negative. */
  sign: "ahead" | "behind";
  plus: string;
  /** Without blanks for digits that are not there. */
  compact: boolean;
}

const MODEL = /^("[^"]*")?(FM)?(S|MI)?(B)?(\$)?((?:[09][09,G]*)?)(?:[.D]([09]*))?(S|MI)?("[^"]*")?$/i;

/** Whether a format is one of numbers. */
export const isNumberFormat = (format: string): boolean => MODEL.test(format) && /[09]/.test(format);

function read(format: string, name: string): NumberFormat {
  const [, before, fill, ahead, blank, dollar = "", whole = "", fraction, behind, after] =
    MODEL.exec(format) ?? [];
  // Trailing zeros of a compact fraction: not verified.
  const undecided = fill !== undefined && fraction?.includes("9");
  if (whole === "" || (ahead !== undefined && behind !== undefined) || undecided)
    throw unsupported(`${name} with the format '${format}'`);
  const places = whole.toUpperCase().replaceAll("G", ",");
  const digits = places.replaceAll(",", "");
  const written = (ahead ?? behind)?.toUpperCase();
  return {
    before: before?.slice(1, -1) ?? "",
    after: after?.slice(1, -1) ?? "",
    places,
    zeros: digits.includes("0") ? digits.length - digits.indexOf("0") : blank === undefined ? 1 : 0,
    fraction: fraction?.length,
    dollar,
    sign: behind === undefined ? "ahead" : "behind",
    plus: written === "S" ? "+" : behind === undefined ? "" : " ",
    compact: fill !== undefined,
  };
}

/** TO_VARCHAR(number, format). */
export function formattedNumber(value: Tree, format: string, name: string): Tree {
  const { before, after, places, zeros, fraction, dollar, sign, plus, compact } = read(format, name);
  const digits = castTo(call("round", value, number(fraction ?? 0)), `DECIMAL(38,${fraction ?? 0})`);
  const whole = castTo(call("abs", digits), "VARCHAR");
  const negative = binary("lt", digits, number(0));
  const signOf = (place: string): Tree =>
    place === sign ? call("if", negative, text("-"), text(plus)) : text("");
  const length = places.length + dollar.length + (fraction === undefined ? 0 : fraction + 1);
  const shown = call(
    "sf_number_format",
    whole,
    text(places),
    number(zeros),
    call("concat", signOf("ahead"), text(dollar)),
    text(fraction === 0 ? "." : ""),
  );
  // An implied sign has a place of its own.
  const width = castTo(number(length + (sign === "ahead" ? 1 : 0)), "INTEGER");
  const padded = compact ? shown : call("lpad", shown, width, text(" "));
  const parts = [text(before), padded, signOf("behind"), text(after)];
  return parts.reduce((left, right) => binary("concat", left, right));
}
