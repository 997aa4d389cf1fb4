import type { Value, Variables } from "../../context.ts";
import type { Excerpt } from "../../grammar/scripting.ts";
import type { ResultSet } from "../../result.ts";
import type { ScriptException } from "./exceptions.ts";
import type { Rows } from "./rows.ts";

/** What a name stands for. */
export type Entry =
  | { kind: "variable"; value: Value }
  | { kind: "row"; fields: ReadonlyMap<string, Value> }
  | { kind: "resultSet"; result: ResultSet | undefined }
  /** It reads a query, or a RESULTSET of that name; `rows` while it is open. */
  | { kind: "cursor"; query?: Excerpt; resultSet?: string; rows: Rows | undefined }
  | { kind: "exception"; code: number; message: string };

/** The names of a block, a loop's turn or a handler, around them those of what it stands in. */
export class Frame {
  readonly #outer: Frame | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #caught: ScriptException | undefined;

  /** With the exception that is being handled here. */
  constructor(outer?: Frame, caught?: ScriptException) {
    this.#outer = outer;
    this.#caught = caught;
  }

  declare(name: string, entry: Entry): void {
    this.#entries.set(name, entry);
  }

  find(name: string): Entry | undefined {
    return this.#entries.get(name) ?? this.#outer?.find(name);
  }

  /** The exception whose handler this is in. */
  get caught(): ScriptException | undefined {
    return this.#caught ?? this.#outer?.caught;
  }

  /** What a SQL statement (which writes `:name`) or an expression (which may leave the colon out) sees. */
  variables(bare: boolean, more: Readonly<Record<string, Value>> = {}): Variables {
    return {
      bare,
      value: (name, field) => {
        const entry = this.find(name);
        if (field !== undefined) return entry?.kind === "row" ? entry.fields.get(field) : undefined;
        if (Object.hasOwn(more, name)) return more[name];
        return entry?.kind === "variable" ? entry.value : undefined;
      },
    };
  }
}
