/** Reads what the load keeps with its accounting. The readings themselves are never scanned. */
import { LoadError } from "../components/snowflake/errors.ts";
import type { Row, Session } from "../components/snowflake/session.ts";
import { instant, moment } from "../components/snowflake/times.ts";
import { MOST_SPANS } from "../components/verified-load/accounting/figures.ts";
import type { LoadOutputs } from "../components/verified-load/args.ts";
import { NO_COST } from "../components/verified-load/outputs.ts";
import { checkRows } from "../components/verified-load/quality/index.ts";
import { type CompleteSettings, namesOf } from "../components/verified-load/settings.ts";
import { daysOf, type KeptDay, type Span } from "./days.ts";
import { countOf, cut, readFiles, rejectedOf } from "./read-files.ts";
import { type Report, reportSchema } from "./schema.ts";

const MOST_RUNS = 30;
const dayOf = (value: unknown) => moment(value).slice(0, 10);
export interface Wanted {
  stack: string;
  /** LOAD_ID. @default the latest */
  run?: string | undefined;
}

/** @throws when there is no such load on record */
export async function readReport(
  session: Session,
  settings: CompleteSettings,
  { stack, run }: Wanted,
): Promise<Report> {
  const names = namesOf(settings);
  const runs = await readRuns(session, names.runs, run);
  const [row] = runs;
  if (row === undefined) throw notOnRecord(names.plain, stack, run);
  const id = String(row.LOAD_ID);
  const outputs = JSON.parse(String(row.OUTPUTS)) as LoadOutputs;
  const outcome = String(row.OUTCOME) as Report["load"]["outcome"];
  const latest = row.LOAD_ID === row.LATEST;
  const figures = await session.rows(`SELECT * FROM ${names.figures} WHERE LOAD_ID = ?`, [id]);
  const of = (figure: string) => figures.filter(({ FIGURE }) => FIGURE === figure);
  const voltages = of("voltage");
  const { quality } = settings;
  const { intervalMinutes } = quality.continuity;
  return {
    format: 1,
    stack,
    table: names.plain,
    drawnAt: moment(new Date()),
    latest,
    load: {
      id,
      owner: String(row.OWNER),
      startedAt: moment(row.STARTED_AT),
      endedAt: moment(row.ENDED_AT),
      outcome,
      version: countOf(row.VERSION),
    },
    figures: figuresOf(outputs),
    checks: checksOf(outputs),
    intervalMinutes,
    days: daysOf(
      await readDays(session, names.daySummary, latest, of("day"), of("hour")),
      spansOf(of("begin"), of("end")),
      intervalMinutes,
      latest,
    ),
    newRows: voltages.reduce((sum, { ROWS_COUNTED }) => sum + countOf(ROWS_COUNTED), 0),
    usage: usageOf(of("usage")),
    voltage: voltageOf(settings, voltages),
    nulls: {
      maxShare: quality.nullShares.maxShare,
      columns: of("nulls").map((one) => ({ column: String(one.NAME), rows: countOf(one.ROWS_COUNTED) })),
    },
    files: await readFiles(session, settings, id, outcome, outputs, of("file")),
    rejected: rejectedOf(settings, of("rejected"), of("example")),
    steps: stepsOf(row),
    cost: reportSchema.shape.cost.parse(outputs.cost ?? NO_COST),
    trend: runs.map(trendOf).reverse(),
  };
}

function notOnRecord(table: string, stack: string, run: string | undefined): LoadError {
  return run === undefined
    ? new LoadError("no-load", `No load of ${table} is on record yet.`, `run \`make load STACK=${stack}\``)
    : new LoadError(
        "no-load",
        `No load ${run} of ${table} is on record.`,
        `\`make status STACK=${stack}\` lists the last ones`,
      );
}

const figuresOf = (outputs: LoadOutputs): Report["figures"] => ({
  totalRows: outputs.totalRows,
  minTimestamp: outputs.minTimestamp,
  maxTimestamp: outputs.maxTimestamp,
  uniqueMeters: outputs.uniqueMeters,
  filesLoaded: outputs.filesLoaded,
  rowsLoaded: outputs.rowsLoaded,
  rowsRejected: outputs.rowsRejected,
});

const usageOf = (rows: readonly Row[]): Report["usage"] =>
  rows
    .map((one) => ({
      hour: Number(one.HOUR),
      rows: countOf(one.ROWS_COUNTED),
      kwh: Number(one.TOTAL),
      lower: Number(one.LOWER_QUARTILE),
      median: Number(one.MEDIAN),
      upper: Number(one.UPPER_QUARTILE),
    }))
    .toSorted((one, other) => one.hour - other.hour);

