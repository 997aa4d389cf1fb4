/** A newcomer's first hour, and the second day: what the pages say to type, typed in a copy of the project. */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { STACK_FILES } from "../support/stack-files.ts";

jest.setTimeout(300_000);

const root = resolve(__dirname, "../..");
const METERS = 20;
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "flux-first-hour-"));
  const parts = [...STACK_FILES, "Makefile", "Pulumi.sandbox.yaml", "commands", "report", "sandbox"];
  const filter = (file: string) => !file.endsWith("node_modules");
  for (const part of parts) cpSync(join(root, part), join(project, part), { recursive: true, filter });
  for (const modules of ["node_modules", "sandbox/node_modules"])
    symlinkSync(join(root, modules), join(project, modules));
  // As it was installed, so that nothing is installed anew.
  cpSync(join(root, "node_modules/.installed.json"), join(project, "package-lock.json"));
  mkdirSync(join(project, ".sandbox"));
  for (const tool of ["bin", "pulumi", "venv"])
    execFileSync("cp", ["-a", join(root, ".sandbox", tool), join(project, ".sandbox")]);
});
afterAll(async () => {
  await run("make", ["down"]);
  rmSync(project, { recursive: true, force: true });
});

interface Run {
  code: number | null;
  output: string;
}

/** Runs a command; `told` hears all that it has printed so far, and may signal it. */
function run(
  command: string,
  args: string[],
  told: (output: string, pid: number) => void = () => {},
): Promise<Run> {
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const child = spawn(command, args, { cwd: project, env: { ...env, METERS: `${METERS}` } });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data: Buffer) => {
      output += data;
      told(output, child.pid ?? 0);
    });
  return new Promise((done) => child.once("close", (code) => done({ code, output })));
}

/** A line of a page, in a shell that has read env.sh. */
const typed = (line: string) => run("sh", ["-c", `. .sandbox/env.sh; ${line}`]);

