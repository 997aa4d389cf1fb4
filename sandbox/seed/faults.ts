/** A thing that is wrong in every file, as people meet it; as SQL around the readings that are right. */
interface FaultKind {
  /** What a file has then, for --help. */
  readonly about: string;
  /**
   * @param first condition for the file's first meter
   * @param place of the file's day among those that are made
   */
  readonly sql: (readings: string, first: string, place: Place) => string;
}

/** Whether there is another day before, and after. */
export interface Place {
  readonly before: boolean;
  readonly after: boolean;
}

const hour = (number: number) => `(epoch("TIMESTAMP")::BIGINT % 86400) // 3600 = ${number}`;
const LAST_OF_DAY = 'epoch("TIMESTAMP")::BIGINT % 86400 = 85500';

/** The faults that files can be given, in the order in which they are applied. */
const KINDS = {
  gap: {
    about: "one meter lacks the four readings of an hour",
    sql: (readings, first) => `SELECT * FROM (${readings}) WHERE NOT (${first} AND ${hour(10)})`,
  },
  duplicates: {
    about: "one meter has the four readings of an hour twice",
    sql: (readings, first) =>
      `SELECT * FROM (${readings}) UNION ALL SELECT * FROM (${readings}) WHERE ${first} AND ${hour(5)}`,
  },
  nulls: {
    about: "four more readings have no METER_ID",
    sql: (readings, first) =>
      `SELECT * FROM (${readings}) UNION ALL
       SELECT * REPLACE (NULL::VARCHAR AS METER_ID) FROM (${readings}) WHERE ${first} AND ${hour(3)}`,
  },
  late: {
    about:
      "one meter's last reading of a day comes with the next day's file (DAYS=2 or more); that is all right",
    sql: (readings, first, { before, after }) => {
      const last = `${first} AND ${LAST_OF_DAY}`;
      const own = after ? `SELECT * FROM (${readings}) WHERE NOT (${last})` : readings;
      const carried = `SELECT * REPLACE ("TIMESTAMP" - INTERVAL 1 DAY AS "TIMESTAMP") FROM (${readings}) WHERE ${last}`;
      return before ? `${own} UNION ALL ${carried}` : own;
    },
  },
  voltage: {
    about: "one meter in ten reads 100 V",
    sql: (readings) =>
      `SELECT * REPLACE ((CASE WHEN substr(METER_ID, 5)::BIGINT % 10 = 1 THEN 100 ELSE VOLTAGE END)::DECIMAL(22,0) AS VOLTAGE)
       FROM (${readings})`,
  },
  unknown: {
    about: "a meter reports that METER_INFRASTRUCTURE does not know",
    sql: (readings, first) =>
      `SELECT * FROM (${readings}) UNION ALL
       SELECT * REPLACE ('MTR-UNKNOWN' AS METER_ID) FROM (${readings}) WHERE ${first}`,
  },
  years: {
    about: "one more reading lies 200 years ahead",
    sql: (readings, first) =>
      `SELECT * FROM (${readings}) UNION ALL
       SELECT * REPLACE ("TIMESTAMP" + INTERVAL 200 YEAR AS "TIMESTAMP") FROM (${readings}) WHERE ${first} AND ${LAST_OF_DAY}`,
  },
  text: {
    about: "USAGE_KWH is text, and no number four times",
    sql: (readings, first) =>
      `SELECT * REPLACE (CASE WHEN ${first} AND ${hour(12)} THEN 'n/a' ELSE USAGE_KWH::VARCHAR END AS USAGE_KWH)
       FROM (${readings})`,
  },
} as const satisfies Record<string, FaultKind>;

export type Fault = keyof typeof KINDS;
export const FAULTS = Object.keys(KINDS) as Fault[];

/** Name and meaning of each fault, a line each. */
export const faultsHelp = (): string =>
  FAULTS.map((fault) => `  ${fault.padEnd(11)} ${KINDS[fault].about}`).join("\n");

/**
 * A file's readings with faults in them.
 * @param first condition for the file's first meter
 * @param place of the file's day among those that are made
 */
export function withFaults(readings: string, faults: readonly Fault[], first: string, place: Place): string {
  return FAULTS.filter((fault) => faults.includes(fault)).reduce(
    (sql, fault) => KINDS[fault].sql(sql, first, place),
    readings,
  );
}
