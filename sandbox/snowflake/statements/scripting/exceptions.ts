import { SnowflakeError } from "../../errors.ts";
import type { Place } from "../../grammar/scripting.ts";

/** What may be raised in a block: its own exceptions, and the errors of its statements and expressions. */
export class ScriptException extends Error {
  readonly type: string;
  readonly code: string;
  readonly sqlState: string;
  readonly #place: Place;

  constructor(type: string, error: { code: string; sqlState: string; message: string }, place: Place) {
    super(error.message);
    this.type = type;
    this.code = error.code;
    this.sqlState = error.sqlState;
    this.#place = place;
  }

  /** The error that it was made of. */
  get original(): SnowflakeError {
    return new SnowflakeError(this.code, this.sqlState, this.message);
  }

  /** Whether a WHEN with this name handles it. */
  isHandledBy(name: string): boolean {
    return name === "OTHER" || name === this.type;
  }

  /** The error of a block that does not handle it (docs: RAISE (Snowflake Scripting)). */
  get uncaught(): SnowflakeError {
    const { line, position } = this.#place;
    const message = this.message === "" ? "" : ` : ${this.message}`;
    return new SnowflakeError(
      this.code,
      this.sqlState,
      `Uncaught exception of type '${this.type}' on line ${line} at position ${position}${message}`,
    );
  }
}

/** Runs work whose errors of Snowflake's become exceptions of the block. */
export async function raising<Result>(
  type: "STATEMENT_ERROR" | "EXPRESSION_ERROR",
  place: Place,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof SnowflakeError ? new ScriptException(type, error, place) : error;
  }
}
