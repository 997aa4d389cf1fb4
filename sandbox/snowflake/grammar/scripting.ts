/** What the grammar of Snowflake Scripting (scripting.peggy) makes of a block. Names are folded. */

/** Where something stands in its block's text: line from 1, position (column) from 0. */
export interface Place {
  line: number;
  position: number;
}

/** An expression or a query as written. */
export interface Excerpt {
  text: string;
  place: Place;
  /** Of one that is a text literal: its value. */
  literal?: string;
}

interface Placed {
  place: Place;
}

export interface Block extends Placed {
  kind: "block";
  declarations: Declaration[];
  body: ScriptStatement[];
  handlers: Handler[];
}

/** EXCEPTION WHEN name OR name THEN …. */
interface Handler {
  names: string[];
  body: ScriptStatement[];
}

export type Declaration = Placed & { name: string } & (
    | { kind: "variable"; type?: string; value?: Excerpt }
    | { kind: "cursor"; query?: Excerpt; resultSet?: string }
    | { kind: "resultSet"; query?: Excerpt }
    | { kind: "exception"; code?: number; message?: string }
  );

interface Branch {
  condition: Excerpt;
  body: ScriptStatement[];
}

export type Loop = Placed & { label?: string; body: ScriptStatement[] } & (
    | { kind: "for"; variable: string; cursor: string }
    | { kind: "for"; variable: string; cursor?: undefined; from: Excerpt; to: Excerpt; reverse: boolean }
    | { kind: "while"; condition: Excerpt }
    | { kind: "repeat"; until: Excerpt }
    | { kind: "loop" }
  );

export type ScriptStatement =
  | Block
  | Loop
  | ({ kind: "if"; branches: Branch[]; otherwise: ScriptStatement[] } & Placed)
  /** Without a subject the branches' conditions are conditions, with one they are what it is compared with. */
  | ({ kind: "case"; subject?: Excerpt; branches: Branch[]; otherwise?: ScriptStatement[] } & Placed)
  | { kind: "break" | "continue"; label?: string }
  | ({ kind: "let"; declaration: Declaration } & Placed)
  | ({ kind: "assign"; name: string; value: Excerpt } & Placed)
  | ({ kind: "return"; value?: Excerpt } & Placed)
  | ({ kind: "returnTable"; resultSet: string } & Placed)
  | ({ kind: "raise"; name?: string } & Placed)
  | ({ kind: "open"; cursor: string; using: Excerpt[] } & Placed)
  | ({ kind: "fetch"; cursor: string; targets: string[] } & Placed)
  | ({ kind: "close"; cursor: string } & Placed)
  | { kind: "null" }
  | ({ kind: "execute" } & Immediate & Placed)
  /** `into`: the variables of SELECT … INTO :a, :b. */
  | ({ kind: "sql"; sql: string; into?: string[] } & Placed);

/** EXECUTE IMMEDIATE: an expression whose value is the statement, and the values of its placeholders. */
interface Immediate {
  statement: Excerpt;
  using: Excerpt[];
}

/** A statement that Snowflake Scripting runs. */
export type Script = { kind: "block"; block: Block } | ({ kind: "executeImmediate" } & Immediate);
