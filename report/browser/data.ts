/** What the page's script is given. Lists instead of objects: names would be most of it. */
export interface PageData {
  /** Where the map's cells lie in its picture. */
  map: { top: number; row: number; left: number; width: number; whole: number };
  /** Readings of each hour, how many fewer they are than due (null: not on record), and meters (0: not on record). */
  days: [day: string, readings: number[], lacking: (number | null)[], meters: (number | null)[] | 0][];
  /** Files that are shown at once. */
  shown: number;
  files: [
    name: string,
    status: string,
    bytes: number | null,
    rows: number | null,
    rejected: number | null,
    at: string,
    why: string,
  ][];
}
