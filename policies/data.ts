import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { READINGS_CLUSTER_BY, READINGS_COLUMNS } from "../components/readings-columns.ts";
import { LOAD_TYPE } from "../components/verified-load/args.ts";
import { given, isOn, onTypes, type Props } from "./rule.ts";
import { tokens } from "./sql.ts";

const TABLE = "snowflake:index/table:Table";
const INTEGRATION = "snowflake:index/storageIntegration:StorageIntegration";
const STAGE = "snowflake:index/stage:Stage";
const BUCKET = "aws:s3/bucket:Bucket";

/** A data type in one spelling: synonyms resolved, default lengths written out. */
function normalType(type: string): string {
  const text = type.toUpperCase().replace(/\s+/g, "");
  const defaults: Record<string, string> = {
    VARCHAR: "VARCHAR(16777216)",
    STRING: "VARCHAR(16777216)",
    TEXT: "VARCHAR(16777216)",
    TIMESTAMP_NTZ: "TIMESTAMP_NTZ(9)",
    DATETIME: "TIMESTAMP_NTZ(9)",
    DOUBLE: "FLOAT",
    DOUBLEPRECISION: "FLOAT",
    REAL: "FLOAT",
  };
  return (defaults[text] ?? text)
    .replace(/^(STRING|TEXT|CHARVARYING)\(/, "VARCHAR(")
    .replace(/^(DECIMAL|NUMERIC)\(/, "NUMBER(")
    .replace(/^FLOAT[48]$/, "FLOAT");
}

/** An expression in one spelling: without spaces, comments, quotes around names and case of words. */
function normalExpression(expression: string): string {
  return tokens(expression)
    .map(({ text }) => text.replace(/^"([A-Z_][A-Z0-9_$]*)"$/, "$1"))
    .join(" ");
}

/** A name as Snowflake stores it, whichever way it is written. */
const stored = (name: unknown) =>
  typeof name === "string" && /^".*"$/s.test(name) ? name.slice(1, -1) : String(name ?? "").toUpperCase();

/** What is wrong with the shape of a readings table. */
function shapeFaults(props: Props, key: readonly string[]): string[] {
  const columns = new Map((props.columns as Props[]).map(({ name, type }) => [stored(name), type as string]));
  const faults = READINGS_COLUMNS.flatMap(({ name, type }) => {
    const found = columns.get(name);
    if (found === undefined) return [`the column ${name} is missing. Add it as ${type}.`];
    return normalType(found) === type ? [] : [`the column ${name} is ${found}. Make it ${type}.`];
  });
  const clusterBy: string[] = props.clusterBies ?? [];
  if (clusterBy.map(normalExpression).join() !== key.map(normalExpression).join()) {
    faults.push(`the clustering key is (${clusterBy.join(", ") || "none"}). Set it to (${key.join(", ")}).`);
  }
  return faults;
}

export const readingsTableHasShape: StackValidationPolicy = {
  name: "readings-table-has-shape",
  description:
    "The table that the load fills, whatever its name, has the guide's columns, types and clustering key.",
  enforcementLevel: "mandatory",
  severity: "high",
  validateStack: ({ resources }, report) => {
    for (const load of resources.filter(({ type }) => type === LOAD_TYPE)) {
      const filled = resources.find(
        ({ type, props }) => type === TABLE && stored(props.name) === stored(load.props.table),
      );
      if (filled === undefined) {
        report(
          `${load.name}: fills the table ${load.props.table}, which is not in this stack. Declare it.`,
          load.urn,
        );
        continue;
      }
      for (const fault of shapeFaults(filled.props, load.props.clusterBy ?? READINGS_CLUSTER_BY))
        report(`${filled.name}: ${fault}`, filled.urn);
    }
  },
};

/** What would be lost with each: everything that holds data or trust. */
const PROTECTED: Readonly<Record<string, string>> = {
  [TABLE]: "its rows would go with it",
  "snowflake:index/database:Database": "every table in it would go with it",
  "snowflake:index/schema:Schema": "every table in it would go with it",
  [INTEGRATION]: "every stage on it would stop working",
  "aws:iam/role:Role": "Snowflake would be locked out",
  [BUCKET]: "its objects would go with it",
};

export const readingsAreProtected: ResourceValidationPolicy = {
  name: "readings-are-protected",
  description:
    "What holds data or trust, under any name, cannot be deleted, replaced or emptied by accident.",
  enforcementLevel: "mandatory",
  severity: "high",
  validateResource: onTypes(Object.keys(PROTECTED), ({ type, urn, props, protect }, violation) => {
    if (type === BUCKET && isOn(props.forceDestroy)) {
      violation("forceDestroy would empty the bucket for good. Set it to false.");
    }
    // A partner's role can be made again at any time, and deleting it is how a partner is let out.
    if (protect || urn.includes("flux-ami:index:PartnerRole$")) return;
    violation(`it is not protected; ${PROTECTED[type]} if it were deleted. Set the stack's protect to true.`);
  }),
};

export const rowsCanBeBroughtBack: ResourceValidationPolicy = {
  name: "rows-can-be-brought-back",
  description:
    "Time Travel is not switched off: no transient database or schema, and a retention of a day or more.",
  enforcementLevel: "mandatory",
  severity: "medium",
  validateResource: onTypes(
    [TABLE, "snowflake:index/database:Database", "snowflake:index/schema:Schema"],
    ({ props }, violation) => {
      if (props.isTransient === true || props.isTransient === "true") {
        violation("it is transient, so there is no Fail-safe. Remove isTransient.");
      }
      if (given(props, "dataRetentionTimeInDays") && Number(props.dataRetentionTimeInDays) === 0) {
        violation("dataRetentionTimeInDays is 0, so rows lost are lost. Set it to 1 or more.");
      }
    },
  ),
};

export const rowsAreNotSkipped: ResourceValidationPolicy = {
  name: "rows-are-not-skipped",
  description:
    "COPY goes on past a bad row or stops at it (CONTINUE, ABORT_STATEMENT), and never drops whole files.",
  enforcementLevel: "advisory",
  severity: "medium",
  configSchema: {
    properties: {
      allowed: {
        type: "array",
        items: { type: "string" },
        default: ["CONTINUE", "ABORT_STATEMENT"],
        description: "ON_ERROR values that may be used",
      },
    },
  },
  validateResource: onTypes<{ allowed: string[] }>(
    [STAGE, LOAD_TYPE],
    ({ type, props, settings }, violation) => {
      for (const value of type === STAGE
        ? onErrorOf(props.copyOptions ?? "")
        : [props.onError ?? "CONTINUE"]) {
        if (!settings.allowed.includes(value.toUpperCase())) {
          violation(
            `ON_ERROR is ${value}. Use ${settings.allowed.join(" or ")}; rows are accounted for either way.`,
          );
        }
      }
    },
  ),
};

/** The values that COPY options text sets ON_ERROR to; `SKIP_FILE_10%` comes in pieces, its first one is enough. */
function onErrorOf(copyOptions: string): string[] {
  const all = tokens(copyOptions);
  return all.flatMap(({ text }, index) => {
    const value = all[index + 2]?.text;
    return text === "ON_ERROR" && value !== undefined ? [value.replace(/^'(.*)'$/, "$1")] : [];
  });
}

export const qualityGatesAreOn: ResourceValidationPolicy = {
  name: "quality-gates-are-on",
  description: "No quality check of the load is switched off.",
  enforcementLevel: "mandatory",
  severity: "high",
  configSchema: {
    properties: {
      mayBeOff: {
        type: "array",
        items: { type: "string" },
        default: [],
        description: "Checks that may be switched off, by name",
      },
    },
  },
  validateResource: onTypes<{ mayBeOff: string[] }>([LOAD_TYPE], ({ props, settings }, violation) => {
    for (const [check, { severity }] of Object.entries<Props>(props.quality ?? {})) {
      if (severity === "off" && !settings.mayBeOff.includes(check)) {
        violation(`the check ${check} is off. Set quality.${check}.severity to fail or warn.`);
      }
    }
  }),
};

export const deletionKeepsRows: ResourceValidationPolicy = {
  name: "deletion-keeps-rows",
  description: "Deleting the load from the stack leaves the readings in their table.",
  enforcementLevel: "mandatory",
  severity: "critical",
  validateResource: onTypes([LOAD_TYPE], ({ props }, violation) => {
    if (given(props, "onDelete") && props.onDelete !== "retain") {
      violation(
        `onDelete is ${props.onDelete}: removing the load would take the rows away. Set onDelete to retain.`,
      );
    }
  }),
};