function voltageOf({ quality }: CompleteSettings, voltages: readonly Row[]): Report["voltage"] {
  return {
    min: quality.voltage.min,
    max: quality.voltage.max,
    minShare: quality.voltage.minShare,
    bins: voltages
      .filter(({ NAME }) => NAME !== null)
      .map((one) => ({ volts: Number(one.NAME), rows: countOf(one.ROWS_COUNTED) }))
      .toSorted((one, other) => one.volts - other.volts),
    without: countOf(voltages.find(({ NAME }) => NAME === null)?.ROWS_COUNTED),
  };
}

/** The load, and those before it, latest first. */
function readRuns(session: Session, runs: string, run: string | undefined): Promise<Row[]> {
  return session.rows(
    `SELECT r.*, (SELECT MAX_BY(LOAD_ID, STARTED_AT) FROM ${runs}) AS LATEST FROM ${runs} r
${run === undefined ? "" : `WHERE STARTED_AT <= (SELECT MAX(STARTED_AT) FROM ${runs} WHERE LOAD_ID = ?)`} ORDER BY STARTED_AT DESC LIMIT ${MOST_RUNS}`,
    run === undefined ? [] : [run],
  );
}

/** Days that the load audited, and for the latest one those that earlier loads left. */
async function readDays(
  session: Session,
  summary: string,
  latest: boolean,
  days: readonly Row[],
  hours: readonly Row[],
): Promise<KeptDay[]> {
  const kept = latest ? await session.rows(`SELECT * FROM ${summary}`) : [];
  const list = new Map<string, KeptDay>();
  const none = Array.from({ length: 24 }, () => null);
  for (const one of kept)
    list.set(dayOf(one.DAY), {
      ...dayFigures(one, countOf(one.INTERVALS)),
      audited: false,
      readingsOfHours: listOf(one.HOURS).map(countOf),
      metersOfHours: none,
    });
  const ofDay = Map.groupBy(hours, ({ DAY }) => dayOf(DAY));
  for (const one of days) {
    const at = new Map(ofDay.get(dayOf(one.DAY))?.map((hour) => [Number(hour.HOUR), hour]));
    const each = (column: string) => none.map((_, hour) => countOf(at.get(hour)?.[column]));
    list.set(dayOf(one.DAY), {
      ...dayFigures(one, countOf(one.TOTAL)),
      audited: true,
      readingsOfHours: each("ROWS_COUNTED"),
      metersOfHours: each("METERS"),
    });
  }
  return [...list.values()];
}

const dayFigures = (row: Row, intervals: number) => ({
  day: dayOf(row.DAY),
  readings: countOf(row.READINGS ?? row.ROWS_COUNTED),
  meters: countOf(row.METERS),
  intervals,
});

/** A VARIANT as the driver gives it: parsed, or as text. */
const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : typeof value === "string" ? (JSON.parse(value) as unknown[]) : [];

function spansOf(begins: readonly Row[], ends: readonly Row[]) {
  const known = (rows: readonly Row[]) => rows.length > 0 && rows.length < MOST_SPANS;
  if (!known(begins) || !known(ends)) return undefined;
  const span = (row: Row): Span => ({
    day: dayOf(row.DAY),
    hour: Number(row.HOUR),
    meters: countOf(row.METERS),
    due: countOf(row.TOTAL),
  });
  return { begins: begins.map(span), ends: ends.map(span) };
}

function checksOf({ checks }: LoadOutputs): Report["checks"] {
  return checkRows.flatMap(([name, { meaning, cure }]) => {
    const result = checks[name];
    return result
      ? [{ name, ...result, examples: result.examples.map(cut), message: cut(result.message), meaning, cure }]
      : [];
  });
}

interface KeptStep {
  step: string;
  startedAt: number;
  seconds: number;
  warehouseSize: string;
}

function stepsOf(row: Row): Report["steps"] {
  const steps = JSON.parse(String(row.STEPS ?? "[]")) as KeptStep[];
  return steps.map(({ startedAt, ...step }) => ({
    ...step,
    startedAt: new Date(startedAt).toISOString().slice(0, 23),
  }));
}

function trendOf(row: Row): Report["trend"][number] {
  const outputs = JSON.parse(String(row.OUTPUTS)) as LoadOutputs;
  return {
    id: String(row.LOAD_ID),
    startedAt: moment(row.STARTED_AT),
    outcome: String(row.OUTCOME),
    totalRows: outputs.totalRows,
    rowsRejected: outputs.rowsRejected,
    filesLoaded: outputs.cost?.files ?? 0,
    seconds: Math.max(0, (instant(row.ENDED_AT) - instant(row.STARTED_AT)) / 1000),
    credits: outputs.cost?.credits ?? 0,
  };
}
