import type { ChildResult, Execution, Handler } from "../context.ts";
import { unsupported } from "../errors.ts";
import { chained, isScript, splitStatements, upperNames, withResults } from "../grammar/lexer.ts";
import { parse, statementCount } from "../grammar/parse.ts";
import { parseScript } from "../grammar/parse-scripting.ts";
import type { Statement } from "../grammar/statement.ts";
import { parseTransfer } from "../grammar/transfer.ts";
import { requireStatementSize } from "../limits.ts";
import { parameterOf } from "../parameters.ts";
import { type ResultSet, text } from "../result.ts";
import { isFirst } from "../switches.ts";
import { handlers } from "./index.ts";
import { requireRole } from "./session.ts";
import { prepareTransaction, withinTransaction } from "./transactions.ts";

/** Runs a statement: parses it, tells the history what it is, hands it to its handler. */
export async function run(execution: Execution): Promise<ResultSet> {
  requireStatementSize(execution.sql);
  // Docs: Parameters, QUOTED_IDENTIFIERS_IGNORE_CASE. Names inside texts, as IDENTIFIER('"a"') has them, keep their case here.
  const ignoreCase = parameterOf(execution.session, "QUOTED_IDENTIFIERS_IGNORE_CASE") === "true";
  const sql = ignoreCase ? upperNames(execution.sql) : execution.sql;
  const transfer = parseTransfer(sql, execution.binds);
  const statements = transfer ? [sql] : splitStatements(sql);
  const wanted = execution.statementCount;
  if (statements.length > 0 && wanted !== 0 && wanted !== statements.length)
    throw statementCount(statements.length, wanted);
  const links = statements.length > 1 || isScript(sql) ? [] : chained(sql);
  if (execution.describeOnly && statements.length + links.length > 2)
    throw unsupported("describing several statements");
  if (statements.length > 1) return await several(execution, statements);
  if (links.length > 1) return await chain(execution, links);
  const statement =
    transfer ??
    parseScript(sql) ??
    parse(
      sql,
      execution.variables,
      parameterOf(execution.session, "TIMESTAMP_TYPE_MAPPING"),
      execution.binds,
    );
  execution.record.queryType = queryType(statement);
  execution.cloud.queries.update(execution.record);
  execution.session.queryIds.push(execution.queryId);
  // USE ROLE is what can still help.
  if (statement.kind !== "useRole") requireRole(execution);
  if (execution.describeOnly && !describable.has(statement.kind)) return compiled(statement);
  if (!execution.describeOnly) await prepareTransaction(statement, execution);
  if (isFirst(execution.cloud.switches, "killedAt", sql)) process.kill(process.pid, "SIGKILL");
  const handler = handlers[statement.kind] as Handler;
  return await withinTransaction(execution, async () => await handler(statement, execution));
}

/** What a description may run: it looks at describeOnly itself, or changes nothing anyway. */
const describable: ReadonlySet<Statement["kind"]> = new Set<Statement["kind"]>([
  "query",
  "dml",
  "multiInsert",
  "block",
  "explain",
  "list",
  "show",
  "showGrants",
  "showParameters",
  "describe",
]);

/**
 * A statement that is only described is compiled and not executed (docs of the drivers: cursor.describe()). Of what it
 * names nothing is looked up here, where a real account would (not verified).
 */
function compiled({ kind }: Statement): ResultSet {
  if (
    ["executeImmediate", "call", "copyIntoTable", "copyIntoLocation", "put", "get", "remove"].includes(kind)
  )
    throw unsupported(`describing a statement of the kind ${kind}`);
  return { columns: [text("status")], rows: [] };
}

/** Statements of which each reads the results of those before it; the last one's is the answer (docs: Flow operators). */
async function chain(execution: Execution, links: readonly string[]): Promise<ResultSet> {
  if (execution.binds.size > 0) throw unsupported("bound values in statements with ->>");
  const queryIds: string[] = [];
  let last: ChildResult | undefined;
  for (const sql of links) {
    last = await execution.child(withResults(sql, queryIds), execution.session);
    queryIds.push(last.queryId);
  }
  const { result, record } = last as ChildResult;
  execution.record.queryType = record.queryType;
  return result;
}

/** Several statements in one request, up to the first that fails; clients fetch their results one by one. */
async function several(execution: Execution, statements: readonly string[]): Promise<ResultSet> {
  if (execution.binds.size > 0) throw unsupported("bound values with several statements");
  execution.record.queryType = "MULTI_STATEMENT";
  const children: NonNullable<ResultSet["children"]> = [];
  for (const sql of statements) {
    const { queryId, record } = await execution.child(sql, execution.session);
    children.push({ queryId, queryType: record.queryType });
  }
  return {
    columns: [text("multiple statement execution")],
    rows: [["Multiple statements executed successfully."]],
    children,
  };
}

/** QUERY_TYPE as the query history shows it. */
function queryType(statement: Statement): string {
  switch (statement.kind) {
    case "query":
      return "SELECT";
    case "dml":
      return statement.verb;
    case "multiInsert":
      return "MULTI_TABLE_INSERT";
    case "copyIntoTable":
      return "COPY";
    case "copyIntoLocation":
      return "UNLOAD";
    case "createTableAs":
      return "CREATE_TABLE_AS_SELECT";
    case "createObject":
    case "dropObject":
    case "alterObject": {
      const verb = statement.kind.slice(0, -"Object".length).toUpperCase();
      return `${verb}_${statement.type.replaceAll(" ", "_")}`;
    }
    case "begin":
      return "BEGIN_TRANSACTION";
    case "grantPrivileges":
    case "grantRole":
    case "grantOwnership":
      return "GRANT";
    case "revokePrivileges":
    case "revokeRole":
      return "REVOKE";
    case "useRole":
    case "useWarehouse":
    case "useDatabase":
    case "useSchema":
    case "useSecondaryRoles":
      return "USE";
    case "list":
    case "put":
    case "get":
    case "remove":
      return `${statement.kind.toUpperCase()}_FILES`;
    default:
      return statement.kind.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  }
}
