import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { documents } from "../../../commands/documents.ts";
import { readConfig } from "../../../config/index.ts";
import { CONSUMER, environment, LOGIN, PARTNER, RIGHT, source } from "./support.ts";

describe("Pulumi.yaml", () => {
  const project = parse(readFileSync("Pulumi.yaml", "utf8")) as {
    config: Record<string, { default: unknown; description: string }>;
  };

  test.each(["Pulumi.yaml", "docs/settings.md"])("%s says of the keys what the program does", (file) => {
    // `make format` writes it anew.
    expect(readFileSync(file, "utf8")).toBe(documents().find((one) => one.file === file)?.text);
  });

  test("says of each key what it is for, and leaves its check to the program", () => {
    for (const [key, declared] of Object.entries(project.config)) {
      expect([key, Object.keys(declared)]).toEqual([key, ["default", "description"]]);
      expect([key, declared.description.length > 10]).toEqual([key, true]);
    }
  });

  test("with its defaults alone, a stack of any kind is as if nothing were set", () => {
    const defaults = Object.fromEntries(
      Object.entries(project.config).map(([key, { default: value }]) => [
        `flux-ami:${key}`,
        typeof value === "object" ? JSON.stringify(value) : String(value),
      ]),
    );
    expect(readConfig(source({ ...defaults, ...RIGHT }))).toEqual(environment());
    const partner = { ...PARTNER, "flux-ami:way": "storageIntegration" };
    expect(readConfig(source({ ...defaults, ...partner }))).toEqual(readConfig(source(partner)));
    const consumer = { ...CONSUMER, "flux-ami:share": "A0.B.C" };
    expect(readConfig(source({ ...defaults, ...consumer }))).toEqual(readConfig(source(consumer)));
  });
});

test("`pulumi config set` leaves the values of the stack files that come with the project as they are", () => {
  const examples = readdirSync("examples")
    .filter((name) => name.endsWith(".yaml"))
    .map((file) => `examples/${file}`);
  for (const file of ["Pulumi.sandbox.yaml", "Pulumi.dev.yaml", ...examples]) {
    const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
    // It writes numbers and flags in quotes, whichever key it was asked to set.
    const rewritten = Object.entries(config).filter(
      ([, value]) => !["string", "object"].includes(typeof value),
    );
    expect([file, rewritten]).toEqual([file, []]);
  }
});

test("the stack files that come with the project are right", () => {
  const examples = readdirSync("examples")
    .filter((name) => name.endsWith(".yaml"))
    .map((file) => `examples/${file}`);
  for (const file of ["Pulumi.sandbox.yaml", "Pulumi.dev.yaml", ...examples]) {
    const { config } = parse(readFileSync(file, "utf8")) as {
      config: Record<string, unknown>;
    };
    const values = Object.fromEntries(
      Object.entries(config).map(([key, value]) => [
        key,
        typeof value === "object" ? JSON.stringify(value) : String(value),
      ]),
    );
    const stack = /Pulumi\.(.+)\.yaml/.exec(file)?.[1] ?? "";
    const account = { SNOWFLAKE_ORGANIZATION_NAME: "FLUX", SNOWFLAKE_ACCOUNT_NAME: "OPERATIONS" };
    const environment = { ...account, ...LOGIN };
    expect(() => readConfig(source(values, { stack, environment }))).not.toThrow();
    // A newcomer has at most six lines to fill in.
    if (stack.startsWith("partner")) expect(Object.keys(config).length).toBeLessThanOrEqual(6);
  }
});
