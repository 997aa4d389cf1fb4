import type { Execution } from "../context.ts";
import type { Account, Database, Schema, SchemaObjects } from "./model.ts";
import type { Visible } from "./shares.ts";

/** What names are resolved against: the account, current database and schema, and role of a session. */
export type Context = Pick<Execution, "cloud" | "session">;

/** Where a schema was found. */
export interface Place {
  /** The session's account. */
  account: Account;
  /** The database as the session's account names it; a mounted share has `origin`. */
  mounted: Database;
  /** The account and the database that hold the data; those of the provider for a mounted share. */
  dataAccount: Account;
  database: Database;
  schema: Schema;
  /** Mounted from a share: nothing in it may be changed. */
  readOnly: boolean;
  /** What of the schema this session's account may see at all. */
  visible: Visible;
}

export interface Found<Object> extends Place {
  object: Object;
  /** Where it is kept: the schema, or the session's temporary objects in it. */
  layer: SchemaObjects;
  /** DB.SCHEMA.NAME as Snowflake prints it. */
  fullName: string;
}

export const accountOf = ({ cloud, session }: Context): Account =>
  cloud.catalog.accountOfKey(session.account);
