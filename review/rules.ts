/**
 * What a pull request does to the rules that judge it: every rule that is gone, switched off or made mild, every setting
 * that differs, every file that judges and that changes; and rules that should have run and
 * did not.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import type { Plan } from "./engine-plan.ts";
import { changedFiles, type Files } from "./files.ts";
import { type Danger, dangerBeside } from "./judges/index.ts";

/** A rule of a pack, as it is in effect for one stack. */
export interface RuleInEffect {
  readonly name: string;
  /** mandatory, advisory, remediate or disabled. */
  readonly level: string;
  /** Settings that differ from the defaults. */
  readonly settings: Readonly<Record<string, unknown>>;
}

type Settings = Readonly<Record<string, string | Readonly<Record<string, unknown>>>>;

/** The rules of the pack in this checkout, with the settings of this stack. The pack's code is run to learn its rules. */
export function rulesOf(project: string, stack: string): RuleInEffect[] {
  const script =
    'import { RULES } from "./policies/rules.ts"; console.log(JSON.stringify(RULES.map(({ name, enforcementLevel }) => ' +
    '({ name, level: enforcementLevel ?? "advisory" }))));';
  const listed = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: project,
    encoding: "utf8",
    // The code may be a pull request's: it learns nothing but where programs lie.
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
  });
  const settings = settingsOf(project, stack);
  return (JSON.parse(listed) as { name: string; level: string }[]).map(({ name, level }) => {
    const given = settings[name] ?? settings.all ?? {};
    if (typeof given === "string") return { name, level: given, settings: {} };
    const { enforcementLevel = level, ...rest } = given;
    return { name, level: String(enforcementLevel), settings: rest };
  });
}

