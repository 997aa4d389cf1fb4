import type { ChildResult, Execution, Session, Value } from "../../context.ts";
import { parseScript } from "../../grammar/parse-scripting.ts";
import type { Block, Declaration, Excerpt, Place, ScriptStatement } from "../../grammar/scripting.ts";
import { type ResultSet, text } from "../../result.ts";
import { raising, ScriptException } from "./exceptions.ts";
import { Expressions } from "./expressions.ts";
import { invalidIdentifier, notAQuery, notOpen, notSet, wrongCount } from "./failures.ts";
import { type Entry, Frame } from "./frame.ts";
import { type Flow, runLoop } from "./loops.ts";
import { adopted, onlyRow, type Rows, rowsOf } from "./rows.ts";

const COUNT = { type: "fixed", precision: 38, scale: 0 } as const;
const TRUTH = { type: "boolean" } as const;
const TEXT = text("");
const CHANGES = /^(?:INSERT|UPDATE|DELETE|MERGE|COPY)$/;

/** Runs one block (docs: Snowflake Scripting developer guide). */
export class Interpreter {
  readonly #execution: Execution;
  readonly #session: Session;
  readonly expressions: Expressions;
  /** Query IDs of the statements that have been run. */
  readonly queryIds: string[] = [];
  /** What Snowflake itself declares. */
  readonly #globals = new Frame();

  constructor(execution: Execution, session: Session) {
    this.#execution = execution;
    this.#session = session;
    this.expressions = new Expressions(execution, session);
    this.#tell(null, null);
  }

  /** The block's answer: one column with what it returns, or the table that it returns. */
  async run(block: Block): Promise<ResultSet> {
    const flow = await this.#block(block, this.#globals);
    if (flow?.kind === "return") return flow.result;
    return { columns: [text("anonymous block")], rows: [[null]] };
  }

  async statements(body: readonly ScriptStatement[], frame: Frame): Promise<Flow> {
    for (const statement of body) {
      this.#execution.signal.throwIfAborted();
      const flow = await this.#statement(statement, frame);
      if (flow) return flow;
    }
    return undefined;
  }

  async #block({ declarations, body, handlers }: Block, outer: Frame): Promise<Flow> {
    const frame = new Frame(outer);
    for (const declaration of declarations) await this.#declare(declaration, frame);
    try {
      return await this.statements(body, new Frame(frame));
    } catch (exception) {
      // A block that is cancelled or out of time does not get to handle that.
      if (!(exception instanceof ScriptException) || this.#execution.signal.aborted) throw exception;
      const handler = handlers.find(({ names }) => names.some((name) => exception.isHandledBy(name)));
      if (!handler) throw exception;
      const handling = new Frame(frame, exception);
      handling.declare("SQLCODE", {
        kind: "variable",
        value: { type: COUNT, value: String(Number(exception.code)) },
      });
      handling.declare("SQLERRM", { kind: "variable", value: { type: TEXT, value: exception.message } });
      handling.declare("SQLSTATE", { kind: "variable", value: { type: TEXT, value: exception.sqlState } });
      return await this.statements(handler.body, handling);
    }
  }