/** The fenced blocks of a page, from a heading to the next one. */
function blocks(page: string, from: string, language: string): string[] {
  const [, rest = ""] = readFileSync(join(root, page), "utf8").split(from);
  const [section = ""] = rest.split(/\n## /);
  return [...section.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(
    ([, block = ""]) => block,
  );
}

/** Without what differs from run to run and from machine to machine, or grows with the program. */
const masked = (text: string) =>
  text
    .replace(/\(([\d.]+ min )?[\d.]+ s\)/g, "(time)")
    .replace(/\d{8}_\d{6}_[0-9A-F]{8}/g, "LOAD")
    .replace(/^ {2}… .*\n/gm, "")
    .replace(/^(✓ [\w ]+: built \(time\)\n)+/m, "✓ tools: all there\n")
    .replace(/^(✓ (?:preview|resources): )\d+/gm, "$1N");

test("`make up` prints what README shows", async () => {
  const { code, output } = await run("make", ["up"]);
  expect(`${code}: ${output}`).toMatch(/^0: /);
  const [shown = ""] = blocks("README.md", "`make up` prints this", "");
  const readings = (meters: number) => (meters * 21 * 96).toLocaleString("en-US");
  const here = shown.replaceAll(readings(1000), readings(METERS)).replace("1,000 meters", `${METERS} meters`);
  expect(masked(output)).toBe(masked(here));
});

test("docs/loading.md: each fault is refused, or not, as the page says, and its cure cures it", async () => {
  const lines = blocks("docs/loading.md", "## Each fault and its cure", "sh").flatMap((block) =>
    block.trim().split("\n"),
  );
  expect(lines.length).toBeGreaterThan(15);
  for (const line of lines) {
    const [command = "", promise = ""] = line.split(/ +# /);
    const { code, output } = await typed(command);
    const told = `${line}\n${code}: ${output}`;
    const [, refused] = /^refused: (.*)/.exec(promise) ?? [];
    if (refused !== undefined) {
      expect(told).toMatch(/\n[12]: /);
      const failed = [...output.matchAll(/^audit: FAIL (\w+)/gm)].map(([, check]) => check);
      // One that is refused before anything is copied has no verdicts.
      if (failed.length > 0) expect(failed.sort()).toEqual(refused.split(", ").sort());
      else expect(told).toContain(refused);
    } else if (!command.startsWith("make status")) expect(told).toMatch(/\n0: /);
    if (promise === "published") expect(told).toMatch(/load: .* rows published/);
  }
  const { output } = await typed('make sql C="SELECT COUNT(*) AS N FROM AMI_INTERVAL_READINGS_REJECTED"');
  expect(output).toMatch(/\n *8\n/);
});

test("the table of faults names all that the seeder makes, and the checks that refuse them", () => {
  const page = readFileSync(join(root, "docs/loading.md"), "utf8");
  const rows = [...page.matchAll(/^\| (\w+) +\| [^|]+\| ([^|]+)\|/gm)]
    .map(([, fault = "", checks = ""]) => ({ fault, checks: checks.trim() }))
    .filter(({ checks }) => /^[a-z]\w*(, \w+)*$/.test(checks));
  const help = execFileSync("node", [join(root, "sandbox/seed/main.ts"), "--help"], { encoding: "utf8" });
  const [, listed = ""] = /Faults:\n([\s\S]*?)\n\n/.exec(help) ?? [];
  const faults = [...listed.matchAll(/^ {2}(\w+)/gm)].map(([, fault]) => fault);
  expect(rows.map(({ fault }) => fault).sort()).toEqual(faults.sort());
  const walked = [...page.matchAll(/# refused: (.*, .*)/g)].flatMap(([, checks = ""]) => checks.split(", "));
  const named = rows.flatMap(({ checks }) => checks.split(", ")).filter((check) => check !== "nothing");
  expect([...new Set(named)].sort()).toEqual([...new Set(walked)].sort());
});

test("a failed `make up` ends with its cause, and says what stands", async () => {
  await typed("make seed FROM=2026-07-26 DAYS=1 FAULTS=years");
  const { code, output } = await run("node", ["sandbox/cli.ts", "up"]);
  expect(code).toBe(1);
  expect(output).toContain("`make status STACK=sandbox`");
  expect(output).not.toContain("bucketName");
  expect(output.trimEnd().split("\n").slice(-2).join("\n")).toMatch(
    /timestampWindow: 1 row outside .*\n +cure: have the files named written anew/,
  );
  await typed("make seed FROM=2026-07-26 DAYS=1 REPLACE=1");
});

test("Ctrl-C is answered at once, with what happens and how to go on; nothing is left locked", async () => {
  let signalled = false;
  const { code, output } = await run("node", ["sandbox/cli.ts", "up"], (said, pid) => {
    if (signalled || !said.includes("✓ preview")) return;
    signalled = true;
    process.kill(pid, "SIGINT");
  });
  expect(output).toMatch(
    /✓ preview.*\nCtrl-C: .* ends what it has begun[\s\S]*\nStopped\. What was made stays/,
  );
  expect(output).toContain("`make up` goes on from here");
  expect(code).toBe(130);
  const up = await typed("pulumi up -s sandbox --yes --skip-preview");
  expect(`${up.code}: ${up.output}`).toMatch(/^0: /);
});

test("what README says to type next works", async () => {
  const [shown = ""] = blocks("README.md", "Then look around", "sh");
  const commands = shown.split("\n").map((line) => line.replace(/ +#.*/, ""));
  const preview = await typed(
    `${commands.find((line) => line.startsWith("pulumi preview"))} --expect-no-changes`,
  );
  expect(`${preview.code}: ${preview.output}`).toMatch(/^0: /);
  const output = await typed(`${commands.find((line) => line.startsWith("pulumi stack output"))} --json`);
  expect(JSON.parse(output.output)).toMatchObject({
    verdict: expect.stringMatching(/^verified: \d+ checks hold/),
    details: "make status STACK=sandbox",
  });
  const review = await typed("make preview STACK=sandbox");
  expect(review.output).toContain("## Preview of `sandbox`\n\n**Nothing changes.**");
  expect((await typed("make doctor STACK=sandbox")).output).toContain(
    "Doctor for stack sandbox; nothing is changed",
  );
  const status = await typed("make status STACK=sandbox JSON=1");
  expect(JSON.parse(status.output)[0]).toMatchObject({
    outcome: "published",
    outputs: {
      checks: { continuity: { status: "passed" } },
      cost: { warehouseSize: "XLARGE", credits: expect.any(Number) },
    },
  });
});

describe("docs/day-two.md", () => {
  const PAGE = "docs/day-two.md";
  const section = (title: string, language: string) => blocks(PAGE, `## ${title}\n`, language);
  const here = (line: string) => line.replace(/\bprod\b/g, "sandbox");
  const well = async (command: string) => {
    const { code, output } = await typed(command);
    expect(`${command}\n${code}: ${output}`).toMatch(/\n0: /);
    return output;
  };
  /** In a session that begins as the page says; the role that deploys the sandbox is the administrator's. */
  const sql = (statements: string) => {
    const [begun = ""] = section("Statements by hand", "sql");
    const session = begun
      .replace("FLUX_PROD_DEPLOYER", "ACCOUNTADMIN")
      .replaceAll("FLUX_PROD", "FLUX_SANDBOX");
    writeFileSync(join(project, "typed.sql"), session + statements);
    return well("make -s sql < typed.sql");
  };
  const rows = async () =>
    Number(/\n *(\d+)\n/.exec(await sql("SELECT COUNT(*) FROM AMI_INTERVAL_READINGS"))?.[1]);
  /** Runs a program with the AWS login of the sandbox's owner. */
  const withAws = (client: string, code: string) =>
    well(
      `node --input-type=module -e '${`import * as sdk from "@aws-sdk/client-${client}"; ${code}`.replaceAll("'", "'\\''")}'`,
    );

  beforeAll(async () => {
    // The page before, where it was walked through, left those days with faults in them.
    const { code, output } = await typed("make seed FROM=2026-07-22 DAYS=5");
    if (code !== 0) expect(output).toContain("files are there with other content");
    await well("make load STACK=sandbox");
  });

  test("a column, another external ID, prefix and size: one `up` each way of the page, and nothing drifts", async () => {
    const file = join(project, "components/readings-columns.ts");
    const [column = ""] = section("A new column in the files", "ts");
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace("] as const satisfies", `${column}] as const satisfies`),
    );
    // What somebody put on the role by hand goes as well.
    await withAws(
      "iam",
      `await new sdk.IAMClient({}).send(new sdk.PutRolePolicyCommand({ RoleName: "flux-sandbox-snowflake-raw-ami",
        PolicyName: "by-hand", PolicyDocument: JSON.stringify({ Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] }) }))`,
    );
    const lines = [
      "A new column in the files",
      "Rotate the external ID",
      "Another prefix",
      "Another warehouse size",
    ].flatMap((title) => section(title, "sh").flatMap((block) => block.trim().split("\n")));
    expect(lines.filter((line) => line === "pulumi up -s prod")).toHaveLength(4);
    for (const line of lines.filter((line) => line !== "pulumi up -s prod")) await well(here(line));
    const output = await well("pulumi up -s sandbox --yes --skip-preview --refresh");
    expect(output).toMatch(/trust-policies updated/);
    expect(output).toContain("load: nothing new");
    await well("pulumi preview -s sandbox --refresh --expect-no-changes");
    expect(await sql("DESC TABLE AMI_INTERVAL_READINGS")).toMatch(/FILE_ID[\s\S]*TEMPERATURE/);
    await well("make seed FROM=2026-07-27 DAYS=1");
    expect(await well("make load STACK=sandbox")).toMatch(/load: .* rows published/);
  });

  test("a day is loaded again, days go for good, and an emptied table is filled again; each is accounted", async () => {
    const before = await rows();
    const [again = ""] = section("Load one day again", "sql");
    await sql(again);
    expect(await rows()).toBe(before - METERS * 96);
    await well(here(section("Load one day again", "sh")[0]?.trim() ?? ""));
    expect(await rows()).toBe(before);

    const [go = ""] = section("Days that are kept no longer", "sql");
    await withAws(
      "s3",
      `const s3 = new sdk.S3Client({ forcePathStyle: true });
       for (const day of ["01", "02"]) await s3.send(new sdk.DeleteObjectCommand({ Bucket: "flux-sandbox-raw-111111111111",
         Key: "raw/ami/ami_interval_readings/ami_interval_readings_2026-07-" + day + "_000.snappy.parquet" }))`,
    );
    expect(go).toContain("DATEADD(DAY, -400, CURRENT_DATE())");
    await sql(go.replace("DATEADD(DAY, -400, CURRENT_DATE())", "'2026-07-03'"));
    const kept = before - 2 * METERS * 96;
    expect(await rows()).toBe(kept);
    await well("make load STACK=sandbox");
    expect(await well("make status STACK=sandbox")).toContain(`${kept.toLocaleString("en-US")} rows of`);

    await sql(section("When a table was damaged", "sql")[0] ?? "");
    expect(await rows()).toBe(0);
    await well(here(section("When a table was damaged", "sh")[0]?.trim() ?? ""));
    expect(await rows()).toBe(kept);
  });
});

test("with the sandbox down everything says so at once, with the cure", async () => {
  await run("make", ["down"]);
  for (const verb of ["load", "status", "preview", "drift"]) {
    const { code, output } = await run("make", [verb, "STACK=sandbox"]);
    expect(output.split("\n")[0]).toBe('The sandbox is not running: "make up" starts it.');
    expect(code).not.toBe(0);
  }
  const { output } = await typed("pulumi preview -s sandbox --non-interactive --color never");
  expect(output).toMatch(
    /error: AWS does not answer at https:\/\/127\.0\.0\.1:\d+, .*`make up` starts the sandbox/,
  );
  expect(output).not.toMatch(/\n\s+at /);
});
