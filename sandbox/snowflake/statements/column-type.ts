import type { Column, ColumnType } from "../result.ts";

/** A result column's type without its name. */
export const typeOnly = ({ name: _name, nullable: _nullable, ...type }: Column): ColumnType =>
  type as ColumnType;
