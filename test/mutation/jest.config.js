import jest from "../../jest.config.js";

const [unit] = jest.projects;

/** The tests that judge mutants: those of unit and policy that start no server, browser or process, which each mutant would wait for. */
export default {
  ...unit,
  testMatch: ["<rootDir>/test/{unit,policy}/**/*.test.ts"],
  testPathIgnorePatterns: [
    "/node_modules/",
    "/test/unit/review-(?!containment)",
    "/test/unit/report/",
    "/(load|corrected|convert-values|guard|readiness|warehouse)\\.test\\.ts$",
  ],
};
