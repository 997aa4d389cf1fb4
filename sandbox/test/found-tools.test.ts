import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findEngine, findPlugin } from "../found-tools.ts";

const folder = mkdtempSync(join(tmpdir(), "found-tools-"));
afterAll(() => rmSync(folder, { recursive: true }));

function program(file: string, text: string, mode = 0o755) {
  mkdirSync(join(folder, file, ".."), { recursive: true });
  writeFileSync(join(folder, file), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, file), mode);
  return join(folder, file);
}
const path = (...folders: string[]) => folders.map((one) => join(folder, one)).join(delimiter);

test("an engine is found in PATH when it is of the very version and runs", async () => {
  program("old/pulumi", "echo v3.100.0");
  program("broken/pulumi", "exit 1");
  program("dull/pulumi", "echo v3.274.1", 0o644);
  const right = program("right/pulumi", '[ "$1" = version ] && echo v3.274.1');
  expect(await findEngine("v3.274.1", path("old", "missing", "broken", "dull", "right"))).toBe(right);
  expect(await findEngine("v3.274.1", path("old", "broken", "dull"))).toBeUndefined();
  expect(await findEngine("v3.274.1", "")).toBeUndefined();
});

test("a plugin is found where Pulumi installs it, in the very version", () => {
  program("home/plugins/resource-snowflake-v1.2.0/pulumi-resource-snowflake", "");
  const right = program("home/plugins/resource-snowflake-v1.3.0/pulumi-resource-snowflake", "");
  const homes = ["", join(folder, "nowhere"), join(folder, "home")];
  expect(findPlugin("snowflake", "1.3.0", homes)).toBe(right);
  expect(findPlugin("snowflake", "1.4.0", homes)).toBeUndefined();
});
