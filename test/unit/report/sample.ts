/** A report as a load could leave it, of any size. */
import { CHECKS, checkRows } from "../../../components/verified-load/quality/index.ts";
import { daysOf, type KeptDay } from "../../../report/days.ts";
import type { Report, ReportFile } from "../../../report/schema.ts";

interface Wish {
  /** @default 400 */
  days?: number;
  /** @default 5000 */
  files?: number;
  /** Readings that lack, are too many, and rows that are rejected. @default true */
  faults?: boolean;
  /** @default "published" */
  outcome?: Report["load"]["outcome"];
}

const METERS = 1000;
const FULL = METERS * 4;
const dayAfter = (first: string, days: number) =>
  new Date(Date.parse(first) + days * 86_400_000).toISOString().slice(0, 10);

export function sampleReport({
  days = 400,
  files = 5000,
  faults = true,
  outcome = "published",
}: Wish = {}): Report {
  const first = "2025-06-18";
  const last = dayAfter(first, days - 1);
  const list = Array.from({ length: days }, (_, index) => oneDay(dayAfter(first, index), index, faults));
  const begins = [{ day: first, hour: 0, meters: METERS, due: FULL }];
  const ends = [{ day: last, hour: 23, meters: METERS, due: FULL }];
  const rows = list.reduce((sum, { readings }) => sum + readings, 0);
  const bins = Array.from({ length: 29 }, (_, index) => {
    const volts = 104 + index;
    return { volts, rows: Math.round(rows * 0.11 * Math.exp(-((volts - 118) ** 2) / 26)) };
  }).filter((bin) => bin.rows > 0);
  const rejected = faults ? 37 : 0;
  return {
    format: 1,
    stack: "sample",
    table: "FLUX.PRODUCTION.AMI_INTERVAL_READINGS",
    drawnAt: "2026-07-23T06:00:00",
    latest: true,
    load: {
      id: "20260723_055501_0A1B2C3D",
      owner: "flux-ami/sample",
      startedAt: "2026-07-23T05:55:01",
      endedAt: "2026-07-23T05:58:20",
      outcome,
      version: 12,
    },
    figures: {
      totalRows: rows,
      minTimestamp: `${first}T00:00:00`,
      maxTimestamp: `${last}T23:45:00`,
      uniqueMeters: METERS,
      filesLoaded: files,
      rowsLoaded: rows,
      rowsRejected: rejected,
    },
    checks: checksOf(outcome, faults),
    intervalMinutes: 15,
    days: daysOf(list, { begins, ends }, 15, true),
    newRows: bins.reduce((sum, bin) => sum + bin.rows, 0),
    usage: Array.from({ length: 24 }, (_, hour) => {
      const median =
        0.22 + 0.16 * Math.exp(-((hour - 19) ** 2) / 8) + 0.07 * Math.exp(-((hour - 7) ** 2) / 5);
      return {
        hour,
        rows: Math.round(rows / 24),
        kwh: (median * rows) / 24,
        lower: median * 0.62,
        median,
        upper: median * 1.55,
      };
    }),
    voltage: { min: 110, max: 125, minShare: 0.99, bins, without: 0 },
    nulls: {
      maxShare: 0.05,
      columns: [
        "METER_ID",
        "TIMESTAMP",
        "USAGE_KWH",
        "VOLTAGE",
        "POWER_FACTOR",
        "CUSTOMER_SEGMENT_ID",
        "SOURCE_TABLE",
      ].map((column, index) => ({
        column,
        rows: faults && index > 2 ? Math.round((rows * index) / 900) : 0,
      })),
    },
    files: {
      ofLoad: files,
      list: Array.from({ length: files }, (_, index) => oneFile(index, first, faults)),
    },
    rejected: {
      rows: rejected,
      reasons: faults
        ? [
            {
              reason: "VOLTAGE: does not convert to NUMBER(22,0)",
              rows: rejected,
              examples: Array.from({ length: 5 }, (_, index) => ({
                file: `ami_interval_readings/part-0000${index}.parquet`,
                row: 3 + index,
                record: `{"METER_ID":"MTR-0000000${index}","VOLTAGE":"n/a"}`,
              })),
            },
          ]
        : [],
    },
    steps: [
      { step: "preparing the load's own tables", seconds: 1.2, warehouseSize: "MEDIUM" },
      {
        step: 'listing the files of stage "FLUX"."PRODUCTION"."EXT_RAW_AMI"',
        seconds: 4.4,
        warehouseSize: "MEDIUM",
      },
      { step: "setting warehouse LOAD_WH to XLARGE", seconds: 2.1, warehouseSize: "MEDIUM" },
      { step: "landing", seconds: 96, warehouseSize: "XLARGE" },
      { step: "counting what landed", seconds: 11, warehouseSize: "XLARGE" },
      { step: "auditing the readings", seconds: 48, warehouseSize: "XLARGE" },
      { step: "publishing", seconds: 31, warehouseSize: "XLARGE" },
      { step: "counting what is published", seconds: 5.5, warehouseSize: "MEDIUM" },
    ].map((step, index, all) => ({
      ...step,
      startedAt: new Date(
        Date.parse("2026-07-23T05:55:01Z") +
          all.slice(0, index).reduce((sum, { seconds }) => sum + seconds * 1000, 0),
      )
        .toISOString()
        .slice(0, 23),
    })),
    cost: {
      files,
      bytes: files * 16_000_000,
      estimatedSeconds: 170,
      estimatedCredits: 0.756,
      seconds: 199,
      credits: 0.884,
      estimatedBy: "the last 10 loads",
    },
    trend: Array.from({ length: 30 }, (_, index) => ({
      id: `202607${String(index + 1).padStart(2, "0")}_055501_0A1B2C3D`,
      startedAt: `2026-07-${String(index + 1).padStart(2, "0")}T05:55:01`,
      outcome: index === 11 ? "refused" : index === 20 ? "dry run" : "published",
      totalRows: Math.round(rows * (0.7 + index / 100)),
      rowsRejected: index > 11 ? 37 : 0,
      filesLoaded: 12,
      seconds: 150 + ((index * 37) % 60),
      credits: 0.6 + ((index * 7) % 11) / 40,
    })),
  };
}

