/** Sizes of a warehouse: names, nodes and rates. Plain data. */
import { WAREHOUSE_SIZES, type WarehouseSize } from "./args.ts";

const bySize = (of: (index: number) => number) =>
  Object.fromEntries(WAREHOUSE_SIZES.map((size, index) => [size, of(index)])) as Record<
    WarehouseSize,
    number
  >;

/** Nodes double with each size, from 1. */
export const NODES = bySize((index) => 2 ** index);
/** Of standard warehouses; SHOW WAREHOUSES tells it. */
export type Generation = "1" | "2";

/** Credits of an hour, by those of the first generation: on AWS (Snowflake Service Consumption Table). */
const RATE: Readonly<Record<Generation, number>> = { "1": 1, "2": 1.35 };

/** Credits of an hour. One whose generation is not told is taken for the first. */
export const creditsPerHour = (size: WarehouseSize, generation: Generation = "1") =>
  NODES[size] * RATE[generation];

/** SHOW WAREHOUSES writes "X-Large" and "2X-Large" for what SQL calls XLARGE and XXLARGE. */
export function sizeOf(shown: string): WarehouseSize | undefined {
  const plain = shown.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");
  const spelled = plain
    .replace(/^X?2X?LARGE$/, "XXLARGE")
    .replace(/^X?3X?LARGE$/, "XXXLARGE")
    .replace(/^([4-6])XLARGE$/, "X$1LARGE");
  return WAREHOUSE_SIZES.find((size) => size === spelled);
}
