/** Times as the driver gives them (dates that read a time without a zone as UTC), as numbers and as texts. */

/** Milliseconds since 1970. */
export function instant(value: unknown): number {
  return value instanceof Date ? value.getTime() : Date.parse(String(value));
}

/** As Snowflake reads it back: "YYYY-MM-DD HH:MM:SS.sss", UTC. */
export function timestamp(value: unknown): string {
  return new Date(instant(value)).toISOString().slice(0, 23).replace("T", " ");
}

/** "YYYY-MM-DDTHH:MM:SS" for people; NTZ, so no zone. Empty for NULL. */
export function moment(value: unknown): string {
  if (value === null || value === undefined) return "";
  const at = instant(value);
  if (Number.isNaN(at)) return farMoment(value);
  return new Date(at)
    .toISOString()
    .replace(/^\+0*/, "")
    .replace(/\.\d+Z$/, "");
}

/** Years beyond what a date holds come from files with another time unit; the driver still has the seconds. */
function farMoment(value: unknown): string {
  const seconds = (value as { getEpochSeconds?: () => number }).getEpochSeconds?.();
  return seconds === undefined
    ? String(value)
    : `about the year ${1970 + Math.floor(seconds / SECONDS_OF_A_YEAR)}`;
}
const SECONDS_OF_A_YEAR = 31_556_952;

const UNITS = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 } as const;

/** Seconds of a duration as Pulumi's `customTimeouts` write it ("8h", "1h30m", "90s"); NaN for anything else. */
export function secondsOf(duration: string): number {
  if (!/^(\d+(\.\d+)?(h|ms|m|s|us|µs|ns))+$/.test(duration)) return Number.NaN;
  const parts = duration.matchAll(/([\d.]+)(h|ms|m|s|us|µs|ns)/g);
  return [...parts].reduce(
    (sum, [, count, unit]) => sum + Number(count) * UNITS[unit as keyof typeof UNITS],
    0,
  );
}
