import type { Data, DataType, Field } from "apache-arrow";
import type { Column } from "../result.ts";

/** Loaded when the first client asks for it: no other needs it. */
const library = () => import("apache-arrow");
type Arrow = Awaited<ReturnType<typeof library>>;

type Cell = string | null;

/** The bytes of one value of a FIXED column; null for columns of other types. */
export type FixedBytes = 1 | 2 | 4 | 8 | 16 | null;

/**
 * Rows as an Arrow stream. Snowflake documents nothing of it; the types and the fields' metadata are what its drivers
 * decode (snowflakedb/snowflake-connector-python, nanoarrow_cpp/ArrowIterator/CArrowChunkIterator.cpp):
 * FIXED is the smallest integer that holds all values of a column, times of day and timestamps are integers of the
 * column's scale, or structs of seconds, nanoseconds and the zone's offset where those would not fit in 64 bits.
 */
export async function arrowStream(
  columns: readonly Column[],
  rows: readonly Cell[][],
  bytes: readonly FixedBytes[],
): Promise<Buffer> {
  const arrow = await library();
  // The library counts the padding of texts' offsets in, which nanoarrow takes for offsets that go back to 0: where the
  // number of rows is odd there is none.
  const parts = rows.length % 2 === 1 ? [rows] : [rows.slice(0, -1), rows.slice(-1)];
  const batches = parts.map((part) => {
    const encoded = columns.map((column, index) => {
      const cells = part.map((row) => row[index] ?? null);
      return encodeColumn(arrow, column, cells, bytes[index] ?? 16);
    });
    const fields = encoded.map(({ field }) => field);
    const children = encoded.map(({ data }) => data);
    const struct = arrow.makeData({ type: new arrow.Struct(fields), length: part.length, children });
    return new arrow.RecordBatch(new arrow.Schema(fields), struct as never);
  });
  return Buffer.from(arrow.tableToIPC(new arrow.Table(batches), "stream"));
}

/** The bytes that the values of each FIXED column need; all parts of a result have the same. */
export const fixedBytes = (columns: readonly Column[], rows: readonly Cell[][]): FixedBytes[] =>
  columns.map((column, index) => {
    if (column.type !== "fixed") return null;
    const values = rows.flatMap((row) => scaled(row[index] ?? null, column.scale) ?? []);
    return bytesFor(values);
  });

/** The least number of bytes that integers fit in. */
function bytesFor(values: readonly bigint[]): FixedBytes {
  const fits = (bits: number) => values.every((value) => BigInt.asIntN(bits, value) === value);
  return ([1, 2, 4, 8] as const).find((size) => fits(8 * size)) ?? 16;
}

/** A decimal text as an integer of its last place. */
function scaled(text: Cell, scale: number): bigint | null {
  if (text === null) return null;
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(scale, "0").slice(0, scale));
}

function encodeColumn(arrow: Arrow, column: Column, cells: readonly Cell[], bytes: number) {
  const data = columnData(arrow, column, cells, bytes);
  const metadata = new Map(Object.entries(metadataOf(column)).map(([name, value]) => [name, String(value)]));
  return { data, field: new arrow.Field(column.name, data.type, true, metadata) as Field };
}

function metadataOf(column: Column): Record<string, string | number> {
  const scale = "scale" in column ? column.scale : 0;
  const shared = { logicalType: column.type.toUpperCase(), scale, precision: 38, finalType: "T" };
  switch (column.type) {
    case "fixed":
      return { ...shared, precision: column.precision };
    case "text":
      return { ...shared, charLength: column.length, byteLength: 4 * column.length };
    case "binary":
      return { ...shared, byteLength: column.length };
    case "timestamp_tz":
      return { ...shared, byteLength: inOneInteger(column.type, scale) ? 8 : 16 };
    default:
      return shared;
  }
}

/** Whether a timestamp's seconds and fraction are one integer: they must not leave 64 bits for any year. */
const inOneInteger = (type: string, scale: number) => scale <= (type === "timestamp_tz" ? 3 : 7);

function columnData(arrow: Arrow, column: Column, cells: readonly Cell[], bytes: number): Data {
  switch (column.type) {
    case "fixed":
      return integers(arrow, bytes, column, (cell) => scaled(cell, column.scale) ?? 0n, cells);
    case "real":
      return fill(arrow, new arrow.Float64(), new Float64Array(cells.length), cells, float);
    case "boolean":
      return booleans(arrow, cells);
    case "date":
      return fill(arrow, new arrow.DateDay(), new Int32Array(cells.length), cells, Number);
    case "time":
      return fill(arrow, new arrow.Int64(), new BigInt64Array(cells.length), cells, (cell) =>
        BigInt(cell.replace(".", "")),
      );
    case "timestamp_ntz":
    case "timestamp_ltz":
    case "timestamp_tz":
      return timestamps(arrow, column, cells);
    case "binary":
      return variableLength(arrow, new arrow.Binary(), cells, (cell) => Buffer.from(cell, "hex"));
    default:
      return variableLength(arrow, new arrow.Utf8(), cells, (cell) => Buffer.from(cell, "utf8"));
  }
}

