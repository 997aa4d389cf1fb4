import type { TableColumn } from "../catalog/model.ts";
import { typeName } from "../engine/types.ts";
import { SnowflakeError } from "../errors.ts";
import type { ColumnType } from "../result.ts";

/** Families of types. */
const familyOf = ({ type }: ColumnType): string =>
  type === "fixed" || type === "real" ? "number" : type.startsWith("timestamp") ? "timestamp" : type;

/**
 * What a column of a family takes besides values of its own (docs: Data type conversion, where coercion stands beside
 * casting; the rest as seen by others, not verified). A VARIANT is taken by all, and looked at row by row.
 */
const taken: Readonly<Record<string, string>> = {
  number: "text",
  text: "number boolean date time timestamp binary object array",
  boolean: "text number",
  date: "text timestamp",
  time: "text timestamp",
  timestamp: "text date",
  binary: "text",
  variant: "number boolean date time timestamp binary object array",
  object: "",
  array: "",
};

/** Refuses a value whose type a column does not take, before any row is written; of one without a known type nothing. */
export function requireStorable({ name, type: to }: TableColumn, from: ColumnType | undefined): void {
  if (!from || familyOf(from) === familyOf(to) || from.type === "variant") return;
  if (taken[familyOf(to)]?.split(" ").includes(familyOf(from))) return;
  throw new SnowflakeError(
    "002023",
    "22000",
    `SQL compilation error:\nExpression type does not match column data type, expecting ${typeName(to)} but got ${typeName(from)} for column ${name}`,
  );
}
