import type { CopyOptions } from "./copy-options.ts";
import type { ObjectName, StageLocation } from "./values.ts";

/** Statements about files. */

export interface CopyIntoTable {
  kind: "copyIntoTable";
  table: ObjectName;
  /** The column list after the table's name, if there is one. */
  columns?: string[];
  source:
    | StageLocation
    | { type: "url"; url: string }
    /** FROM (SELECT … FROM @stage …): the text between the parentheses. */
    | { type: "query"; sql: string };
  options: CopyOptions;
}

/** COPY INTO @stage or 's3://…' FROM table or (query): unloading. */
interface CopyIntoLocation {
  kind: "copyIntoLocation";
}

export interface ListStage {
  kind: "list";
  location: StageLocation;
  /** A regular expression over the file's whole name. */
  pattern?: string;
}

/** PUT and GET. */
export interface TransferFiles {
  kind: "put" | "get";
  /** On the client's disk: a file, or a pattern of files; of GET a folder. */
  file: string;
  location: StageLocation;
  options: ReadonlyMap<string, string>;
}

export interface RemoveFiles {
  kind: "remove";
  location: StageLocation;
  pattern?: string;
}

export type LoadStatement = CopyIntoTable | CopyIntoLocation | ListStage | TransferFiles | RemoveFiles;
