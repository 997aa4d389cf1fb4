/**
 * Mutation testing: each pure module is changed at one place after the other, and a test has to notice. What was tried is
 * kept in .sandbox/mutation, so that the next run tries only what changed since.
 */
export default {
  mutate: [
    "components/{format,sql,policy-document,readings-columns}.ts",
    "components/snowflake/times.ts",
    "components/verified-load/{plan,settings,input-rules,estimate,warehouse-sizes}.ts",
    "components/verified-load/quality/*.ts",
    "components/verified-load/audit/{days,convert,verdict}.ts",
    "components/verified-load/write/{contract,listing,selection}.ts",
    "config/*.ts",
    // What writes documents, or asks the engine or Snowflake.
    "!config/{documents,sharing,snowflake-provider,used}.ts",
    "policies/*.ts",
    // Lists of what is elsewhere.
    "!policies/{index,rules}.ts",
  ],
  // The wording of messages and of SQL is not what tests assert.
  mutator: { excludedMutations: ["StringLiteral"] },
  // What is computed once, as a module is loaded, would take all tests for each mutant.
  ignoreStatic: true,
  ignorePatterns: [".sandbox", ".review", ".report", "test/e2e"],
  plugins: ["./test/mutation/runner.js"],
  testRunner: "in-process",
  coverageAnalysis: "perTest",
  incremental: true,
  incrementalFile: ".sandbox/mutation/incremental.json",
  tempDirName: ".sandbox/mutation/copy",
  reporters: ["clear-text", "progress-append-only", "json"],
  jsonReporter: { fileName: ".sandbox/mutation/report.json" },
  clearTextReporter: { allowColor: false, reportTests: false },
  concurrency: 2,
  thresholds: { high: 90, low: 80, break: 80 },
};
