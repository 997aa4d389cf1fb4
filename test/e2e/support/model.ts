/**
 * A plain model of a table that is loaded: which file has which rows. After every load that says that all is well, the
 * account has to hold just that, whatever happened before.
 */
import type { Reading } from "../../../sandbox/test/support/parquet-fixtures.ts";
import { type LoadCloud, WAREHOUSE } from "./load-cloud.ts";

export interface Model {
  table: string;
  /** Rows of each file that is published, as they lie in it. */
  files: Map<string, readonly Reading[]>;
  /** Whether a row is rejected. @default none is */
  rejects?: (row: Reading) => boolean;
}

interface FileSum {
  file: string;
  rows: number;
  rejected: number;
  usage: number;
  volts: number;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const rounded = (value: unknown) => Math.round(Number(value) * 1000) / 1000;

function expectedSums({ files, rejects = () => false }: Model): FileSum[] {
  return [...files]
    .map(([file, rows]) => {
      const accepted = rows.filter((row) => !rejects(row));
      return {
        file,
        rows: accepted.length,
        rejected: rows.length - accepted.length,
        usage: rounded(sum(accepted.map(({ usageKwh }) => usageKwh))),
        volts: sum(accepted.map(({ voltage }) => voltage)),
      };
    })
    .sort((one, other) => (one.file < other.file ? -1 : 1));
}

/** What is wrong with the account, by the model: empty when nothing is. */
export async function faultsOf(cloud: LoadCloud, model: Model): Promise<string[]> {
  const { sql } = cloud;
  const of = (suffix = "") => `FLUX_LOAD_TEST.PRODUCTION.${model.table}${suffix}`;
  const faults: string[] = [];
  const same = (what: string, found: unknown, expected: unknown) => {
    const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
    if (one !== other) faults.push(`${what}: ${one}, not ${other}`);
  };
  const expected = expectedSums(model);

  const live = `(SELECT * FROM ${of("_LOADS")} WHERE DISCARDED_AT IS NULL)`;
  const found = await sql(
    `SELECT SPLIT_PART(l.FILE, '/', -1) AS FILE, COUNT(r.FILE_ID) AS N, COALESCE(SUM(r.USAGE_KWH), 0) AS USAGE, COALESCE(SUM(r.VOLTAGE), 0) AS VOLTS
FROM ${live} l LEFT JOIN ${of()} r ON r.FILE_ID = l.FILE_ID GROUP BY l.FILE, l.FILE_ID ORDER BY 1`,
  );
  same(
    "rows of the files",
    found.map(({ FILE, N, USAGE, VOLTS }) => [FILE, Number(N), rounded(USAGE), Number(VOLTS)]),
    expected.map(({ file, rows, usage, volts }) => [file, rows, usage, volts]),
  );
  const accounted = await sql(
    `SELECT SPLIT_PART(FILE, '/', -1) AS FILE, ROWS_PARSED AS PARSED, ROWS_LOADED AS LOADED, ROWS_REJECTED AS REJECTED FROM ${live} l ORDER BY 1`,
  );
  same(
    "accounting",
    accounted.map(({ FILE, PARSED, LOADED, REJECTED }) => [FILE, PARSED, LOADED, REJECTED]),
    expected.map(({ file, rows, rejected }) => [file, rows + rejected, rows, rejected]),
  );
  const rejected = await sql(
    `SELECT SPLIT_PART(l.FILE, '/', -1) AS FILE, COUNT(r.FILE_ID) AS N, COUNT(DISTINCT r.ROW_NUMBER) AS NUMBERS FROM ${live} l LEFT JOIN ${of("_REJECTED")} r ON r.FILE_ID = l.FILE_ID GROUP BY 1 ORDER BY 1`,
  );
  same(
    "rejected rows",
    rejected.map(({ FILE, N, NUMBERS }) => [FILE, N, NUMBERS]),
    expected.map(({ file, rejected: n }) => [file, n, n]),
  );

  const [counts] = await sql(
    `SELECT (SELECT COUNT(*) FROM ${of()}) AS N, (SELECT COUNT(*) FROM ${of("_CONTROL")}) AS CONTROLS,
  (SELECT COUNT(*) FROM ${of("_REJECTED")} WHERE FILE_ID NOT IN (SELECT FILE_ID FROM ${of("_LOADS")})) AS STRAY`,
  );
  same("readings, control rows, rejected rows of no file", counts, {
    N: sum(expected.map(({ rows }) => rows)),
    CONTROLS: 1,
    STRAY: 0,
  });
  const slot = "TIMESTAMP::DATE::VARCHAR || FLOOR((HOUR(TIMESTAMP) * 60 + MINUTE(TIMESTAMP)) / 15)";
  const computed = {
    _METERS: `SELECT METER_ID, MIN(TIMESTAMP) AS FIRST_AT, MAX(TIMESTAMP) AS LAST_AT, COUNT(*) AS READINGS, COUNT(DISTINCT ${slot}) AS INTERVALS FROM ${of()} GROUP BY METER_ID`,
    _DAYS: `SELECT TIMESTAMP::DATE AS DAY, MIN(TIMESTAMP) AS FIRST_AT, MAX(TIMESTAMP) AS LAST_AT, COUNT(*) AS READINGS, COUNT(DISTINCT METER_ID) AS METERS, COUNT(DISTINCT METER_ID || ${slot}) AS INTERVALS FROM ${of()} GROUP BY 1`,
  };
  for (const [summary, select] of Object.entries(computed)) {
    const columns = summary === "_METERS" ? "METER_ID, FIRST_AT, LAST_AT" : "DAY, FIRST_AT, LAST_AT";
    const more = summary === "_METERS" ? "READINGS, INTERVALS" : "READINGS, METERS, INTERVALS";
    const kept = `SELECT ${columns}, ${more} FROM ${of(summary)}`;
    const [differing] = await sql(
      `SELECT (SELECT COUNT(*) FROM ((${kept}) MINUS (${select})) a) AS SURPLUS, (SELECT COUNT(*) FROM ((${select}) MINUS (${kept})) b) AS LACKING, (SELECT COUNT(*) FROM (${select}) c) - (SELECT COUNT(*) FROM (${kept}) d) AS MORE`,
    );
    same(`summary ${summary}`, differing, { SURPLUS: 0, LACKING: 0, MORE: 0 });
  }
  return [...faults, ...(await unrest(cloud, model.table))];
}

/** What is not at rest: the warehouse, transactions, loads that are put down as being at work. */
async function unrest({ sql }: LoadCloud, table: string): Promise<string[]> {
  const [warehouse] = await sql(`SHOW WAREHOUSES LIKE '${WAREHOUSE}'`);
  const open = await sql("SHOW TRANSACTIONS IN ACCOUNT");
  const turns = await sql(`SELECT HOLDER FROM FLUX_LOAD_TEST.PRODUCTION.${table}_LOAD_LOCK`);
  return [
    ...(warehouse?.size === "Medium" ? [] : [`warehouse: ${warehouse?.size}`]),
    ...open.map((transaction) => `open transaction: ${JSON.stringify(transaction)}`),
    ...turns.map(({ HOLDER }) => `at work: ${HOLDER}`),
  ];
}

/** Tables in which loads audit. */
export async function auditTables({ sql }: LoadCloud, table: string): Promise<string[]> {
  const shown = await sql("SHOW TABLES IN SCHEMA FLUX_LOAD_TEST.PRODUCTION");
  return shown.map(({ name }) => String(name)).filter((name) => name.startsWith(`${table}_AUDIT_`));
}
