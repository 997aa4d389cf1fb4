import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { withFaults } from "./faults.ts";
import type { ReadingsFile } from "./files.ts";
import { READINGS_PER_METER_DAY } from "./options.ts";

/**
 * Share of a customer's usual power drawn in each hour of a working day and of a day off. The shapes are the ones
 * load research shows: homes peak at breakfast and after work, shops and offices follow opening hours, plants run on.
 */
const HOURLY_SHAPE = {
  RESIDENTIAL: {
    work: [
      0.55, 0.48, 0.44, 0.43, 0.46, 0.6, 0.95, 1.15, 1.0, 0.82, 0.78, 0.8, 0.85, 0.84, 0.86, 0.98, 1.25, 1.62,
      1.85, 1.8, 1.6, 1.35, 1.0, 0.72,
    ],
    off: [
      0.6, 0.52, 0.46, 0.44, 0.45, 0.5, 0.68, 0.95, 1.2, 1.3, 1.28, 1.25, 1.26, 1.22, 1.18, 1.22, 1.35, 1.58,
      1.75, 1.7, 1.52, 1.3, 1.02, 0.76,
    ],
  },
  COMMERCIAL: {
    work: [
      0.42, 0.4, 0.4, 0.4, 0.43, 0.52, 0.75, 1.1, 1.5, 1.7, 1.78, 1.8, 1.78, 1.8, 1.78, 1.72, 1.6, 1.4, 1.15,
      0.95, 0.78, 0.62, 0.5, 0.45,
    ],
    off: [
      0.4, 0.38, 0.38, 0.38, 0.38, 0.4, 0.45, 0.52, 0.62, 0.72, 0.78, 0.8, 0.8, 0.78, 0.75, 0.7, 0.65, 0.6,
      0.55, 0.52, 0.48, 0.45, 0.42, 0.4,
    ],
  },
  INDUSTRIAL: {
    work: [
      0.85, 0.84, 0.84, 0.84, 0.86, 0.95, 1.08, 1.18, 1.22, 1.24, 1.24, 1.2, 1.18, 1.22, 1.22, 1.18, 1.1,
      1.02, 0.98, 0.96, 0.94, 0.92, 0.9, 0.87,
    ],
    off: [
      0.72, 0.7, 0.7, 0.7, 0.7, 0.72, 0.74, 0.78, 0.8, 0.82, 0.82, 0.8, 0.8, 0.8, 0.8, 0.78, 0.76, 0.75, 0.74,
      0.74, 0.73, 0.72, 0.72, 0.72,
    ],
  },
} as const;

type Segment = keyof typeof HOURLY_SHAPE;
/** Customers' segments, the usual kWh of a 15-minute interval, and how often the segment occurs among 100 meters. */
const SEGMENTS: { name: Segment; usualKwh: number; share: number; coolingShare: number }[] = [
  { name: "RESIDENTIAL", usualKwh: 0.3, share: 88, coolingShare: 0.45 },
  { name: "COMMERCIAL", usualKwh: 2.4, share: 10, coolingShare: 0.3 },
  { name: "INDUSTRIAL", usualKwh: 18, share: 2, coolingShare: 0.08 },
];

/** SQL for a meter's ID from its number: what the readings and METER_INFRASTRUCTURE have in common. */
export const meterIdSql = (number: string) => `'MTR-' || printf('%08d', ${number} + 1)`;

/** SQL for a meter's segment index (0, 1, 2) from its number. Does not depend on the seed: a home stays a home. */
function segmentSql(number: string) {
  const bucket = `(hash(${number}, 7919) % 100)`;
  const [first, second] = SEGMENTS;
  return `CASE WHEN ${bucket} < ${first?.share} THEN 0 WHEN ${bucket} < ${(first?.share ?? 0) + (second?.share ?? 0)} THEN 1 ELSE 2 END`;
}
export const segmentNameSql = (number: string) =>
  `['${SEGMENTS.map((segment) => segment.name).join("','")}'][${segmentSql(number)} + 1]`;

