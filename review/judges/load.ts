import {
  CONTRACT,
  CONTRACT_KINDS,
  type CompleteContract,
  completeContract,
} from "../../components/verified-load/write/contract.ts";
import { EVERY_PARQUET_FILE } from "../../components/verified-load/write/selection.ts";
import type { ResourceChange } from "../engine-plan.ts";
import type { Danger } from "./danger.ts";
import { checksInEffect, type Looser, looserOf } from "./quality.ts";

type Found = Omit<Danger, "urn">;

/** Thresholds of the load beside its checks, each with the direction in which what failed until now may pass. */
const THRESHOLDS: Readonly<Record<string, Looser>> = {
  maxRejectedRows: "higher",
  maxRejectedShare: "higher",
  // Of days that are expected, fewer is looser.
  expectedFrom: "higher",
  expectedTo: "lower",
};

/** Settings of a few words, the strictest first. */
const RANKED: Readonly<Record<string, readonly string[]>> = {
  severity: ["fail", "quarantine", "warn", "off"],
  replacedFiles: ["fail", "skip", "replace"],
  verifyAll: ["true", "false"],
  onDelete: ["retain", "truncate", "drop"],
};
/** What leaving a setting out means, where that is not "none". */
const DEFAULTS: Readonly<Record<string, string | number | readonly string[]>> = {
  include: EVERY_PARQUET_FILE,
  exclude: [],
  maxRejectedRows: 0,
  maxRejectedShare: 0,
  replacedFiles: "fail",
  verifyAll: "false",
  onDelete: "retain",
};

/** Settings of the load that say which files are data: from now on others are. */
const SELECTING: Readonly<Record<string, string>> = {
  include: "Files that matched until now may stay out, and others come in.",
  exclude: "Files that were loaded until now may stay out, and others come in.",
};

/** Inputs that change neither what is loaded nor what is checked. */
export const FREE_OF_LOAD = [
  "environment",
  "logicVersion",
  "filesPerCopy",
  "loadSize",
  "restSize",
  // Order of the rows and what is asked of the metering; the table's own clustering key is the table's to judge.
  "statementTimeoutSeconds",
  "keepLandedDays",
  "clusterBy",
  "meterCredits",
];
/** Inputs that say where from, where to and as whom. */
const PLACES: Readonly<Record<string, string>> = {
  database: "fills",
  schema: "fills",
  table: "fills",
  stage: "reads",
  stageUrl: "reads",
  path: "reads",
  fileFormat: "reads",
};

const truncates = "Its rows go; they come back only by Time Travel or a full load.";
const passes = "What failed the update until now may pass.";

/** Dangers of a change of the load: what it loads, what it checks, what becomes of the rows. */
export function loadDangers(change: ResourceChange): Found[] {
  const before = change.before?.inputs ?? {};
  const after = change.after?.inputs ?? {};
  if (change.operation === "delete") {
    return before.onDelete === "truncate" || before.onDelete === "drop"
      ? [{ what: "The load is deleted and empties the readings table.", consequence: truncates }]
      : [
          {
            what: "The load is deleted.",
            consequence: "Nothing loads or checks readings any more; the rows stay.",
          },
        ];
  }
  if (change.before === undefined || change.after === undefined) return [];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .flatMap((key) =>
      key === "quality"
        ? qualityDangers(before.quality, after.quality)
        : key === "contract"
          ? contractDangers(before.contract, after.contract)
          : inputDangers(key, before[key], after[key]),
    );
}

