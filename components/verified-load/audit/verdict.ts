/** Verdicts: evidence against thresholds. */
import type { CheckResult, CheckResults } from "../args.ts";
import type { Check, Outcome, Severity } from "../quality/check.ts";
import { type CheckName, checkRows } from "../quality/index.ts";
import type { CompleteSettings } from "../settings.ts";
import type { Evidence } from "./evidence.ts";

/** Every check's verdict, in the order they are shown. */
export function verdicts(settings: CompleteSettings, evidence: Evidence): CheckResults {
  return Object.fromEntries(
    checkRows.map(([name, check]) => {
      const { severity, ...values } = settings.quality[name];
      const outcome: Outcome =
        severity === "off" ? { skipped: "switched off" } : findingOf(name, check, evidence, values, settings);
      return [name, verdict(outcome, severity)];
    }),
  ) as CheckResults;
}

const NO_OFFENDERS = { rows: 0, examples: [] };

function findingOf(
  name: CheckName,
  check: Check,
  evidence: Evidence,
  values: Parameters<Check["finding"]>[1],
  settings: CompleteSettings,
): Outcome {
  const { intervalMinutes } = settings.quality.continuity;
  return check.finding(
    evidence,
    values,
    { ...settings, intervalMinutes },
    evidence.rules[name] ?? NO_OFFENDERS,
  );
}

function verdict(outcome: Outcome, severity: Severity): CheckResult {
  if ("skipped" in outcome)
    return {
      status: "skipped",
      figure: 0,
      threshold: 0,
      message: `skipped: ${outcome.skipped}`,
      examples: [],
    };
  const { holds, figure, threshold, message, examples = [] } = outcome;
  const status = holds ? "passed" : severity === "warn" ? "warned" : "failed";
  return { status, figure, threshold, message, examples: holds ? [] : [...examples] };
}

/** Why nothing may be published: each failed check with its finding and its cure. */
export function reasonsAgainst(checks: CheckResults): string[] {
  return checkRows
    .filter(([name]) => checks[name].status === "failed")
    .map(([name, { cure }]) => {
      const { message, examples } = checks[name];
      const named = examples.length > 0 ? `: ${examples.join("; ")}` : "";
      return `${name}: ${message}${named}\n  cure: ${cure}`;
    });
}
