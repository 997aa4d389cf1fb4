/**
 * What a load's report says, as data: written beside the page, and all that the page is drawn from.
 *   node report/schema.ts     writes report.schema.json anew; `make format` does, and a test holds it equal
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";

const count = z.int().min(0);
const share = z.number().min(0).max(1);
const moment = z.string().describe("YYYY-MM-DDTHH:MM:SS, UTC; empty: none");
const day = z.string().describe("YYYY-MM-DD, UTC");

const check = z.object({
  name: z.string(),
  status: z.enum(["passed", "failed", "warned", "skipped"]),
  figure: z.number(),
  threshold: z.number(),
  message: z.string(),
  examples: z.array(z.string()),
  meaning: z.string().describe("What holds when the check passes"),
  cure: z.string(),
});

const hour = z.object({
  readings: count,
  due: count
    .nullable()
    .describe("Intervals of meters between their first and last reading; null: not on record"),
  meters: count.nullable().describe("Meters with a reading; null: not audited by this load"),
});

const oneDay = z.object({
  day,
  readings: count,
  meters: count,
  intervals: count.describe("Intervals with a reading, over all meters"),
  due: count.nullable(),
  audited: z.boolean().describe("Whether this load audited the day; else it is as an earlier load left it"),
  hours: z.array(hour).length(24),
});

const file = z.object({
  name: z.string().describe("Below the stage's path"),
  status: z.enum(["LOADED", "PARTIALLY_LOADED", "NOT_PUBLISHED", "UNREADABLE", "NOT_LOADED", "GONE"]),
  bytes: count.nullable(),
  rows: count.nullable(),
  rejected: count.nullable(),
  at: moment.describe("When it was published, UTC; empty: it is not"),
  why: z.string().describe("First error, or why it is not in the table"),
});

const rejection = z.object({
  reason: z.string(),
  rows: count,
  examples: z.array(z.object({ file: z.string(), row: count, record: z.string() })),
});

const run = z.object({
  id: z.string(),
  startedAt: moment,
  outcome: z.string(),
  totalRows: count,
  rowsRejected: count,
  filesLoaded: count.describe("Files that the load was of"),
  seconds: z.number(),
  credits: z.number(),
});

export const reportSchema = z
  .object({
    $schema: z.string().optional(),
    format: z.literal(1),
    stack: z.string(),
    table: z.string(),
    drawnAt: moment,
    latest: z.boolean().describe("Whether no later load is on record"),
    load: z.object({
      id: z.string(),
      owner: z.string(),
      startedAt: moment,
      endedAt: moment,
      outcome: z.enum(["published", "refused", "dry run", "publishing"]),
      version: count,
    }),
    figures: z.object({
      totalRows: count,
      minTimestamp: moment,
      maxTimestamp: moment,
      uniqueMeters: count,
      filesLoaded: count,
      rowsLoaded: count,
      rowsRejected: count,
    }),
    checks: z.array(check),
    intervalMinutes: z.int().min(1),
    days: z.object({
      all: z.boolean().describe("All days of the table; else those that the load audited"),
      cut: count.describe("Earlier days that are left out"),
      outside: z
        .object({ days: count, readings: count })
        .describe("Beyond the accepted times, or without one"),
      list: z.array(oneDay),
    }),
    newRows: count.describe("Rows of this load that were published, or would have been"),
    usage: z.array(
      z.object({
        hour: z.int().min(0).max(23),
        rows: count,
        kwh: z.number(),
        lower: z.number(),
        median: z.number(),
        upper: z.number(),
      }),
    ),
    voltage: z.object({
      min: z.number(),
      max: z.number(),
      minShare: share,
      bins: z.array(z.object({ volts: z.number(), rows: count })),
      without: count.describe("Rows without a VOLTAGE"),
    }),
    nulls: z.object({ maxShare: share, columns: z.array(z.object({ column: z.string(), rows: count })) }),
    files: z.object({
      ofLoad: count.describe("Files of this load"),
      list: z.array(file).describe("Those with something to say first"),
    }),
    rejected: z.object({ rows: count, reasons: z.array(rejection) }),
    steps: z.array(
      z.object({ step: z.string(), startedAt: moment, seconds: z.number(), warehouseSize: z.string() }),
    ),
    cost: z.object({
      files: count,
      bytes: count,
      estimatedSeconds: z.number(),
      estimatedCredits: z.number(),
      seconds: z.number(),
      credits: z.number().describe("Computed from seconds and the warehouse's rate"),
      estimatedBy: z.string().optional(),
      meteredCredits: z
        .number()
        .optional()
        .describe("What the metering had seen of the warehouse, where it was asked"),
    }),
    trend: z.array(run).describe("The last 30 loads up to this one, oldest first"),
  })
  .meta({ title: "Report of a load" });

export type Report = z.infer<typeof reportSchema>;
export type ReportDay = Report["days"]["list"][number];
export type ReportFile = Report["files"]["list"][number];
export type ReportCheck = Report["checks"][number];

export const SCHEMA_FILE = join(import.meta.dirname, "report.schema.json");
export const schemaText = () => `${JSON.stringify(z.toJSONSchema(reportSchema), undefined, 2)}\n`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) writeFileSync(SCHEMA_FILE, schemaText());