  // biome-ignore lint/complexity/noExcessiveLinesPerFunction: one case for each kind of statement
  async #statement(statement: ScriptStatement, frame: Frame): Promise<Flow> {
    switch (statement.kind) {
      case "block":
        return await this.#block(statement, frame);
      case "sql": {
        const child = await this.#sql(statement.sql, statement.place, frame);
        if (statement.into) {
          const { into, place } = statement;
          await raising("STATEMENT_ERROR", place, () => this.#fill(into, onlyRow(child.result), frame));
        }
        return undefined;
      }
      case "execute":
        await this.execute(statement, frame);
        return undefined;
      case "let":
        return await this.#declare(statement.declaration, frame);
      case "assign":
        return await this.#assign(statement.name, statement.value, frame);
      case "if":
        for (const { condition, body } of statement.branches) {
          if (await this.expressions.isTrue(condition, frame)) return await this.statements(body, frame);
        }
        return await this.statements(statement.otherwise, frame);
      case "case": {
        const subject = statement.subject && (await this.expressions.value(statement.subject, frame));
        for (const { condition, body } of statement.branches) {
          const chosen = subject
            ? await this.expressions.equals(subject, condition, frame)
            : await this.expressions.isTrue(condition, frame);
          if (chosen) return await this.statements(body, frame);
        }
        return await this.statements(statement.otherwise ?? [], frame);
      }
      case "for":
      case "while":
      case "repeat":
      case "loop":
        return await runLoop(this, statement, frame);
      case "break":
      case "continue":
        return statement;
      case "return": {
        const { value } = statement;
        if (!value) return { kind: "return", result: { columns: [text("anonymous block")], rows: [[null]] } };
        const { columns, rows } = await this.expressions.result(value, frame);
        const named = columns.map((column) => ({ ...column, name: "anonymous block" }));
        return { kind: "return", result: { columns: named, rows } };
      }
      case "returnTable": {
        const { result } = this.entry(statement.resultSet, "resultSet", frame, statement.place);
        if (!result) throw notSet(statement.resultSet, statement.place);
        return { kind: "return", result: await adopted(this.#execution, result) };
      }
      case "raise":
        throw this.#raised(statement.name, statement.place, frame);
      case "open": {
        const { cursor, using, place } = statement;
        const entry = this.entry(cursor, "cursor", frame, place);
        entry.rows = await this.open(entry, frame, place, using);
        return undefined;
      }
      case "fetch": {
        const { cursor, targets, place } = statement;
        const { rows } = this.entry(cursor, "cursor", frame, place);
        if (!rows) throw notOpen(cursor, place);
        const { value: row } = await rows.next();
        return await raising("STATEMENT_ERROR", place, () =>
          this.#fill(targets, row && [...row.values()], frame),
        );
      }
      case "close": {
        const entry = this.entry(statement.cursor, "cursor", frame, statement.place);
        if (!entry.rows) throw notOpen(statement.cursor, statement.place);
        entry.rows = undefined;
        return undefined;
      }
      case "null":
        return undefined;
    }
  }

  /** EXECUTE IMMEDIATE: the text sees the values of USING, not the block's variables. */
  async execute(
    { statement, using, place }: { statement: Excerpt; using: Excerpt[]; place: Place },
    frame: Frame,
  ) {
    const { value } = await this.expressions.value(statement, frame);
    return await this.#sql(value ?? "", place, new Frame(), await this.#numbered(using, frame));
  }

  /** The rows of a cursor. */
  async open(
    cursor: Extract<Entry, { kind: "cursor" }>,
    frame: Frame,
    place: Place,
    using: readonly Excerpt[] = [],
  ): Promise<Rows> {
    if (cursor.query) {
      const child = await this.#sql(cursor.query.text, place, frame, await this.#numbered(using, frame));
      return rowsOf(this.#execution, child.result);
    }
    const name = cursor.resultSet as string;
    const { result } = this.entry(name, "resultSet", frame, place);
    if (!result) throw notSet(name, place);
    return rowsOf(this.#execution, result);
  }

  /** What a name stands for, which has to be of a kind. */
  entry<Kind extends Entry["kind"]>(
    name: string,
    kind: Kind,
    frame: Frame,
    place: Place,
  ): Extract<Entry, { kind: Kind }> {
    const entry = frame.find(name);
    if (entry?.kind === kind) return entry as Extract<Entry, { kind: Kind }>;
    throw new ScriptException("EXPRESSION_ERROR", invalidIdentifier(name), place);
  }

  /** Runs a SQL statement, and tells the block what it did. */
  async #sql(
    sql: string,
    place: Place,
    frame: Frame,
    more: Readonly<Record<string, Value>> = {},
  ): Promise<ChildResult> {
    const child = await raising("STATEMENT_ERROR", place, () =>
      this.#execution.child(sql, this.#session, frame.variables(false, more)),
    );
    this.queryIds.push(child.queryId);
    const { queryType, rowsInserted, rowsUpdated, rowsDeleted } = child.record;
    // Anything but DML makes them NULL (behaviour change 2025_01).
    const changed = CHANGES.test(queryType)
      ? (rowsInserted ?? 0) + (rowsUpdated ?? 0) + (rowsDeleted ?? 0)
      : null;
    this.#tell(changed, child.queryId);
    return child;
  }

  #tell(changed: number | null, queryId: string | null): void {
    const set = (name: string, value: Value) => this.#globals.declare(name, { kind: "variable", value });
    set("SQLROWCOUNT", { type: COUNT, value: changed === null ? null : String(changed) });
    set("SQLFOUND", { type: TRUTH, value: changed === null ? null : String(changed > 0) });
    set("SQLNOTFOUND", { type: TRUTH, value: changed === null ? null : String(changed === 0) });
    set("SQLID", { type: TEXT, value: queryId });
  }

  async #numbered(using: readonly Excerpt[], frame: Frame): Promise<Record<string, Value>> {
    const values: Record<string, Value> = {};
    for (const [index, each] of using.entries()) {
      values[String(index + 1)] = await this.expressions.value(each, frame);
    }
    return values;
  }

  async #declare(declaration: Declaration, frame: Frame): Promise<undefined> {
    const { name, place } = declaration;
    switch (declaration.kind) {
      case "variable": {
        const value = declaration.value ?? { text: "NULL", place };
        frame.declare(name, {
          kind: "variable",
          value: await this.expressions.value(value, frame, declaration.type),
        });
        return;
      }
      case "cursor":
        frame.declare(name, { ...declaration, rows: undefined });
        return;
      case "resultSet": {
        const { query } = declaration;
        frame.declare(name, { kind: "resultSet", result: query && (await this.#resultOf(query, frame)) });
        return;
      }
      case "exception":
        frame.declare(name, {
          kind: "exception",
          code: declaration.code ?? -20_000,
          message: declaration.message ?? "",
        });
    }
  }

  async #assign(name: string, value: Excerpt, frame: Frame): Promise<undefined> {
    const entry = frame.find(name);
    if (entry?.kind === "resultSet") {
      entry.result = await this.#resultOf(value, frame);
      return;
    }
    const variable = this.entry(name, "variable", frame, value.place);
    const assigned = await this.expressions.value(value, frame);
    variable.value = await raising("EXPRESSION_ERROR", value.place, () =>
      this.expressions.converted(assigned, variable.value.type),
    );
  }

  /** What a RESULTSET is made of: a query, or EXECUTE IMMEDIATE, in parentheses. */
  async #resultOf({ text: written, place }: Excerpt, frame: Frame): Promise<ResultSet> {
    const sql = /^\(([\s\S]*)\)$/.exec(written)?.[1];
    if (sql === undefined) throw new ScriptException("EXPRESSION_ERROR", notAQuery(written), place);
    const script = parseScript(sql);
    const child =
      script?.kind === "executeImmediate"
        ? await this.execute({ ...script, place }, frame)
        : await this.#sql(sql, place, frame);
    return child.result;
  }

  /** Puts a row's values into variables; NULLs when there is no row. */
  async #fill(
    targets: readonly string[],
    row: readonly Value[] | undefined,
    frame: Frame,
  ): Promise<undefined> {
    if (row && row.length !== targets.length) throw wrongCount(targets.length, row.length);
    for (const [index, name] of targets.entries()) {
      const entry = frame.find(name);
      if (entry?.kind !== "variable") throw invalidIdentifier(name);
      const { type } = entry.value;
      entry.value = await this.expressions.converted(row?.[index] ?? { type, value: null }, type);
    }
  }

  #raised(name: string | undefined, place: Place, frame: Frame): ScriptException {
    if (name === undefined) {
      if (frame.caught) return frame.caught;
      throw new ScriptException("EXPRESSION_ERROR", invalidIdentifier("RAISE"), place);
    }
    const { code, message } = this.entry(name, "exception", frame, place);
    return new ScriptException(name, { code: String(code), sqlState: "P0001", message }, place);
  }
}
