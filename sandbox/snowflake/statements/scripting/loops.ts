import { setImmediate as nextTurn } from "node:timers/promises";
import type { Value } from "../../context.ts";
import type { Loop, Place, ScriptStatement } from "../../grammar/scripting.ts";
import type { ResultSet } from "../../result.ts";
import type { Expressions } from "./expressions.ts";
import { type Entry, Frame } from "./frame.ts";
import type { Rows } from "./rows.ts";

/** How a statement ends when the next one does not simply follow. */
export type Flow =
  | { kind: "return"; result: ResultSet }
  | { kind: "break" | "continue"; label?: string }
  | undefined;

/** What a loop needs of the block that it stands in. */
interface Script {
  readonly expressions: Expressions;
  statements(body: readonly ScriptStatement[], frame: Frame): Promise<Flow>;
  open(cursor: Extract<Entry, { kind: "cursor" }>, frame: Frame, place: Place): Promise<Rows>;
  entry(name: string, kind: "cursor", frame: Frame, place: Place): Extract<Entry, { kind: "cursor" }>;
}

/** Runs a loop until its end, or until its body says so. */
export async function runLoop(script: Script, loop: Loop, frame: Frame): Promise<Flow> {
  for await (const turn of turns(script, loop, frame)) {
    // Other statements of the server get their turn, this one may be cancelled.
    await nextTurn();
    const flow = await script.statements(loop.body, turn);
    if (flow?.kind === "return") return flow;
    // One with a label is about the loop of that label, which may lie further out.
    if (flow?.label !== undefined && flow.label !== loop.label) return flow;
    if (flow?.kind === "break") return undefined;
    if (loop.kind === "repeat" && (await script.expressions.isTrue(loop.until, turn))) return undefined;
  }
  return undefined;
}

/** The names that each turn of a loop sees. */
async function* turns(script: Script, loop: Loop, frame: Frame): AsyncGenerator<Frame, undefined> {
  switch (loop.kind) {
    case "loop":
    case "repeat":
      for (;;) yield new Frame(frame);
    case "while":
      while (await script.expressions.isTrue(loop.condition, frame)) yield new Frame(frame);
      return undefined;
    case "for":
      if (loop.cursor !== undefined) return yield* rowTurns(script, loop.cursor, loop, frame);
      for (const value of await range(script, loop, frame)) {
        const turn = new Frame(frame);
        turn.declare(loop.variable, { kind: "variable", value });
        yield turn;
      }
      return undefined;
  }
}

async function* rowTurns(
  script: Script,
  name: string,
  { variable, place }: Extract<Loop, { kind: "for" }>,
  frame: Frame,
): AsyncGenerator<Frame, undefined> {
  const source =
    frame.find(name)?.kind === "resultSet"
      ? ({ kind: "cursor", resultSet: name, rows: undefined } as const)
      : script.entry(name, "cursor", frame, place);
  for await (const fields of source.rows ?? (await script.open(source, frame, place))) {
    const turn = new Frame(frame);
    turn.declare(variable, { kind: "row", fields });
    yield turn;
  }
  return undefined;
}

/** Both ends belong to it; they are computed once. */
async function range(
  script: Script,
  { from, to, reverse }: Extract<Loop, { from: unknown }>,
  frame: Frame,
): Promise<Iterable<Value>> {
  const [first, last] = [
    BigInt((await script.expressions.value(from, frame, "INTEGER")).value ?? 0),
    BigInt((await script.expressions.value(to, frame, "INTEGER")).value ?? -1),
  ];
  return numbers(first, last, reverse);
}

function* numbers(first: bigint, last: bigint, reverse: boolean): Generator<Value, undefined> {
  for (let count = 0n; count <= last - first; count++) {
    const value = reverse ? last - count : first + count;
    yield { type: { type: "fixed", precision: 38, scale: 0 }, value: String(value) };
  }
  return undefined;
}
