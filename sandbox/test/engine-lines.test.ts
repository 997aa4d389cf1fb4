import { engineLines } from "../engine-lines.ts";

const shown = (...lines: string[]): string[] => {
  const take = engineLines();
  return lines.flatMap((line) => take(line));
};

it("shows of a preview only its totals", () => {
  expect(
    shown(
      "Previewing update (sandbox):",
      "Loading policy packs...: starting",
      "@ previewing update....",
      " +  aws:iam:Role trust-role create ",
      "Outputs:",
      '    bucketName: "x"',
      "",
      "Resources:",
      "    + 42 to create",
    ),
  ).toEqual(["Previewing update (sandbox):", "Resources:", "    + 42 to create"]);
});

it("shows of an update what was made, and what the program says meanwhile", () => {
  expect(
    shown(
      "Updating (sandbox):",
      " +  pulumi:pulumi:Stack flux-ami-sandbox creating (0s) ",
      " +  aws:iam:Role trust-role creating (0s) ",
      " +  aws:iam:Role trust-role created (0.11s) ",
      " ~  snowflake:index:Warehouse compute-warehouse updated (0.20s) [diff: ~warehouseSize]",
      " +  pulumi:pulumi:Stack flux-ami-sandbox creating (10s) load: COPY of 21 files started",
      "@ updating.............",
      "    pulumi:pulumi:Stack flux-ami-sandbox running load: half of it done",
      " +  pulumi:pulumi:Stack flux-ami-sandbox creating (11s) 3 messages",
      "    pulumi:pulumi:Stack flux-ami-sandbox  3 messages",
      " +  pulumi:pulumi:Stack flux-ami-sandbox created (12s) 3 messages",
    ),
  ).toEqual([
    "Updating (sandbox):",
    "aws:iam:Role trust-role created (0.11s)",
    "snowflake:index:Warehouse compute-warehouse updated (0.20s) [diff: ~warehouseSize]",
    "load: COPY of 21 files started",
    "load: half of it done",
  ]);
});

it("shows every problem, and all that is said of it in the end", () => {
  const problem = " +  pulumi-nodejs:dynamic/flux-ami:VerifiedLoad load **creating failed** error: no rights";
  const end = [
    "Diagnostics:",
    "  load:",
    "    error: no rights",
    "      cure: ask",
    "",
    "Resources:",
    "    1 errored",
  ];
  expect(shown("Updating (sandbox):", problem, ...end)).toEqual(["Updating (sandbox):", problem, ...end]);
});

it("does not say again in the end what the program said, when there was no problem", () => {
  const said = ["Diagnostics:", "  pulumi:pulumi:Stack (x):", "    load: half of it done", ""];
  expect(shown("Updating (sandbox):", ...said, "Resources:", "    + 1 created")).toEqual([
    "Updating (sandbox):",
    "Resources:",
    "    + 1 created",
  ]);
});

it("shows a policy's verdict also of a preview", () => {
  const verdict = ["Policies:", "    ❌ flux-ami@v0.1.0", "        - [mandatory]  bucket-is-private  (raw)"];
  expect(shown("Previewing update (sandbox):", ...verdict)).toEqual([
    "Previewing update (sandbox):",
    ...verdict,
  ]);
});
