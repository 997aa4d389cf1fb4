/** Sizes of a warehouse: names, nodes and rates. Plain data. */
import { WAREHOUSE_SIZES, type WarehouseSize } from "./args.ts";

const bySize = (of: (index: number) => number) =>
  Object.fromEntries(WAREHOUSE_SIZES.map((size, index) => [size, of(index)])) as Record<
    WarehouseSize,
    number
  >;

/** Nodes double with each size, from 1. */
export const NODES = bySize((index) => 2 ** index);
/** So do the credits of an hour. */
export const CREDITS_PER_HOUR = bySize((index) => NODES[WAREHOUSE_SIZES[index] as WarehouseSize]);

/** SHOW WAREHOUSES writes "X-Large" and "2X-Large" for what SQL calls XLARGE and XXLARGE. */
export function sizeOf(shown: string): WarehouseSize | undefined {
  const plain = shown.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");
  const spelled = plain
    .replace(/^X?2X?LARGE$/, "XXLARGE")
    .replace(/^X?3X?LARGE$/, "XXXLARGE")
    .replace(/^([4-6])XLARGE$/, "X$1LARGE");
  return WAREHOUSE_SIZES.find((size) => size === spelled);
}
