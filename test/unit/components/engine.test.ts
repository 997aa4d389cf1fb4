import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callPulumi } from "../../../components/existing/engine.ts";

const HALF_WRITTEN = "error: failed to load checkpoint: EOF";
let folder: string;
const { PATH } = process.env;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flux-engine-"));
});
afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

/** A `pulumi` that complains so often of this, and then prints its words. */
function pulumiThatComplains(times: number, of: string) {
  const command = join(folder, "pulumi");
  const script = [
    "#!/bin/sh",
    'cd "$(dirname "$0")" && echo "$@" >> calls',
    `[ $(wc -l < calls) -gt ${times} ] || { echo '${of}' >&2; exit 255; }`,
    'echo "$@"',
  ];
  writeFileSync(command, script.join("\n"));
  chmodSync(command, 0o755);
  process.env.PATH = `${folder}:${PATH}`;
}
const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n").length;

test("a state that was being written is read once more", async () => {
  pulumiThatComplains(3, HALF_WRITTEN);
  expect(await callPulumi(["stack", "export"])).toEqual({
    exitCode: 0,
    stdout: "stack export --non-interactive --color never\n",
    stderr: "",
  });
  expect(calls()).toBe(4);
});

test("one that stays so is told of, after so many times", async () => {
  pulumiThatComplains(99, HALF_WRITTEN);
  expect(await callPulumi(["stack", "export"])).toEqual({
    exitCode: 255,
    stdout: "",
    stderr: `${HALF_WRITTEN}\n`,
  });
  expect(calls()).toBe(8);
});

test("what else goes wrong is told at once", async () => {
  pulumiThatComplains(99, "error: no stack named prod found");
  const { exitCode, stderr } = await callPulumi(["stack", "export"]);
  expect([exitCode, stderr]).toEqual([255, "error: no stack named prod found\n"]);
  expect(calls()).toBe(1);
});

test("who has no `pulumi` is told that", async () => {
  process.env.PATH = folder;
  expect((await callPulumi(["version"])).stderr).toMatch(/there is no command `pulumi`/);
});
