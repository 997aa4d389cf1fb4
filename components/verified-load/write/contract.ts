/**
 * The contract of the files' columns: what differs from the readings' columns is told by name and files before anything
 * is copied, and stops the load or not. One row for each kind; settings, documentation and review follow from here.
 */
import { distance } from "fastest-levenshtein";
import { namesOf as namesOfFiles } from "../../format.ts";
import { READINGS_COLUMNS } from "../../readings-columns.ts";
import { LoadError } from "../../snowflake/errors.ts";
import { convert, isNested, type LandedColumn } from "../audit/convert.ts";
import type { StagedFile } from "./staged-file.ts";

/** Files with the same columns of the same types. */
export interface Shape {
  columns: LandedColumn[];
  files: StagedFile[];
}

export type ContractSeverity = "fail" | "warn";
export const CONTRACT_SEVERITIES: readonly ContractSeverity[] = ["fail", "warn"];

interface Kind {
  readonly severity: ContractSeverity;
  /** What is told. */
  readonly meaning: string;
  /** What comes of it where it is a warning. */
  readonly otherwise: string;
}

/** What loses readings stops a load; what is merely more than is wanted does not. */
export const CONTRACT = {
  missingColumns: {
    severity: "fail",
    meaning: "a column of the readings that files do not have, or have under another name",
    otherwise: "it is NULL in their rows",
  },
  extraColumns: {
    severity: "warn",
    meaning: "a column of files that the readings do not have",
    otherwise: "it is not loaded",
  },
  unconvertibleTypes: {
    severity: "fail",
    meaning: "a column whose type does not convert to that of the readings",
    otherwise: "it is NULL in their rows",
  },
  caseDuplicates: {
    severity: "fail",
    meaning: "columns of a file whose names differ only by case",
    otherwise: "the one in capitals is loaded, or else the first",
  },
  nestedColumns: {
    severity: "fail",
    meaning: "a column that is a list, a map or a record, or has no values at all",
    otherwise: "it is not loaded, and NULL in their rows if it is one of the readings'",
  },
  pathColumns: {
    severity: "warn",
    meaning: "a column that only the path has, such as day=2026-07-01/",
    otherwise: "it is not loaded",
  },
} as const satisfies Record<string, Kind>;

export type ContractKind = keyof typeof CONTRACT;
export const CONTRACT_KINDS = Object.keys(CONTRACT) as ContractKind[];
export type CompleteContract = Record<ContractKind, ContractSeverity>;

export const completeContract = (given: Partial<CompleteContract> = {}): CompleteContract => ({
  ...(Object.fromEntries(CONTRACT_KINDS.map((kind) => [kind, CONTRACT[kind].severity])) as CompleteContract),
  ...given,
});

/** Without these a row is no reading: whatever is wrong with them stops the load. */
const KEY: readonly string[] = ["METER_ID", "TIMESTAMP"];

interface Breach {
  kind: ContractKind | "key";
  what: string;
  files: StagedFile[];
}

/** The columns of a file that are matched to a column of the readings: by name, whatever the case. */
const named = (columns: readonly LandedColumn[], name: string) =>
  columns.filter((column) => column.name.toUpperCase() === name);

/** The one of them that is loaded. */
export function landedColumn(columns: readonly LandedColumn[], name: string): LandedColumn | undefined {
  const found = named(columns, name);
  const one = found.find((column) => column.name === name) ?? found[0];
  return one?.left ? undefined : one;
}

/** Marks the columns that have no place in a landing table. */
export function withoutStrangers(columns: readonly LandedColumn[]): LandedColumn[] {
  return columns.map((column) => {
    const own = READINGS_COLUMNS.find(({ name }) => name === column.name.toUpperCase());
    const taken =
      own === undefined
        ? isKnown(column.type) && !isNested(column.type)
        : landedColumn(columns, own.name) === column && convert(own, column) !== undefined;
    return taken ? column : { ...column, left: true };
  });
}

/** Types as INFER_SCHEMA writes them; anything else has no place in a statement. */
const isKnown = (type: string) => /^[A-Z][A-Z_]*(\(\d+(, ?\d+)?\))?$/.test(type);

/** Everything that differs, the same thing of several shapes once. */
function breachesOf(shapes: readonly Shape[]): Breach[] {
  const found = new Map<string, Breach>();
  for (const { columns, files } of shapes) {
    const add = (kind: Breach["kind"], what: string, some = files) => {
      const key = `${kind}: ${what}`;
      const known = found.get(key);
      if (known) known.files.push(...some);
      else found.set(key, { kind, what, files: [...some] });
    };
    const whole = columns.map(({ name, type }) => ({ name, type }));
    missing(whole, files, add);
    extras(whole, add);
    onlyInPath(whole, files, add);
  }
  return [...found.values()];
}

