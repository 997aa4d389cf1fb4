/**
 * A console on the local Snowflake, with the stack's warehouse, database and schema in use:
 *   node sandbox/sql.ts                     statements from the terminal or a pipe, each ended by ; at a line's end
 *   node sandbox/sql.ts -c "SELECT 1"       one statement
 * Ends with 1 when a statement of -c or of a pipe failed.
 */
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import snowflake from "snowflake-sdk";
import { accountNames } from "../config/default-names.ts";
import { table } from "./table.ts";

const PROMPT = "sql> ";
const GOES_ON = "  -> ";
const SHOWN_ROWS = 200;

const { values } = parseArgs({
  options: { command: { type: "string", short: "c" }, help: { type: "boolean", short: "h" } },
});
if (values.help) {
  console.log(
    'make sql, or make sql C="SELECT …" for one statement. Statements end with ; at a line\'s end; Ctrl-D leaves.',
  );
} else await main(values.command);

async function main(command: string | undefined): Promise<void> {
  const connection = await connect();
  try {
    if (command !== undefined) await run(connection, command);
    else await converse(connection);
  } finally {
    await new Promise<void>((resolve) => connection.destroy(() => resolve()));
  }
}

async function connect(): Promise<snowflake.Connection> {
  const { env } = process;
  snowflake.configure({ logLevel: "OFF", additionalLogToConsole: false });
  const { databaseName: database, warehouseName: warehouse } = accountNames("sandbox", "");
  const connection = snowflake.createConnection({
    account: `${env.SNOWFLAKE_ORGANIZATION_NAME}-${env.SNOWFLAKE_ACCOUNT_NAME}`,
    accessUrl: `${env.SNOWFLAKE_PROTOCOL}://${env.SNOWFLAKE_HOST}:${env.SNOWFLAKE_PORT}`,
    username: env.SNOWFLAKE_USER ?? "",
    password: env.SNOWFLAKE_PASSWORD ?? "",
    role: env.SNOWFLAKE_ROLE ?? "",
    warehouse,
    database,
    schema: "PRODUCTION",
    // As Snowflake writes them, not as JavaScript would.
    fetchAsString: ["Date", "Number", "JSON", "Buffer"],
    sfRetryMaxLoginRetries: 1,
  });
  try {
    // connectAsync resolves even when the login is refused.
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => (error ? reject(error) : resolve()));
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(
      /ECONNREFUSED|could not reach|Network error/i.test(message)
        ? "the sandbox is not running: start it with `make up`"
        : message,
    );
    process.exit(1);
  }
  return connection;
}

/** Reads statements until there are no more. A person may go on after a mistake, a pipe ends at it. */
async function converse(connection: snowflake.Connection): Promise<void> {
  const { stdin, stdout } = process;
  const person = stdin.isTTY === true;
  const lines = createInterface({ input: stdin, output: stdout, terminal: person, prompt: PROMPT });
  let statement = "";
  if (person) lines.prompt();
  for await (const line of lines) {
    statement += `${line}\n`;
    if (isWhole(statement)) {
      const right = await run(connection, statement.trim().replace(/;$/, ""));
      statement = "";
      if (!right && !person) return;
    }
    if (!person) continue;
    lines.setPrompt(statement.trim() === "" ? PROMPT : GOES_ON);
    lines.prompt();
  }
  if (statement.trim() !== "") await run(connection, statement.trim());
  if (person) stdout.write("\n");
}

/** Whether the text ends with the semicolon that ends a statement: outside of quotes, and of a block at its END. */
function isWhole(text: string): boolean {
  const bare = text
    .replace(/'(?:[^'\\]|\\.|'')*'|"[^"]*"|\$\$[\s\S]*?\$\$/g, "x")
    .replace(/--.*$|\/\*[\s\S]*?\*\//gm, "")
    .trim();
  if (!bare.endsWith(";") || /['"]|\$\$/.test(bare)) return false;
  const isBlock = /^(DECLARE|BEGIN)\b(?!\s*(TRANSACTION|WORK|NAME|;))/i.test(bare);
  return !isBlock || /\bEND\s*;$/i.test(bare);
}

/** Runs a statement and shows what it answers. */
async function run(connection: snowflake.Connection, sqlText: string): Promise<boolean> {
  const startedAt = performance.now();
  try {
    const rows = await new Promise<Record<string, unknown>[]>((resolve, reject) =>
      connection.execute({
        sqlText,
        complete: (error, _statement, found) => (error ? reject(error) : resolve(found ?? [])),
      }),
    );
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(2);
    if (rows.length > 0) console.log(table(rows.slice(0, SHOWN_ROWS)));
    const more = rows.length > SHOWN_ROWS ? `, the first ${SHOWN_ROWS} shown` : "";
    console.log(`${rows.length} ${rows.length === 1 ? "row" : "rows"}${more}, ${seconds} s\n`);
    return true;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
    return false;
  }
}