function inputDangers(key: string, before: unknown, after: unknown): Found[] {
  if (FREE_OF_LOAD.includes(key)) return [];
  const from = before ?? DEFAULTS[key];
  const to = after ?? DEFAULTS[key];
  if (key === "publish") return to === false ? [unpublished] : [];
  if (key in SELECTING)
    return JSON.stringify(from) === JSON.stringify(to)
      ? []
      : [
          {
            what: `The load's ${key} goes from ${toldList(before)} to ${toldList(after)}.`,
            consequence: SELECTING[key] as string,
          },
        ];
  if (key in RANKED) return weaker(key, from, to) ? [weakened(key, from, to)] : [];
  const other = {
    what: `The load's ${key} goes from ${told(from)} to ${told(to)}.`,
    consequence: passes,
  };
  if (key in THRESHOLDS) return looser(THRESHOLDS[key], from, to) ? [other] : [];
  if (key === "metersTable" && before === undefined) return [];
  if (key === "metersTable" && after === undefined) return [unknownMeters];
  const place = PLACES[key];
  return [
    {
      what: `The load's ${key} goes from ${told(before)} to ${told(after)}.`,
      consequence:
        place === undefined
          ? "No judge knows what that means for what is loaded and checked: read it."
          : `It ${place} another place from now on; what was loaded and checked until now is not it.`,
    },
  ];
}

const unpublished: Found = {
  what: "The load publishes nothing any more.",
  consequence: "New files are audited, and stay out.",
};
const unknownMeters: Found = {
  what: "The load no longer has a metersTable.",
  consequence: "Readings of unknown meters are no longer found.",
};

const weakened = (key: string, from: unknown, to: unknown): Found =>
  key === "onDelete"
    ? { what: "Deleting the load would from now on empty the readings table.", consequence: truncates }
    : { what: `The load's ${key} turns from ${from} into ${to}.`, consequence: passes };

/** Compares what is done about the files' columns. */
function contractDangers(before: unknown, after: unknown): Found[] {
  const [was, will] = [before, after].map((given) => completeContract(given as Partial<CompleteContract>));
  return CONTRACT_KINDS.filter((kind) => was?.[kind] === "fail" && will?.[kind] !== "fail").map((kind) => ({
    what: `What the load does about files with ${CONTRACT[kind].meaning} (schema.${kind}) turns from fail into ${will?.[kind]}.`,
    consequence: `Such files are loaded: ${CONTRACT[kind].otherwise}.`,
  }));
}

/** Compares the checks in effect. */
function qualityDangers(before: unknown, after: unknown): Found[] {
  const [was, will] = [checksInEffect(before), checksInEffect(after)];
  return [...new Set([...Object.keys(was), ...Object.keys(will)])].flatMap((check) => {
    const [old = {}, now = {}] = [was[check], will[check]];
    return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((setting): Found[] => {
      const [from, to] = [old[setting], now[setting]];
      if (Object.is(from, to)) return [];
      if (setting === "severity") {
        return weaker(setting, from, to)
          ? [
              {
                what: `The quality check ${check} turns from ${from} into ${to}.`,
                consequence: "Bad readings no longer fail the update, or are no longer told.",
              },
            ]
          : [];
      }
      if (!looser(looserOf(check, setting), from, to)) return [];
      return [
        {
          what: `The threshold ${setting} of the quality check ${check} goes from ${told(from)} to ${told(to)}.`,
          consequence: passes,
        },
      ];
    });
  });
}

/** Whether a word of a ranked setting lets more pass; a word that nobody knows does. */
function weaker(setting: string, before: unknown, after: unknown): boolean {
  const ranks = RANKED[setting] ?? [];
  const [from, to] = [ranks.indexOf(String(before)), ranks.indexOf(String(after))];
  return to < 0 || from < 0 || to > from;
}

/** Whether a threshold, a number or a day, lets more pass. One that nobody knows, or that is gone, does. */
function looser(direction: Looser | undefined, before: unknown, after: unknown): boolean {
  if (before === undefined) return direction === undefined;
  const comparable =
    (typeof before === "number" && typeof after === "number") ||
    (typeof before === "string" && typeof after === "string");
  if (direction === undefined || !comparable) return true;
  if (before === after) return false;
  return after > before === (direction === "higher");
}

const toldList = (value: unknown) =>
  Array.isArray(value) && value.length > 0 ? value.join(", ") : "its default";
const told = (value: unknown) => (value === undefined ? "nothing" : String(value));