type Add = (kind: Breach["kind"], what: string, files?: StagedFile[]) => void;

function missing(columns: readonly LandedColumn[], files: readonly StagedFile[], add: Add): void {
  const strangers = columns.filter(
    ({ name }) => !READINGS_COLUMNS.some((own) => own.name === name.toUpperCase()),
  );
  for (const column of READINGS_COLUMNS) {
    const key = KEY.includes(column.name);
    const landed = landedColumn(columns, column.name);
    if (landed === undefined) {
      const inPath = files.some(({ name }) => partsOf(name).includes(column.name));
      const meant = strangers.find(({ name }) => alike(name, column.name))?.name;
      const hint = inPath
        ? ` (it stands only in the path, as ${column.name}=…)`
        : meant === undefined
          ? ""
          : ` (is it ${meant}?)`;
      const have = key && hint === "" ? `; there are ${columns.map(({ name }) => name).join(", ")}` : "";
      add(key ? "key" : "missingColumns", `no column ${column.name}${hint}${have}`);
    } else if (convert(column, landed) === undefined) {
      const kind = isNested(landed.type) ? "nestedColumns" : "unconvertibleTypes";
      add(
        key ? "key" : kind,
        `column ${landed.name} is ${landed.type}, which does not convert to ${column.type}`,
      );
    }
  }
}

function extras(columns: readonly LandedColumn[], add: Add): void {
  const folded = columns.map(({ name }) => name.toUpperCase());
  for (const name of new Set(folded.filter((one, index) => folded.indexOf(one) !== index)))
    add(
      "caseDuplicates",
      `columns that differ only by case: ${named(columns, name)
        .map((column) => column.name)
        .join(", ")}`,
    );
  for (const { name, type } of columns) {
    if (READINGS_COLUMNS.some((own) => own.name === name.toUpperCase())) continue;
    if (isNested(type)) add("nestedColumns", `column ${name} is ${type}`);
    else add("extraColumns", `column ${name} (${type}) is none of the readings'`);
  }
}

function onlyInPath(columns: readonly LandedColumn[], files: readonly StagedFile[], add: Add): void {
  const own = new Set([
    ...columns.map(({ name }) => name.toUpperCase()),
    ...READINGS_COLUMNS.map(({ name }) => name),
  ]);
  for (const name of new Set(files.flatMap((file) => partsOf(file.name))))
    if (!own.has(name))
      add(
        "pathColumns",
        `${name} is only in the path`,
        files.filter((file) => partsOf(file.name).includes(name)),
      );
}

/** Names of the columns that a path has, in capitals: "day=2026-07-01/a.parquet" has DAY. */
const partsOf = (path: string): string[] =>
  path
    .split("/")
    .slice(0, -1)
    .flatMap((part) => /^([^=]+)=/.exec(part)?.[1]?.toUpperCase() ?? []);

/** Whether one name may be meant for another: without blanks and signs the same, or little else. */
function alike(one: string, other: string): boolean {
  const [a, b] = [one, other].map((name) => name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "")) as [
    string,
    string,
  ];
  return distance(a, b) <= Math.floor(b.length / 4);
}

const line = ({ what, files }: Breach) => `${what}: ${namesOfFiles(files)}`;

/**
 * Holds the files' columns against the readings'. Throws, with everything that is wrong, when something of it stops the
 * load; returns the rest, a line each.
 */
export function assertContract(shapes: readonly Shape[], contract: CompleteContract): string[] {
  const breaches = breachesOf(shapes);
  const stops = breaches.filter(({ kind }) => kind === "key" || contract[kind] === "fail");
  if (stops.length > 0) {
    const kinds = [...new Set(stops.map(({ kind }) => kind))].filter((kind) => kind !== "key");
    throw new LoadError(
      "schema-mismatch",
      `The files do not fit the readings:\n${stops.map((breach) => `    ${line(breach)}`).join("\n")}`,
      "have the files written anew with the names and types that docs/loading.md lists, or leave them out with exclude" +
        kinds.map((kind) => `; or set schema.${kind} to warn: ${CONTRACT[kind].otherwise}`).join(""),
    );
  }
  return breaches.map((breach) => `${line(breach)} (${CONTRACT[breach.kind as ContractKind].otherwise})`);
}
