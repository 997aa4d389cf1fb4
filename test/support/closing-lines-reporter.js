/**
 * Jest reporter that ends a run with two plain lines, which people and continuous integration read in the same way:
 * "seconds: 61 unit, 243 sandbox", what the test files of each room took together, and "jest: 12 passed, 0 failed, 1 skipped".
 * A suite that could not start counts as one failure: its tests never ran.
 */
export default class ClosingLinesReporter {
  #seconds = new Map();

  onTestResult({ context }, { perfStats }) {
    const room = context.config.displayName?.name ?? "all";
    this.#seconds.set(room, (this.#seconds.get(room) ?? 0) + perfStats.runtime / 1000);
  }

  onRunComplete(_contexts, results) {
    const rooms = [...this.#seconds].map(([room, seconds]) => `${Math.round(seconds)} ${room}`);
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const skippedNote = skipped > 0 ? `, ${skipped} skipped` : "";
    process.stdout.write(`\nseconds: ${rooms.join(", ")}\n`);
    process.stdout.write(`jest: ${results.numPassedTests} passed, ${failed} failed${skippedNote}\n`);
  }
}