/** Makes readings with DuckDB, one file after the other, in memory that does not grow with the amount of data. */
export class ReadingsWriter {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #seed: number;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, seed: number) {
    this.#instance = instance;
    this.#connection = connection;
    this.#seed = seed;
  }

  static async open(seed: number, spillDirectory: string): Promise<ReadingsWriter> {
    const instance = await DuckDBInstance.create(":memory:", {
      memory_limit: "512MB",
      temp_directory: spillDirectory,
      preserve_insertion_order: "true",
      autoinstall_known_extensions: "false",
    });
    return new ReadingsWriter(instance, await instance.connect(), seed);
  }

  /** Writes one file to a local path. */
  async write(file: ReadingsFile, localPath: string): Promise<void> {
    const first = `METER_ID = ${meterIdSql(String(file.firstMeter))}`;
    const readings = withFaults(readingsSql(file, this.#seed), file.faults, first, file.place);
    await this.#connection.run(
      `COPY (${readings}) TO '${localPath.replaceAll("'", "''")}'
       (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 122880)`,
    );
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

/**
 * The readings of one file, meter by meter, in time order. One hash a reading is the only source of chance: its bits
 * feed usage, voltage and power factor, so the same seed gives the same rows whatever the number of threads.
 */
function readingsSql(file: ReadingsFile, seed: number): string {
  const curves = SEGMENTS.flatMap((segment) => dayCurve(segment, file.day));
  const day = `epoch_ms(${Date.parse(`${file.day}T00:00:00Z`)})`;
  const unit = (shift: number, bits: number) =>
    `((chance >> ${shift}) & ${2 ** bits - 1})::DOUBLE / ${2 ** bits}`;
  const start = file.firstMeter * READINGS_PER_METER_DAY;
  return `
    SELECT
      ${meterIdSql("meter")} AS METER_ID,
      (day_start + to_minutes(15 * slot::INTEGER))::TIMESTAMP AT TIME ZONE 'UTC' AS "TIMESTAMP",
      round(curves[segment * ${READINGS_PER_METER_DAY} + slot + 1] * size * (0.7 + 0.6 * ${unit(0, 16)}), 3) AS USAGE_KWH,
      (CASE
        WHEN ${unit(48, 16)} < 0.002 THEN 104 + 5 * ${unit(16, 8)}
        WHEN ${unit(48, 16)} > 0.998 THEN 126 + 4 * ${unit(16, 8)}
        ELSE 116.6 + 3.4 * (${unit(16, 8)} + ${unit(24, 8)})
      END)::DECIMAL(22,0) AS VOLTAGE,
      (0.99 - 0.03 * segment - 0.06 * ${unit(32, 8)} * ${unit(40, 8)})::DECIMAL(23,2) AS POWER_FACTOR,
      ['${SEGMENTS.map((segment) => segment.name).join("','")}'][segment + 1] AS CUSTOMER_SEGMENT_ID,
      'AMI_READINGS_${file.day.slice(0, 7).replace("-", "")}' AS SOURCE_TABLE
    FROM (
      SELECT meter, slot, hash(number, ${seed}, ${day}) AS chance, ${day} AS day_start,
        ${segmentSql("meter")} AS segment,
        -- a few large customers, many small ones
        0.5 + 1.5 * pow((hash(meter, 104729) & 65535)::DOUBLE / 65536, 2) AS size,
        [${curves.map((value) => value.toFixed(4)).join(",")}]::DOUBLE[] AS curves
      FROM (
        SELECT range AS number, range // ${READINGS_PER_METER_DAY} AS meter, range % ${READINGS_PER_METER_DAY} AS slot
        FROM range(${start}, ${start + file.rows})
      )
    )`;
}

/** The usual kWh of each of the day's 96 intervals. */
function dayCurve(segment: (typeof SEGMENTS)[number], day: string): number[] {
  const date = new Date(`${day}T00:00:00Z`);
  const weekday = date.getUTCDay();
  const shape = HOURLY_SHAPE[segment.name][weekday === 0 || weekday === 6 ? "off" : "work"];
  const dayOfYear = (date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000;
  // Cooling peaks at the end of July, heating half as high in January.
  const phase = Math.cos((2 * Math.PI * (dayOfYear - 208)) / 365.25);
  const season = 1 + segment.coolingShare * (phase > 0 ? phase : -phase / 2);
  return Array.from({ length: READINGS_PER_METER_DAY }, (_, slot) => {
    const hour = Math.floor(slot / 4);
    const share = (slot % 4) / 4;
    const here = shape[hour] ?? 1;
    const next = shape[(hour + 1) % 24] ?? 1;
    return segment.usualKwh * season * (here * (1 - share) + next * share);
  });
}
