/**
 * The readings table's shape, declared once: the table is created from it, the load casts to it, the checks read it.
 * Plain data, so that modules without Pulumi may import it.
 */

/** One column of AMI_INTERVAL_READINGS. */
export interface ReadingsColumn {
  /** Name as Snowflake stores it (upper case). */
  readonly name: string;
  /** Snowflake data type in its full spelling, as DESCRIBE TABLE returns it. */
  readonly type: string;
  /** What the column holds; becomes the column's comment in Snowflake. */
  readonly comment: string;
}

/** So many columns came before FILE_ID did; those that are added since come after it, where ADD COLUMN puts them. */
export const COLUMNS_BEFORE_FILE_ID = 7;

/** The guide's seven columns in table order, then those that were added since: a new one goes to the end. */
export const READINGS_COLUMNS = [
  { name: "METER_ID", type: "VARCHAR(16777216)", comment: "Unique meter identifier" },
  { name: "TIMESTAMP", type: "TIMESTAMP_NTZ(9)", comment: "Start of the 15-minute interval, UTC" },
  { name: "USAGE_KWH", type: "FLOAT", comment: "Energy used in the interval, kWh" },
  { name: "VOLTAGE", type: "NUMBER(22,0)", comment: "Voltage, V" },
  { name: "POWER_FACTOR", type: "NUMBER(23,2)", comment: "Power factor, 0 to 1" },
  { name: "CUSTOMER_SEGMENT_ID", type: "VARCHAR(11)", comment: "Customer segment" },
  { name: "SOURCE_TABLE", type: "VARCHAR(16777216)", comment: "Table the reading was exported from" },
] as const satisfies readonly ReadingsColumn[];

/** Expressions of CLUSTER BY, in order, unless a stack has others. */
export const READINGS_CLUSTER_BY: readonly string[] = ["DATE_TRUNC('day', TIMESTAMP)", "METER_ID"];

/** Whether the texts can be a clustering key of the readings: expressions on their columns, one of the time first. */
export function isClusterKey(expressions: readonly string[]): boolean {
  return (
    expressions.length > 0 &&
    expressions.length <= 4 &&
    /\bTIMESTAMP\b/.test(expressions[0] ?? "") &&
    expressions.every((expression) => {
      const column = CLUSTER_EXPRESSION.exec(expression)?.slice(1).find(Boolean);
      return READINGS_COLUMNS.some(({ name }) => name === column);
    })
  );
}

/** A column, its date, the part of a time, or a part of a text: no other text reaches a statement. */
const CLUSTER_EXPRESSION =
  /^(?:([A-Z_]+)|TO_DATE\((TIMESTAMP)\)|DATE_TRUNC\('(?:hour|day|week|month|year)', (TIMESTAMP)\)|SUBSTR\(([A-Z_]+), \d{1,4}(?:, \d{1,4})?\))$/;
