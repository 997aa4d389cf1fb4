import packageJson from "./package.json" with { type: "json" };

/** Packages that come as ES modules only; the others need no transformation. */
const esModulesOnly = [
  "hyparquet",
  "hyparquet-writer",
  "preact",
  "preact-render-to-string",
  "d3-.*",
  "internmap",
];

const swc = (parser, transform = {}) => [
  "@swc/jest",
  {
    jsc: { parser: { syntax: "typescript", ...parser }, target: "es2024", transform },
    module: { type: "commonjs" },
  },
];
const transform = {
  "^.+\\.m?[jt]s$": swc({}),
  "^.+\\.tsx$": swc({ tsx: true }, { react: { runtime: "automatic", importSource: "preact" } }),
};

/** End-to-end tests that take too long for every day. */
const LONG =
  "adopted-bucket|day-two|first-hour|hand-over|load-kill-points|load-provider|pipeline|real-account";

/** One project per room, so that `npx jest --selectProjects unit` stays quick. */
const project = (displayName, testMatch, settings = {}) => ({
  displayName,
  rootDir: import.meta.dirname,
  testEnvironment: "node",
  testMatch,
  transform,
  transformIgnorePatterns: [`/node_modules/(?!(${esModulesOnly.join("|")})/)`],
  ...settings,
});

export default {
  // With --coverage: all files of the stack, and what stands beside it. Babel counts as a file is transformed; the engine's own count takes minutes more.
  coverageProvider: "babel",
  coverageReporters: ["text-summary"],
  collectCoverageFrom: [
    ...packageJson.files
      .filter((file) => !file.endsWith(".yaml"))
      .map((file) => (file.endsWith(".ts") ? file : `${file}/**/*.ts`)),
    "{commands,report}/**/*.{ts,tsx}",
  ],
  reporters: ["default", "<rootDir>/test/support/closing-lines-reporter.js"],
  projects: [
    project("unit", ["<rootDir>/test/unit/**/*.test.ts"]),
    project("policy", ["<rootDir>/test/policy/**/*.test.ts"]),
    project("sandbox", ["<rootDir>/sandbox/test/**/*.test.ts"]),
    project("e2e", ["<rootDir>/test/e2e/**/*.test.ts"], {
      testPathIgnorePatterns: [`/test/e2e/(${LONG})\\.test`],
    }),
    project("e2e-long", [`<rootDir>/test/e2e/@(${LONG}).test.ts`]),
  ],
};
