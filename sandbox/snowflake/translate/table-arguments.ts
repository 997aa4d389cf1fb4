/** What all table functions share: their arguments, and how a result becomes a relation. */
import type { ColumnHint } from "../engine/fetch.ts";
import { SnowflakeError } from "../errors.ts";
import { invalidArguments } from "../functions/casts.ts";
import type { ResultSet } from "../result.ts";
import { fold, type Tree } from "./ast.ts";
import { type Argument, evaluate } from "./evaluate.ts";
import { materialise } from "./materialise.ts";
import type { Translation } from "./translation.ts";

/** What a table function becomes: a relation that is there already, or a call of DuckDB's. */
export type TableFunctionResult =
  | { name: string; table: readonly string[]; columns: ColumnHint[] }
  | { name: string; call: string; args: Tree[]; columns: ColumnHint[] };

/** The arguments of a call, those with a name by it, the others by their place: "0", "1", …. */
export class Arguments {
  readonly trees = new Map<string, Tree>();
  readonly #t: Translation;
  readonly #name: string;

  constructor(t: Translation, name: string, args: readonly Tree[]) {
    this.#t = t;
    this.#name = name;
    for (const [index, argument] of args.entries()) {
      if (argument.named_argument) {
        this.trees.set(fold(argument.named_argument.name), argument.named_argument.value);
      } else this.trees.set(String(index), argument);
    }
  }

  /** Refuses arguments that the function does not have. */
  only(...names: string[]): this {
    for (const name of this.trees.keys()) {
      if (!names.includes(name) && !/^\d+$/.test(name)) {
        throw new SnowflakeError(
          "001059",
          "22023",
          `SQL compilation error:\nUnknown argument '${name}' of function ${this.#name}; known are ${names.join(", ")}.`,
        );
      }
    }
    return this;
  }

  tree(name: string): Tree | undefined {
    return this.trees.get(name);
  }

  async value(name: string): Promise<Argument | undefined> {
    const tree = this.trees.get(name);
    return tree === undefined ? undefined : await evaluate(this.#t, tree);
  }

  async text(name: string): Promise<string | undefined> {
    const value = await this.value(name);
    return value === undefined || value === null ? undefined : String(value);
  }

  async number(name: string): Promise<number | undefined> {
    const value = await this.value(name);
    return value === undefined || value === null ? undefined : Number(value);
  }

  /** The texts of a list in parentheses, or a single one. */
  texts(name: string): string[] | undefined {
    const tree = this.trees.get(name);
    if (tree === undefined) return undefined;
    const items: Tree[] = tree.tuple?.expressions ?? [tree.paren?.this ?? tree];
    return items.map((item) => {
      if (item.literal?.literal_type === "string") return item.literal.value;
      throw invalidArguments(this.#name, `${name} takes texts`);
    });
  }

  async date(name: string): Promise<Date | undefined> {
    const value = await this.value(name);
    if (value === undefined || value === null || value instanceof Date) return value ?? undefined;
    return new Date(`${value}`);
  }
}

export type TableFunction = (
  t: Translation,
  args: Arguments,
  database: string | undefined,
) => Promise<TableFunctionResult>;

/** A result, put where the query can read it. */
export async function relation(
  t: Translation,
  name: string,
  result: ResultSet,
): Promise<TableFunctionResult> {
  const { name: table, columns } = await materialise(t, result);
  return { name, table: ["temp", "main", table], columns };
}
