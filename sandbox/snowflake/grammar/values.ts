/** What statements are made of, as the grammar reads it. */

/** One to three identifiers: database, schema, object; the missing ones come from the session. */
export type ObjectName = readonly string[];

/** Where a property or a name stands in the statement: line from 1, position (column) from 0. */
interface Place {
  line: number;
  position: number;
}

export type Value =
  | { type: "string"; value: string }
  | { type: "number"; value: number; text: string }
  | { type: "boolean"; value: boolean }
  /** A word or a dotted name that is not quoted as a string: XLARGE, "DB1"."SC1"."FF1". */
  | { type: "name"; parts: ObjectName; text: string }
  | { type: "list"; items: Value[] }
  | { type: "properties"; properties: Property[] };

/** `NAME = value`, in whatever order they were written. The name is upper-cased. */
export interface Property {
  name: string;
  value: Value;
  place: Place;
}

/** `@[db.][schema.]stage[/path]`, `@~/path` and `@%table/path`. The path has no leading slash. */
export type StageLocation =
  | { type: "stage"; stage: ObjectName; path: string }
  | { type: "userStage"; path: string }
  | { type: "tableStage"; table: ObjectName; path: string };

/** AUTOINCREMENT or IDENTITY of a column. */
export interface Identity {
  start: number;
  increment: number;
  ordered: boolean;
}
