/** What a load must come to, as a plain model in memory: files, published rows, rows by others, and the checks it may fail. */
import type { Reading } from "../../../sandbox/test/support/parquet-fixtures.ts";

/** A file in the bucket: what it holds, and what a load makes of it. */
export interface ModelFile {
  /** Contents, for comparing. */
  body: Buffer;
  /** The rows that convert. */
  rows: readonly Reading[];
  /** Rows that do not convert. */
  bad: number;
  /** Its footer or its pages cannot be read. */
  unreadable: boolean;
  /** Lacks a column of the key. */
  keyless: boolean;
}

/** A file whose rows were published, and what became of them. */
interface LiveFile {
  body: Buffer;
  /** As accounted. */
  loaded: number;
  rejected: number;
  /** As they lie in the table now. */
  rows: Reading[];
}

/** Settings of a load that make a difference here. */
export interface ModelSettings {
  replacedFiles: "fail" | "skip" | "replace";
  negative: "fail" | "quarantine";
  duplicates: "fail" | "warn";
  maxRejectedRows: number;
  maxUnreadable: number;
  publish: boolean;
  verifyAll: boolean;
}

/** How a load ends: all well, refused by these checks, or with an error of that kind. */
export type Ending = { refused: string[] } | { error: string } | "well";

export class LoadModel {
  readonly bucket = new Map<string, ModelFile>();
  readonly live = new Map<string, LiveFile>();
  /** Rows by others. */
  foreign: Reading[] = [];
  /** Rows that the days' summary knows of. */
  private summarised = 0;
  /** The readings are as the load that published last left them. */
  summariesHold = true;
  /** A load published what the control row stands for. */
  private verdictKnown = false;

  get rows(): Reading[] {
    return [...[...this.live.values()].flatMap(({ rows }) => rows), ...this.foreign];
  }

  /** The readings were changed, by no load. */
  byHand(): void {
    this.summariesHold = false;
  }

  truncate(): void {
    for (const file of this.live.values()) file.rows = [];
    this.foreign = [];
    this.byHand();
  }

  forget(name: string): void {
    this.live.delete(name);
    this.verdictKnown = false;
    this.byHand();
  }

  /**
   * How a load with these settings ends.
   * @param happens false: only tells
   */
  load(settings: ModelSettings, happens = true): Ending {
    const rows = this.rows.length;
    const loaded = [...this.live.values()].reduce((sum, file) => sum + file.loaded, 0);
    const emptied = rows === 0 && loaded > 0;
    const known = emptied ? new Map<string, LiveFile>() : this.live;
    const changed = [...this.bucket].filter(
      ([name, { body }]) => known.get(name)?.body.equals(body) === false,
    );
    const fresh = [...this.bucket].filter(([name]) => !known.has(name));
    if (changed.length > 0 && settings.replacedFiles === "fail") return { error: "replaced-files" };
    const replaced = settings.replacedFiles === "replace" ? changed : [];
    const files = [...fresh, ...replaced];
    if (this.bucket.size === 0 && rows === 0) return { error: "no-files" };
    const whole = settings.verifyAll || replaced.length > 0 || emptied || this.summarised !== rows;
    if (files.length === 0 && !whole && this.verdictKnown) return "well";

    if (files.some(([, file]) => file.keyless)) return { error: "schema-mismatch" };
    const landed = files.filter(([, file]) => !file.unreadable);
    const published = landed.map(([name, file]) => ({ name, ...accept(file, settings) }));
    const removed = landed.flatMap(([name]) => known.get(name) ?? []);
    const staying = [...this.live.values()]
      .filter((file) => !removed.includes(file))
      .flatMap((file) => file.rows);
    const fails = [
      files.length - landed.length > settings.maxUnreadable && "unreadableFiles",
      sum(published, ({ rejected }) => rejected) > settings.maxRejectedRows && "rejectedRows",
      [...this.live].some(([name, file]) =>
        emptied ? file.loaded > 0 && !this.bucket.has(name) : file.rows.length < file.loaded,
      ) && "accountedRows",
      settings.negative === "fail" &&
        published.some(({ rows }) => rows.some(({ usageKwh }) => usageKwh < 0)) &&
        "usageNotNegative",
      settings.duplicates === "fail" &&
        duplicates(
          [...staying, ...this.foreign],
          published.flatMap((file) => file.rows),
          whole || files.length === 0,
        ) > 0 &&
        "duplicates",
    ].filter((check) => check !== false);
    if (fails.length > 0) return { refused: fails };
    if (!settings.publish || !happens) return "well";
    if (emptied) this.live.clear();
    for (const { name, rows, rejected } of published) {
      const { body } = this.bucket.get(name) as ModelFile;
      this.live.set(name, { body, loaded: rows.length, rejected, rows: [...rows] });
    }
    this.summarised = this.rows.length;
    this.summariesHold = true;
    this.verdictKnown = true;
    return "well";
  }
}

