import type { PolicyResource, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { READINGS_CLUSTER_BY, READINGS_COLUMNS } from "../components/readings-columns.ts";
import { LOAD_TYPES } from "./load-inputs.ts";
import { onTypes, type Props } from "./rule.ts";
import { beginsWith, statements, tokens } from "./sql.ts";

const TABLE = "snowflake:index/table:Table";
const INTEGRATION = "snowflake:index/storageIntegration:StorageIntegration";
const STAGE = "snowflake:index/stage:Stage";
const EXECUTE = "snowflake:index/execute:Execute";

/** Name of the table that holds the readings. */
const readingsTable = {
  type: "string",
  default: "AMI_INTERVAL_READINGS",
  description: "Name of the readings table",
} as const;

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

export const readingsTableHasShape: ResourceValidationPolicy = {
  name: "readings-table-has-shape",
  description: "The readings table has the guide's columns, types and clustering key.",
  enforcementLevel: "mandatory",
  severity: "high",
  configSchema: { properties: { readingsTable } },
  validateResource: onTypes<{ readingsTable: string }>([TABLE], ({ props, settings }, violation) => {
    if (props.name !== settings.readingsTable) return;
    const columns = new Map((props.columns as Props[]).map(({ name, type }) => [name, type as string]));
    for (const { name, type } of READINGS_COLUMNS) {
      const found = columns.get(name);
      if (found === undefined) violation(`the column ${name} is missing. Add it as ${type}.`);
      else if (normalType(found) !== type) violation(`the column ${name} is ${found}. Make it ${type}.`);
    }
    const clusterBy: string[] = props.clusterBies ?? [];
    if (clusterBy.map(normalExpression).join() !== READINGS_CLUSTER_BY.map(normalExpression).join()) {
      violation(
        `the clustering key is (${clusterBy.join(", ") || "none"}). Set it to (${READINGS_CLUSTER_BY.join(", ")}).`,
      );
    }
  }),
};

export const readingsAreProtected: ResourceValidationPolicy = {
  name: "readings-are-protected",
  description: "The readings table and the storage integration cannot be deleted or replaced by accident.",
  enforcementLevel: "mandatory",
  severity: "high",
  configSchema: { properties: { readingsTable } },
  validateResource: onTypes<{ readingsTable: string }>(
    [TABLE, INTEGRATION],
    ({ type, props, protect, settings }, violation) => {
      if (protect || (type === TABLE && props.name !== settings.readingsTable)) return;
      const loss = type === TABLE ? "the rows would go with it" : "every stage on it would stop working";
      violation(`it is not protected; ${loss} if it were deleted. Set the stack's protect to true.`);
    },
  ),
};

/** True when this resource is, or depends on, the one with that URN. */
function dependsOn(resource: PolicyResource, urn: string): boolean {
  return (
    resource.dependencies.some((dependency) => dependency.urn === urn) ||
    Object.values(resource.propertyDependencies).some((list) => list.some((item) => item.urn === urn))
  );
}

/** True when the statement text re-links a stage: ALTER STAGE … SET … STORAGE_INTEGRATION. */
function relinks(sql: string): boolean {
  return statements(sql).some(
    (statement) =>
      beginsWith(statement, "ALTER STAGE") &&
      statement.some(({ kind, text }) => kind === "word" && text === "STORAGE_INTEGRATION"),
  );
}

export const stageIsRelinked: StackValidationPolicy = {
  name: "stage-is-relinked",
  description:
    "Where a stage hangs on a storage integration, a re-link follows the integration's replacement.",
  enforcementLevel: "mandatory",
  severity: "medium",
  validateStack: ({ resources }, report) => {
    const byUrn = new Set(resources.filter(({ type }) => type === INTEGRATION).map(({ urn }) => urn));
    for (const stage of resources.filter(({ type }) => type === STAGE)) {
      const integration = [...byUrn].find((urn) => dependsOn(stage, urn));
      if (integration === undefined) continue;
      const relinked = resources.some(
        (resource) =>
          resource.type === EXECUTE && dependsOn(resource, integration) && relinks(resource.props.execute),
      );
      if (!relinked) {
        report(
          `${stage.name}: nothing re-links this stage when its integration is replaced (error 003139 then). ` +
            "Add an Execute with ALTER STAGE … SET STORAGE_INTEGRATION that depends on the integration.",
          stage.urn,
        );
      }
    }
  },
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
    [STAGE, ...LOAD_TYPES],
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
  validateResource: onTypes<{ mayBeOff: string[] }>(LOAD_TYPES, ({ props, settings }, violation) => {
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
  validateResource: onTypes(LOAD_TYPES, ({ props }, violation) => {
    if (props.onDelete === "truncate") {
      violation("onDelete is truncate: removing the load would empty the table. Set onDelete to retain.");
    }
  }),
};
