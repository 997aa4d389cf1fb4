/** The stack's own files, as package.json lists them. */
const stack = require("./package.json").files.map((file) => `^${file.replaceAll(".", "\\.")}(/|$)`);

/** Which room may look into which. The sandbox proves the stack, so the stack must never know of it. */
module.exports = {
  forbidden: [
    {
      name: "stack-stands-alone",
      comment:
        "what the stack is made of is listed in package.json's files, and no code path of it may know that it is in a sandbox",
      severity: "error",
      from: { path: stack },
      to: { pathNot: [...stack, "node_modules"], dependencyTypesNot: ["core"] },
    },
    {
      name: "components-take-args",
      comment: "a component takes args; only index.ts reads the stack's configuration",
      severity: "error",
      from: { path: "^components" },
      to: { path: "^(index\\.ts|config)" },
    },
    {
      name: "settings-and-resources-first",
      comment:
        "what is configured and made is judged, looked at and worked on from outside: neither knows of rules, reviews, doctor or commands",
      severity: "error",
      from: { path: "^(components|config)/" },
      to: { path: "^(policies|review|preflight|commands)/" },
    },
    {
      name: "load-without-pulumi",
      comment:
        "the load's logic runs and is tested without Pulumi; the resource and its provider are the thin door",
      severity: "error",
      from: { path: "^components/verified-load", pathNot: "/verified-load\\.ts$" },
      to: { path: "node_modules/@pulumi", reachable: true },
    },
    {
      name: "aws-by-its-parts",
      comment:
        "the index of @pulumi/aws loads a module of each service, and every preview would wait for that",
      severity: "error",
      from: { path: stack },
      to: { path: "node_modules/@pulumi/aws/index\\.js$", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "sandbox-snowflake-stands-alone",
      comment: "the local Snowflake knows nothing of the stack, or it would only prove itself",
      severity: "error",
      from: { path: "^sandbox/snowflake" },
      to: { path: stack },
    },
    {
      name: "report-stands-beside",
      comment:
        "drawing a load's report must need neither the engine nor the sandbox; the stack's own files never import it (stack-stands-alone)",
      severity: "error",
      from: { path: "^report" },
      to: { path: "^(index\\.ts|config|review|sandbox|policies|commands)|node_modules/@pulumi" },
    },
    {
      name: "no-tests-in-product",
      comment: "what only tests need is never part of what runs",
      severity: "error",
      from: { pathNot: "(^test|/test)/" },
      to: { path: "(^test|/test)/" },
    },
    {
      name: "no-cycles",
      comment: "of two modules at most one needs the other, be it for a type",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-unresolved",
      comment: "every import is there",
      severity: "error",
      // The packages of the mutation run are fetched by themselves, when they are needed.
      from: { pathNot: "^test/mutation/" },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^\\.sandbox" },
    tsPreCompilationDeps: "specify",
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".json"],
      conditionNames: ["import", "require", "node", "default"],
    },
  },
};