function accept(file: ModelFile, { negative }: ModelSettings): { rows: Reading[]; rejected: number } {
  const rows = file.rows.filter(({ usageKwh }) => negative === "fail" || usageKwh >= 0);
  return { rows, rejected: file.bad + file.rows.length - rows.length };
}

/** Surplus rows for a meter and time, over the days that new rows touch, or all. */
function duplicates(there: readonly Reading[], added: readonly Reading[], whole: boolean): number {
  const dayOf = ({ timestamp }: Reading) => timestamp?.toISOString().slice(0, 10);
  const days = new Set(added.map(dayOf));
  const rows = [...there, ...added].filter((row) => whole || days.has(dayOf(row)));
  return rows.length - new Set(rows.map((row) => `${row.meterId} ${row.timestamp?.getTime()}`)).size;
}

const sum = <T>(values: readonly T[], of: (value: T) => number) =>
  values.reduce((total, value) => total + of(value), 0);

const text = ({ meterId, timestamp, usageKwh }: Reading) =>
  `${meterId} ${timestamp?.toISOString().slice(0, 19)} ${usageKwh}`;

/** Everything that the account must show, in words that can be compared. */
export function expected(model: LoadModel) {
  return {
    readings: [
      ...[...model.live].flatMap(([name, file]) => file.rows.map((row) => `${name}: ${text(row)}`)),
      ...model.foreign.map((row) => `nobody's: ${text(row)}`),
    ].sort(),
    accounting: [...model.live]
      .map(([name, { loaded, rejected }]) => `${name}: ${loaded} and ${rejected} rejected`)
      .sort(),
    rejected: [...model.live]
      .filter(([, { rejected }]) => rejected > 0)
      .map(([name, { rejected }]) => `${name}: ${rejected}`)
      .sort(),
    ...(model.summariesHold && summaries(model.rows)),
  };
}

/** What METERS and DAYS must hold of these readings, four of a day. */
function summaries(rows: readonly Reading[]) {
  const line = (key: string, some: readonly Reading[], counted: (number | string)[]) => {
    const times = some.map(({ timestamp }) => timestamp?.toISOString().slice(0, 19) ?? "").sort();
    return [key, times[0], times.at(-1), some.length, ...counted].join(" ");
  };
  const cells = (some: readonly Reading[]) =>
    new Set(some.map(({ meterId, timestamp }) => `${meterId} ${timestamp?.getTime()}`)).size;
  const by = (key: (row: Reading) => string) => Map.groupBy(rows, key);
  return {
    meters: [...by(({ meterId }) => meterId ?? "")]
      .map(([meter, some]) => line(meter, some, [cells(some)]))
      .sort(),
    days: [...by(({ timestamp }) => timestamp?.toISOString().slice(0, 10) ?? "")]
      .map(([day, some]) => line(day, some, [new Set(some.map(({ meterId }) => meterId)).size, cells(some)]))
      .sort(),
  };
}