/** Which cells there are, a bit each. */
function bitmap(cells: readonly Cell[], isSet: (cell: Cell) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(cells.length / 64) * 8);
  cells.forEach((cell, index) => {
    if (isSet(cell)) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
  });
  return bits;
}

const validity = (cells: readonly Cell[]) => ({
  length: cells.length,
  nullCount: cells.filter((cell) => cell === null).length,
  nullBitmap: bitmap(cells, (cell) => cell !== null),
});

function fill<Values extends Float64Array | Int32Array | BigInt64Array>(
  arrow: Arrow,
  type: DataType,
  values: Values,
  cells: readonly Cell[],
  read: (cell: string) => Values[number],
): Data {
  cells.forEach((cell, index) => {
    if (cell !== null) values[index] = read(cell);
  });
  return arrow.makeData({ type, data: values, ...validity(cells) } as never);
}

function float(cell: string): number {
  if (cell === "inf") return Number.POSITIVE_INFINITY;
  return cell === "-inf" ? Number.NEGATIVE_INFINITY : Number(cell);
}

function integers(
  arrow: Arrow,
  bytes: number,
  { precision, scale }: { precision: number; scale: number },
  read: (cell: string) => bigint,
  cells: readonly Cell[],
): Data {
  const buffer = new ArrayBuffer(bytes * cells.length);
  const view = new DataView(buffer);
  const write: Record<number, (at: number, value: bigint) => void> = {
    1: (at, value) => view.setInt8(at, Number(value)),
    2: (at, value) => view.setInt16(at, Number(value), true),
    4: (at, value) => view.setInt32(at, Number(value), true),
    8: (at, value) => view.setBigInt64(at, value, true),
    16: (at, value) => {
      view.setBigInt64(at, BigInt.asIntN(64, value), true);
      view.setBigInt64(at + 8, value >> 64n, true);
    },
  };
  cells.forEach((cell, index) => {
    if (cell !== null) write[bytes]?.(index * bytes, read(cell));
  });
  const [type, data]: [DataType, ArrayBufferView] =
    bytes === 1
      ? [new arrow.Int8(), new Int8Array(buffer)]
      : bytes === 2
        ? [new arrow.Int16(), new Int16Array(buffer)]
        : bytes === 4
          ? [new arrow.Int32(), new Int32Array(buffer)]
          : bytes === 8
            ? [new arrow.Int64(), new BigInt64Array(buffer)]
            : [new arrow.Decimal(scale, precision, 128), new Uint32Array(buffer)];
  return arrow.makeData({ type, data, ...validity(cells) } as never);
}

const booleans = (arrow: Arrow, cells: readonly Cell[]): Data =>
  arrow.makeData({
    type: new arrow.Bool(),
    data: bitmap(cells, (cell) => cell === "1"),
    ...validity(cells),
  } as never);

function variableLength(
  arrow: Arrow,
  type: DataType,
  cells: readonly Cell[],
  read: (cell: string) => Buffer,
): Data {
  const parts = cells.map((cell) => (cell === null ? Buffer.alloc(0) : read(cell)));
  const valueOffsets = new Int32Array(cells.length + 1);
  parts.forEach((part, index) => {
    valueOffsets[index + 1] = (valueOffsets[index] ?? 0) + part.length;
  });
  return arrow.makeData({ type, data: Buffer.concat(parts), valueOffsets, ...validity(cells) } as never);
}

const NANOSECONDS = 1_000_000_000n;

/** Seconds since 1970, whole ones, and the nanoseconds after them. */
function secondsOf(moment: string): [bigint, bigint] {
  const total = scaled(moment, 9) ?? 0n;
  const rest = ((total % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
  return [(total - rest) / NANOSECONDS, rest];
}

function timestamps(
  arrow: Arrow,
  { type, scale }: { type: string; scale: number },
  cells: readonly Cell[],
): Data {
  // A TIMESTAMP_TZ has its offset, in minutes from a day before UTC, behind a blank.
  const moment = (cell: string) => cell.split(" ", 1)[0] ?? "";
  const one = (read: (cell: string) => bigint) =>
    fill(arrow, new arrow.Int64(), new BigInt64Array(cells.length), cells, read);
  const small = (read: (cell: string) => number) =>
    fill(arrow, new arrow.Int32(), new Int32Array(cells.length), cells, read);
  const whole = () => one((cell) => scaled(moment(cell), scale) ?? 0n);
  const zone = () => small((cell) => Number(cell.split(" ")[1]));
  const compact = inOneInteger(type, scale);
  if (compact && type !== "timestamp_tz") return whole();
  const children: [string, Data][] = [
    ["epoch", compact ? whole() : one((cell) => secondsOf(moment(cell))[0])],
    ...(compact
      ? []
      : ([["fraction", small((cell) => Number(secondsOf(moment(cell))[1]))]] as [string, Data][])),
    ...(type === "timestamp_tz" ? ([["timezone", zone()]] as [string, Data][]) : []),
  ];
  const fields = children.map(([name, data]) => new arrow.Field(name, data.type, true));
  return arrow.makeData({
    type: new arrow.Struct(fields),
    children: children.map(([, data]) => data),
    ...validity(cells),
  } as never);
}
