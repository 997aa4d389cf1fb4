/** Packages that come as ES modules only; the others need no transformation. */
const esModulesOnly = ["hyparquet", "hyparquet-writer"];

const transform = {
  "^.+\\.[jt]s$": [
    "@swc/jest",
    { jsc: { parser: { syntax: "typescript" }, target: "es2024" }, module: { type: "commonjs" } },
  ],
};

/** One project per room, so that `npx jest --selectProjects unit` stays quick. */
const project = (displayName, testMatch) => ({
  displayName,
  rootDir: import.meta.dirname,
  testEnvironment: "node",
  testMatch,
  transform,
  transformIgnorePatterns: [`/node_modules/(?!(${esModulesOnly.join("|")})/)`],
});

export default {
  reporters: ["default", "<rootDir>/test/support/closing-line-reporter.js"],
  projects: [
    project("unit", ["<rootDir>/test/unit/**/*.test.ts"]),
    project("policy", ["<rootDir>/test/policy/**/*.test.ts"]),
    project("sandbox", ["<rootDir>/sandbox/test/**/*.test.ts"]),
    project("e2e", ["<rootDir>/test/e2e/**/*.test.ts"]),
  ],
};
