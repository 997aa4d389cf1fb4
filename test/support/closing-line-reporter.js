/**
 * Jest reporter that ends a run with one plain line, "jest: 12 passed, 0 failed, 1 skipped",
 * which people and continuous integration read in the same way.
 * A suite that could not start counts as one failure: its tests never ran.
 */
export default class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const skippedNote = skipped > 0 ? `, ${skipped} skipped` : "";
    process.stdout.write(`\njest: ${results.numPassedTests} passed, ${failed} failed${skippedNote}\n`);
  }
}
