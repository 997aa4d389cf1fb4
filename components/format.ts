/** Figures as people read them, and lines at a pace that they can follow. */

export type Log = (line: string) => void;

/** Seconds between two lines about the same work. */
const LINE_EVERY_SECONDS = 10;

const count = new Intl.NumberFormat("en-US");
export const number = (value: number) => count.format(value);
export const plural = (value: number, one: string) => `${number(value)} ${one}${value === 1 ? "" : "s"}`;

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let size = value;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 || size >= 99.95 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** The same, with tenths of a second below ten. */
export function precise(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(1)} s` : duration(seconds);
}

/** Logs at once, then at most every ten seconds: long work shows that it lives without flooding a log. */
export function throttled(log: Log, now: () => number = Date.now): Log {
  let next = 0;
  return (line) => {
    if (now() < next) return;
    next = now() + LINE_EVERY_SECONDS * 1000;
    log(line);
  };
}

/** A share as people read it, rounded towards zero: what misses a threshold must not look as if it met it. */
export function percent(share: number): string {
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}

const MOST_NAMES = 5;

/** The first few names, and how many more there are. */
export function namesOf(files: readonly { name: string }[]): string {
  const more = files.length - MOST_NAMES;
  const names = files.slice(0, MOST_NAMES).map(({ name }) => name);
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
