import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { planOf } from "../../review/engine-plan.ts";
import type { EngineEvent } from "../../review/events.ts";
import { step, summary } from "./review-events.ts";

const WAREHOUSE = "snowflake:index/warehouse:Warehouse";
const LOAD = "pulumi-nodejs:dynamic/flux-ami:VerifiedLoad";
const resized = (size: string) =>
  step("update", WAREHOUSE, "w", {
    old: { inputs: { warehouseSize: "MEDIUM" } },
    new: { inputs: { warehouseSize: size } },
  });
const arrived = step("update", LOAD, "load", { old: { inputs: {} }, new: { inputs: {} } });
const violated: EngineEvent = {
  policyEvent: { policyName: "p", enforcementLevel: "mandatory", message: "bad", resourceUrn: "u" },
};

/**
 * Stands in for the engine: previews give one list of events after another, updates what they say and end with; all that it
 * is asked, and each signal, is written down.
 */
const ENGINE = `
const fs = require("node:fs");
const [command] = process.argv.slice(2);
const note = (line) => fs.appendFileSync("asked", line + "\\n");
const next = (file) => { const all = JSON.parse(fs.readFileSync(file)); const one = all.shift(); fs.writeFileSync(file, JSON.stringify(all)); return one; };
note(process.argv.slice(2).filter((a) => !a.includes("/")).join(" "));
if (command === "config") console.log("{}");
if (command === "preview") for (const event of next("previews.json")) console.log(JSON.stringify(event));
if (command === "up") {
  const { says, code, waits } = next("updates.json");
  console.error(says);
  if (waits) {
    process.on("SIGINT", () => { note("SIGINT"); process.exit(code); });
    setInterval(() => {}, 1000);
    note("waiting");
  } else process.exitCode = code;
}
`;

interface Update {
  says: string;
  code: number;
  waits?: boolean;
}

describe("an update of what was reviewed", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "apply-"));
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin", "engine.cjs"), ENGINE);
    writeFileSync(
      join(folder, "bin", "pulumi"),
      `#!/bin/sh\nexec "${process.execPath}" "${folder}/bin/engine.cjs" "$@"\n`,
    );
    chmodSync(join(folder, "bin", "pulumi"), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function apply(
    reviewed: EngineEvent[],
    previews: EngineEvent[][],
    updates: Update[],
    meanwhile?: (pid: number) => void,
  ) {
    mkdirSync(join(folder, ".review"));
    const changes = planOf([...reviewed, summary()], "prod").resources;
    writeFileSync(join(folder, ".review", "prod.json"), JSON.stringify({ verdict: "changes", changes }));
    writeFileSync(
      join(folder, "previews.json"),
      JSON.stringify(previews.map((events) => [...events, summary()])),
    );
    writeFileSync(join(folder, "updates.json"), JSON.stringify(updates));
    const child = spawn(process.execPath, [join(__dirname, "../../review/apply.ts"), "--stack", "prod"], {
      cwd: folder,
      env: { ...process.env, PATH: `${join(folder, "bin")}${delimiter}${process.env.PATH}` },
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
    const watcher = watch(folder, () => {
      if (meanwhile && asked().includes("waiting")) meanwhile(child.pid as number);
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    watcher.close();
    return { code, said };
  }
  const asked = () =>
    existsSync(join(folder, "asked")) ? readFileSync(join(folder, "asked"), "utf8").trim().split("\n") : [];
  const updates = () => asked().filter((line) => line.startsWith("up "));

  test("is held to the plan", async () => {
    expect(await apply([resized("SMALL")], [[resized("SMALL")]], [{ says: "", code: 0 }])).toMatchObject({
      code: 0,
    });
    expect(updates()).toEqual([expect.stringMatching(/--yes .*--refresh --skip-preview --plan/)]);
  });

  test("is planned again and goes on when files arrive while it works", async () => {
    const unfit = { says: "error: resource load violates plan: properties changed: ++pending", code: 255 };
    const run = await apply(
      [resized("SMALL")],
      [[resized("SMALL")], [arrived]],
      [unfit, { says: "", code: 0 }],
    );
    expect(run).toMatchObject({ code: 0, said: expect.stringContaining("planning what is left") });
    expect(updates()).toHaveLength(2);
  });

  test("stops when what is left is not what was reviewed", async () => {
    const unfit = { says: "error: violates plan", code: 255 };
    const run = await apply([resized("SMALL")], [[resized("SMALL")], [resized("X6LARGE")]], [unfit]);
    expect(run).toMatchObject({
      code: 1,
      said: expect.stringMatching(/This is not what was reviewed:\s+update: the warehouse/),
    });
    expect(updates()).toHaveLength(1);
  });

  test("gives up after a few plans that did not fit", async () => {
    const unfit = { says: "error: violates plan", code: 255 };
    const run = await apply(
      [resized("SMALL")],
      [[arrived], [arrived], [arrived], [arrived]],
      [unfit, unfit, unfit, unfit],
    );
    expect(run.code).toBe(255);
    expect(updates()).toHaveLength(3);
  });

  test("ends as the engine does when it fails for another reason", async () => {
    const run = await apply(
      [resized("SMALL")],
      [[resized("SMALL")]],
      [{ says: "error: no rights", code: 7 }],
    );
    expect(run.code).toBe(7);
    expect(updates()).toHaveLength(1);
  });

  test("does nothing that was not reviewed, or that a rule stops", async () => {
    expect(await apply([resized("SMALL")], [[resized("LARGE")]], [])).toMatchObject({ code: 1 });
    rmSync(join(folder, ".review"), { recursive: true });
    const stopped = await apply([resized("SMALL")], [[resized("SMALL"), violated]], []);
    expect(stopped).toMatchObject({ code: 1, said: expect.stringMatching(/nothing was changed[\s\S]*bad/) });
    expect(updates()).toEqual([]);
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "tells the engine when the job is cancelled (%s)",
    async (signal) => {
      let sent = false;
      const run = await apply(
        [resized("SMALL")],
        [[resized("SMALL")]],
        [{ says: "", code: 130, waits: true }],
        (pid) => {
          if (!sent) process.kill(pid, signal);
          sent = true;
        },
      );
      expect(run.code).toBe(130);
      expect(asked().at(-1)).toBe("SIGINT");
    },
  );
});
