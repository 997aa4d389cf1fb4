import type { Execution, Handler } from "../../context.ts";
import { SnowflakeError, unsupported } from "../../errors.ts";
import { parseScript } from "../../grammar/parse-scripting.ts";
import type { Block } from "../../grammar/scripting.ts";
import type { StatementOf } from "../../grammar/statement.ts";
import type { ResultSet } from "../../result.ts";
import { scopedSession } from "../transactions.ts";
import { ScriptException } from "./exceptions.ts";
import { Expressions } from "./expressions.ts";
import { Frame } from "./frame.ts";
import { Interpreter } from "./interpreter.ts";
import { adopted } from "./rows.ts";

/** An anonymous block (docs: Snowflake Scripting blocks). */
export const block: Handler<StatementOf<"block">> = async (statement, execution) => {
  if (execution.binds.size > 0) throw unsupported("bind variables in an anonymous block");
  return await runBlock(statement.block, execution);
};

/** EXECUTE IMMEDIATE of a block or of any other statement (docs: EXECUTE IMMEDIATE). */
export const executeImmediate: Handler<StatementOf<"executeImmediate">> = async (statement, execution) => {
  const expressions = new Expressions(execution, execution.session);
  try {
    const { value } = await expressions.value(statement.statement, new Frame());
    const sql = value ?? "";
    const script = parseScript(sql);
    if (script?.kind === "block") return await runBlock(script.block, execution);
    const using = await Promise.all(statement.using.map((each) => expressions.value(each, new Frame())));
    const { result } = await execution.child(sql, execution.session, {
      bare: false,
      value: (name) => using[Number(name) - 1],
    });
    return await adopted(execution, result);
  } catch (error) {
    // Outside a block there is no exception: the expression's own error is the statement's.
    throw error instanceof ScriptException ? error.original : error;
  }
};

async function runBlock(block: Block, execution: Execution): Promise<ResultSet> {
  if (execution.describeOnly) throw unsupported("describing an anonymous block");
  const session = scopedSession(execution.session);
  const interpreter = new Interpreter(execution, session);
  try {
    const result = await interpreter.run(block);
    if (isOpen(execution, session)) throw incomplete();
    return result;
  } catch (error) {
    throw error instanceof ScriptException ? error.uncaught : error;
  } finally {
    if (isOpen(execution, session)) await execution.cloud.transactions.end(session, "ROLLBACK");
    // To the session the block is one statement: LAST_QUERY_ID() answers its ID.
    const { queryIds } = execution.session;
    for (const queryId of interpreter.queryIds) {
      const index = queryIds.lastIndexOf(queryId);
      if (index >= 0) queryIds.splice(index, 1);
    }
  }
}

const isOpen = (execution: Execution, session: Execution["session"]): boolean =>
  session.transaction !== execution.session.transaction;

/** Docs: Transactions, Stored procedures and transactions. */
const incomplete = () =>
  new SnowflakeError(
    "090232",
    "25000",
    "Stored procedure execution error: Scoped transaction started in stored procedure is incomplete and it was rolled back.",
  );