function oneDay(day: string, index: number, faults: boolean): KeptDay {
  const hours = Array.from({ length: 24 }, (_, hour) => {
    if (!faults) return FULL;
    if (index % 97 === 20 && hour > 7 && hour < 13) return 0;
    if (index % 31 === 12 && hour > 14) return FULL - 17 * hour;
    return index % 53 === 40 && hour === 2 ? FULL + 45 : FULL;
  });
  const readings = hours.reduce((sum, hour) => sum + hour, 0);
  return {
    day,
    readings,
    meters: METERS,
    intervals: hours.reduce((sum, hour) => sum + Math.min(hour, FULL), 0),
    audited: true,
    readingsOfHours: hours,
    metersOfHours: hours.map((hour) => Math.min(METERS, hour)),
  };
}

function oneFile(index: number, first: string, faults: boolean): ReportFile {
  const partial = faults && index < 5;
  return {
    name: `ami_interval_readings/${dayAfter(first, Math.floor(index / 13))}/part-${String(index).padStart(5, "0")}-c000.snappy.parquet`,
    status: partial ? "PARTIALLY_LOADED" : "LOADED",
    bytes: 16_000_000 + index * 997,
    rows: 7_680,
    rejected: partial ? 9 : 0,
    at: "2026-07-23T05:57:50",
    why: partial ? "VOLTAGE: does not convert to NUMBER(22,0)" : "",
  };
}

function checksOf(outcome: Report["load"]["outcome"], faults: boolean): Report["checks"] {
  return checkRows.map(([name, { meaning, cure }]) => {
    const odd = faults && (name === "continuity" || name === "rejectedRows");
    const status =
      name === "referentialIntegrity"
        ? "skipped"
        : odd
          ? outcome === "refused"
            ? "failed"
            : "warned"
          : "passed";
    return {
      name,
      status,
      figure: odd ? 37 : 0,
      threshold: 0,
      message: odd
        ? name === "continuity"
          ? "117,791 15-minute intervals missing"
          : "37 rows of 38,282,524 rejected (VOLTAGE: does not convert to NUMBER(22,0): 37)"
        : status === "skipped"
          ? "skipped: no metersTable is configured"
          : `${meaning}`,
      examples: odd
        ? name === "continuity"
          ? ["MTR-00000017: 3 missing from 2025-07-04 10:15"]
          : ["part-00000-c000.snappy.parquet: 9 of 7,680, first in row 3"]
        : [],
      meaning,
      cure,
    };
  });
}

/** Texts as nobody should name anything. */
export const HOSTILE = [
  "</script><img src=x id=hostile0 onerror=alert(0)>.parquet",
  `"><img src=x id=hostile1 onerror='alert(1)'>.parquet`,
  "'><svg/onload=alert(2)><img src=x id=hostile2>.parquet",
  "<!--<script><img src=x id=hostile3 onerror=alert(3)>.parquet",
  "javascript:alert(4)<img src=x id=hostile4>.parquet",
  "line\u2028separator\u2029and \u202Ereversed<img src=x id=hostile5>.parquet",
  `${"very-long-".repeat(400)}<img src=x id=hostile6>.parquet`,
] as const;

/** With such texts wherever a text comes from outside. */
export function hostileReport(): Report {
  const report = sampleReport({ days: 3, files: 0, outcome: "refused" });
  const [file, reason, record, message, step, owner] = HOSTILE;
  return {
    ...report,
    stack: HOSTILE[1],
    table: HOSTILE[0],
    load: { ...report.load, owner },
    checks: report.checks.map((check) => ({ ...check, message, examples: [...HOSTILE] })),
    files: {
      ofLoad: 100,
      list: Array.from({ length: 100 }, (_, index) => {
        const text = HOSTILE[index % HOSTILE.length] ?? file;
        return {
          name: text,
          status: "PARTIALLY_LOADED",
          bytes: 1,
          rows: 1,
          rejected: 1,
          at: "2026-07-23T05:57:50",
          why: text,
        };
      }),
    },
    rejected: {
      rows: 1,
      reasons: HOSTILE.map((text) => ({
        reason: text + reason,
        rows: 1,
        examples: [{ file, row: 1, record }],
      })),
    },
    steps: report.steps.map((one) => ({ ...one, step })),
  };
}

/** Names of all checks. */
export const CHECK_NAMES = Object.keys(CHECKS);
