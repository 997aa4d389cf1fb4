const transform = {
  "^.+\\.ts$": [
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
