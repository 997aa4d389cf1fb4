/** What came of the checks: for people, in 80 columns, and for programs. */
import { plural } from "../components/format.ts";
import { GROUPS, groupOf } from "./check.ts";
import { exitCodeOf, type Result } from "./run.ts";

const GLYPHS = { pass: "✓", fail: "✗", advice: "!", unknown: "?", blocked: "?", skipped: "-" } as const;
const WORDS = {
  pass: "pass",
  fail: "FAIL",
  advice: "advice",
  unknown: "unknown",
  blocked: "unknown",
  skipped: "not asked",
} as const;
const MEANS = {
  0: "nothing fails",
  1: "`pulumi up` would fail, or go wrong",
  3: "nothing fails, but something that `pulumi up` needs is not known",
} as const;

export interface Reporting {
  readonly stack: string;
  /** Lists every check. @default false: only groups, and what does not pass */
  readonly verbose?: boolean;
  /** Values that must not be shown, wherever they come from. */
  readonly secrets?: readonly string[];
}

/** Lines for a person. */
export function text(
  results: readonly Result[],
  { stack, verbose = false, secrets = [] }: Reporting,
): string {
  const lines = [`Doctor for stack ${stack}; nothing is changed`, ""];
  for (const group of GROUPS) {
    const of = results.filter(({ check }) => groupOf(check) === group);
    const asked = of.filter(({ state }) => state !== "skipped");
    if (asked.length === 0) continue;
    const passed = asked.filter(({ state }) => state === "pass");
    const worst = (["fail", "unknown", "blocked", "advice", "pass"] as const).find((state) =>
      asked.some((one) => one.state === state),
    ) as Result["state"];
    lines.push(`${GLYPHS[worst]} ${group.padEnd(10)} ${passed.length} of ${asked.length}`);
    for (const result of of) lines.push(...detail(result, results, verbose));
  }
  const count = (...states: Result["state"][]) =>
    results.filter(({ state }) => states.includes(state)).length;
  const skipped = count("skipped");
  const code = exitCodeOf(results);
  lines.push(
    "",
    `${plural(count("pass"), "check")} passed, ${count("fail")} failed, ${count("advice")} to look at, ${count("unknown", "blocked")} unknown${
      skipped > 0 ? `, ${skipped} not asked` : ""
    }: ${MEANS[code]} (exit code ${code})`,
  );
  const first = results.find(({ state }) => state === "fail");
  if (first?.cure) lines.push(`Begin with ${first.check.id}: ${first.cure}`);
  return masked(lines.join("\n"), secrets);
}

function detail(result: Result, results: readonly Result[], verbose: boolean): string[] {
  const { check, state, said, cure, milliseconds } = result;
  if (state === "blocked" && !verbose) return [];
  if ((state === "pass" || state === "skipped") && !verbose) return [];
  const time = verbose && state !== "skipped" && state !== "blocked" ? ` (${milliseconds} ms)` : "";
  const lines = [
    `    ${GLYPHS[state]} ${WORDS[state]} ${check.id}: ${said.replaceAll("\n", "\n      ")}${time}`,
  ];
  if (cure && state !== "pass") lines.push(`      cure: ${cure}`);
  const blocked = results.filter(({ blockedBy }) => blockedBy === check.id);
  if (blocked.length > 0 && !verbose)
    lines.push(`    ? ${blocked.length} not checked: blocked by ${check.id}`);
  return lines;
}

/** The same for programs. Its shape has a version, and a check's ID never means another check. */
export function json(results: readonly Result[], { stack, secrets = [] }: Reporting): string {
  const report = {
    schemaVersion: 1,
    stack,
    exitCode: exitCodeOf(results),
    checks: results.map(({ check, state, said, cure, blockedBy, milliseconds }) => ({
      id: check.id,
      group: groupOf(check),
      title: check.title,
      essential: check.essential !== false,
      state,
      said,
      cure: cure ?? null,
      blockedBy: blockedBy ?? null,
      milliseconds,
    })),
  };
  return masked(JSON.stringify(report, null, 2), secrets);
}

/** Takes secrets out, as they are and as JSON writes them. */
function masked(all: string, secrets: readonly string[]): string {
  return secrets
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .filter((secret) => secret.length >= 6)
    .reduce((shown, secret) => shown.replaceAll(secret, "[secret]"), all);
}
