/** Which tables have been changed, in the order of the commits. */
export class TableChanges {
  #now = 0;
  readonly #last = new Map<number, number>();

  /** The number of the last commit. */
  get now(): number {
    return this.#now;
  }

  /** To be told of tables, by ID, once their changes are committed. */
  note(tables: Iterable<number>): void {
    this.#now += 1;
    for (const table of tables) this.#last.set(table, this.#now);
  }

  /** Whether one of some tables was changed after a commit. */
  since(commit: number, tables: Iterable<number>): boolean {
    for (const table of tables) if ((this.#last.get(table) ?? 0) > commit) return true;
    return false;
  }
}