/** What policies/config/<stack>.json says; nothing for a stack that is held to the rules for production. */
function settingsOf(project: string, stack: string): Settings {
  const file = join(project, "policies", "config", `${stack}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Settings) : {};
}

const LEVELS = ["mandatory", "remediate", "advisory", "disabled"];

/** How the rules of a changed pack are milder than those of the base branch. */
export function milderRules(base: readonly RuleInEffect[], changed: readonly RuleInEffect[]): Danger[] {
  return base.flatMap((rule) => {
    const now = changed.find(({ name }) => name === rule.name);
    const consequence = "This change is judged by the base branch's rules all the same; the next one is not.";
    if (now === undefined) return [dangerBeside(`The rule ${rule.name} is gone.`, consequence)];
    if (LEVELS.indexOf(now.level) > LEVELS.indexOf(rule.level)) {
      return [dangerBeside(`The rule ${rule.name} turns from ${rule.level} into ${now.level}.`, consequence)];
    }
    if (!isDeepStrictEqual(now.settings, rule.settings)) {
      const told = (settings: object) => JSON.stringify(settings);
      return [
        dangerBeside(
          `The rule ${rule.name} has other settings: ${told(rule.settings)} turns into ${told(now.settings)}.`,
          consequence,
        ),
      ];
    }
    return [];
  });
}

/** Rules that the preview should have run and that said nothing: neither passed, nor broken, nor waiting for values. */
export function silentRules(plan: Plan, rules: readonly RuleInEffect[]): Danger[] {
  const ran = new Set([...plan.policiesPassed, ...plan.policies.map(({ policy }) => policy)]);
  const silent = rules.filter(({ name, level }) => level !== "disabled" && !ran.has(name));
  if (ran.size === 0) {
    return [
      dangerBeside(
        "No rule of the policy pack ran.",
        "Nobody held the change against them: see that the preview is run with --policy-pack policies.",
      ),
    ];
  }
  return silent.map(({ name }) =>
    dangerBeside(`The rule ${name} did not run.`, "Nobody held the change against it."),
  );
}

type Settled = Readonly<Record<string, unknown>>;

/** A YAML file of a checkout; undefined where there is none. */
function yamlOf(project: string, file: string): Settled | undefined {
  const path = join(project, file);
  return existsSync(path) ? ((parse(readFileSync(path, "utf8")) ?? {}) as Settled) : undefined;
}

/** What a stack's file says beside the program's own settings: logins, who can read its secrets, whether it is watched. */
function surroundings({ config = {}, ...rest }: Settled): Settled {
  const others = Object.entries(config as Settled).filter(
    ([key]) => !key.startsWith("flux-ami:") || key === "flux-ami:pipeline",
  );
  return { ...rest, ...Object.fromEntries(others) };
}

/**
 * The same of what the project says for every stack. Its own settings may stand there without their namespace, and are
 * declared there for people; others are logins.
 */
function projectSurroundings({ description: _, config = {}, ...rest }: Settled): Settled {
  const own = (key: string) => !key.includes(":") || key.startsWith("flux-ami:");
  const others = Object.entries(config as Settled).filter(
    ([key]) => !own(key) || /^(flux-ami:)?pipeline$/.test(key),
  );
  return { ...rest, ...Object.fromEntries(others) };
}

const differing = (before: Settled, after: Settled) =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => !isDeepStrictEqual(before[key], after[key]))
    .sort();

/** How a change would have the program run: as whom, from where, with which engine's settings. The plan shows none of it. */
export function changedSurroundings(base: string, project: string, stack: string): Danger[] {
  const file = `Pulumi.${stack}.yaml`;
  const [was, is] = [yamlOf(base, file), yamlOf(project, file)];
  const [ran, runs] = [base, project].map((folder) =>
    projectSurroundings(yamlOf(folder, "Pulumi.yaml") ?? {}),
  );
  const keys = was && is ? differing(surroundings(was), surroundings(is)) : [];
  const left =
    was && surroundings(was)["flux-ami:pipeline"] !== undefined && keys.includes("flux-ami:pipeline");
  const ofProgram = differing(ran ?? {}, runs ?? {});
  return [
    ...(was && !is
      ? [
          dangerBeside(
            `The stack's file ${file} is gone.`,
            "Nobody previews, deploys or watches the stack any more.",
          ),
        ]
      : []),
    ...(left
      ? [
          dangerBeside(
            `${file} says flux-ami:pipeline otherwise.`,
            "Nobody may preview, deploy or watch the stack any more, though it stays as it is.",
          ),
        ]
      : []),
    ...(keys.some((key) => key !== "flux-ami:pipeline")
      ? [
          dangerBeside(
            `${file} says otherwise: ${keys.filter((key) => key !== "flux-ami:pipeline").join(", ")}.`,
            "That is as whom and where everything is made, or who can read its secrets: the plan does not show it.",
          ),
        ]
      : []),
    ...(ofProgram.length > 0
      ? [
          dangerBeside(
            `Pulumi.yaml says otherwise: ${ofProgram.join(", ")}.`,
            "That is how the engine runs the program, and with which plugins: the plan does not show it.",
          ),
        ]
      : []),
  ];
}

/** What a change does to the rules it is judged by, and to how it is run; nothing when both checkouts are the same. */
export function changedRules(
  base: string,
  project: string,
  stack: string,
  { judging }: Files = changedFiles(base, project),
): Danger[] {
  return [...changedJudges(base, project, stack, judging), ...changedSurroundings(base, project, stack)];
}

function changedJudges(base: string, project: string, stack: string, files: readonly string[]): Danger[] {
  if (files.length === 0) return [];
  let milder: Danger[];
  try {
    milder = milderRules(rulesOf(base, stack), rulesOf(project, stack));
  } catch (error) {
    milder = [
      dangerBeside(
        "The rules of the changed pack cannot be listed.",
        `So nobody compared them: ${String(error).slice(0, 300)}`,
      ),
    ];
  }
  return [
    ...milder,
    dangerBeside(
      `The change touches what judges it: ${files.join(", ")}.`,
      "It is judged by the base branch's rules and review; read what differs as you would read code that lets people in.",
    ),
  ];
}
