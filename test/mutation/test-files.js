/**
 * The tests that judge mutants: those of the pure modules, which need neither a server nor Jest's clocks. A mutant is through
 * at the first test that fails, so the quick ones come first.
 */
export const TEST_FILES = [
  "test/unit/{format,sql}.test.ts",
  "test/unit/verified-load/{contract,convert,days,errors,estimate,lines,listing,messages,plan,quality,settings,small-rules,times}.test.ts",
  "test/policy/{access,closed-world,cost,data,found-documents,sharing,statements,trust}.test.ts",
  "test/unit/config/{load-settings,project-files,right,wrong,neighbours}.test.ts",
  "test/unit/{login,used}.test.ts",
  "test/unit/components/{external-stage,kept-names,load-warehouse,loader-access,partner,readings-table,storage-trust,raw-bucket}.test.ts",
  "test/unit/review-containment.test.ts",
];

/** Seconds that a test may take: each mutant that it reaches, and no test notices, waits for it. */
export const MOST_SECONDS = 2.5;
