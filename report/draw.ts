/** Draws the report of a load: a page that needs nothing but a browser, and beside it all of it as JSON. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Connection } from "../components/snowflake/connection.ts";
import { explain } from "../components/snowflake/errors.ts";
import { openLoadSession, surroundingsOf } from "../components/verified-load/load-session.ts";
import type { CompleteSettings } from "../components/verified-load/settings.ts";
import { assets } from "./assets.ts";
import { readReport, type Wanted } from "./read.ts";
import { type Report, SCHEMA_FILE } from "./schema.ts";

/** Where reports lie, below the working directory. */
const FOLDER = ".report";

/** Reads what is on record of a load and draws it. Returns the page's path. */
export async function drawReport(
  settings: CompleteSettings,
  connection: Connection,
  wanted: Wanted,
): Promise<string> {
  try {
    const session = await openLoadSession(connection, settings);
    try {
      return await writeReport(await readReport(session, settings, wanted));
    } finally {
      await session.close();
    }
  } catch (error) {
    throw explain(error, surroundingsOf(settings), "reading what is on record of the load");
  }
}

/** @returns the page's path */
export async function writeReport(report: Report, folder = join(FOLDER, report.stack)): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const file = (ending: string) => join(folder, `${report.load.id}.${ending}`);
  const schema = join(folder, "report.schema.json");
  writeFileSync(schema, readFileSync(SCHEMA_FILE));
  writeFileSync(file("json"), `${JSON.stringify({ $schema: `./${relative(folder, schema)}`, ...report })}\n`);
  // Not before it is needed: it is of JSX, which Node reads only once jsx.ts was imported.
  const { page } = await import("./page.tsx");
  writeFileSync(file("html"), page(report, assets()));
  return file("html");
}
