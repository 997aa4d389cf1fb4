import { WAREHOUSE_SIZES } from "../components/verified-load/args.ts";
import { choiceOf, nearest } from "./field.ts";

type Size = (typeof WAREHOUSE_SIZES)[number];

/** A warehouse size, in any spelling that Snowflake takes, shows or documents: XXLARGE, X2LARGE, 2X-Large, 2XL. */
export const warehouseSize = (example: Size) =>
  choiceOf(
    WAREHOUSE_SIZES,
    example,
    (value) => SPELLINGS.get(bare(value)),
    // A misspelt letter can be guessed; how many X were meant can not, and another size costs twice as much.
    (value) =>
      nearest(
        bare(value),
        WAREHOUSE_SIZES.filter((size) => magnitude(size) === magnitude(bare(value))),
      ),
  );

const bare = (value: string) => value.replace(/[-_\s]/g, "").toUpperCase();
const magnitude = (size: string) => size.replace(/[^X\d]/g, "");

const SPELLINGS = new Map<string, Size>(
  WAREHOUSE_SIZES.flatMap((size) => spellings(size).map((spelling): [string, Size] => [spelling, size])),
);

function spellings(size: Size): string[] {
  const large = /^(X+|X\d)LARGE$/.exec(size)?.[1];
  if (large === undefined)
    return [size, size.replace(/^(X?)(SMALL|MEDIUM|LARGE)$/, (_, x, word) => x + word[0])];
  const times = /\d/.exec(large)?.[0] ?? large.length;
  const exes = [`X${times}`, `${times}X`, "X".repeat(Number(times))];
  return exes.flatMap((x) => [`${x}LARGE`, `${x}L`]);
}
