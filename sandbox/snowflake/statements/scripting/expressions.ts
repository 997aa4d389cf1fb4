import type { Execution, Session, Value, Variables } from "../../context.ts";
import { MAX_TEXT, typeName } from "../../engine/types.ts";
import type { Excerpt } from "../../grammar/scripting.ts";
import type { ColumnType, ResultSet } from "../../result.ts";
import { typeOnly } from "../column-type.ts";
import { query } from "../query.ts";
import { withinTransaction } from "../transactions.ts";
import { raising } from "./exceptions.ts";
import type { Frame } from "./frame.ts";

/** Evaluates a block's expressions: each is the only column of a query that the engine runs. */
export class Expressions {
  readonly #block: Execution;
  readonly #session: Session;

  constructor(block: Execution, session: Session) {
    this.#block = block;
    this.#session = session;
  }

  /** The value as a statement's answer. */
  result({ text, place }: Excerpt, frame: Frame): Promise<ResultSet> {
    return raising("EXPRESSION_ERROR", place, () => this.#select(`(${text}\n)`, frame.variables(true)));
  }

  /** The value, of a type if one is given. */
  value({ text, place, literal }: Excerpt, frame: Frame, type?: string): Promise<Value> {
    if (literal !== undefined) return Promise.resolve({ type: TEXT, value: literal });
    const expression = type === undefined ? `(${text}\n)` : `CAST((${text}\n) AS ${type})`;
    return raising("EXPRESSION_ERROR", place, () => this.#first(expression, frame.variables(true)));
  }

  async isTrue(condition: Excerpt, frame: Frame): Promise<boolean> {
    return isTrue(await this.value(condition, frame, "BOOLEAN"));
  }

  /** Whether a value equals that of an expression. */
  async equals(subject: Value, { text, place }: Excerpt, frame: Frame): Promise<boolean> {
    const variables = frame.variables(true, { "1": subject });
    return isTrue(
      await raising("EXPRESSION_ERROR", place, () => this.#first(`(:1 = (${text}\n))`, variables)),
    );
  }

  /** A value as one of another type. */
  async converted(value: Value, type: ColumnType): Promise<Value> {
    if (value.value === null) return { type, value: null };
    if (typeName(value.type) === typeName(type)) return value;
    const variables: Variables = { bare: false, value: () => value };
    return { ...(await this.#first(`CAST(:1 AS ${typeName(type)})`, variables)), type };
  }

  async #first(expression: string, variables: Variables): Promise<Value> {
    const { columns, rows } = await this.#select(expression, variables);
    const [column] = columns;
    return { type: column ? roomy(typeOnly(column)) : TEXT, value: rows[0]?.[0] ?? null };
  }

  async #select(expression: string, variables: Variables): Promise<ResultSet> {
    const block = this.#block;
    const session = this.#session;
    const execution: Execution = {
      cloud: block.cloud,
      session,
      queryId: block.queryId,
      sql: block.sql,
      binds: block.binds,
      variables,
      describeOnly: false,
      record: block.record,
      signal: block.signal,
      connection: async () =>
        (await session.transaction?.connection())?.guardedBy(block.signal) ?? (await block.connection()),
      useWarehouse: () => block.useWarehouse(),
      statementCount: 1,
      child: (...statement) => block.child(...statement),
    };
    return await withinTransaction(execution, async () =>
      query({ kind: "query", sql: `SELECT ${expression}` }, execution),
    );
  }
}

const TEXT: ColumnType = { type: "text", length: MAX_TEXT };

const isTrue = ({ value }: Value): boolean => value !== null && /^(?:1|true)$/i.test(value);

/** A variable takes its type from its first value, but later ones may be longer. */
function roomy(type: ColumnType): ColumnType {
  if (type.type === "fixed") return { ...type, precision: 38 };
  return type.type === "text" ? TEXT : type;
}
