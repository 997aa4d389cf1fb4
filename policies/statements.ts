import type { PolicyResource, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { onTypes } from "./rule.ts";
import { externalIdFault } from "./trust.ts";

/**
 * The exact shapes of the statements that Execute may run. Not first words: comments, several statements, `->>` and
 * quotes have too many ways to hide something behind them. A name is quoted, and what follows `-- of` is a moment.
 */
const NAME = '"(?:[^"\\n\\r]|"")+"';
const OF_MOMENT = "(?: -- of [-+:.,()\\w ]*)?";
const SHAPES = {
  externalId: new RegExp(
    `^ALTER STORAGE INTEGRATION ${NAME} SET STORAGE_AWS_EXTERNAL_ID = '([\\w+=,.@:/-]+)'${OF_MOMENT}$`,
  ),
  link: new RegExp(`^ALTER STAGE ${NAME}\\.${NAME}\\.${NAME} SET STORAGE_INTEGRATION = ${NAME}${OF_MOMENT}$`),
  fileFormat: new RegExp(`^ALTER FILE FORMAT ${NAME}\\.${NAME}\\.${NAME} SET USE_VECTORIZED_SCANNER = TRUE$`),
  nothing: /^SELECT 1$/,
};

/** A statement without the moment it is of, which changes nothing that it does. */
export function withoutMoment(sql: string): string {
  return sql.replace(new RegExp(`${OF_MOMENT}$`), "");
}

/** True for a statement that links a stage to its integration anew. */
function isLink(sql: unknown): boolean {
  return typeof sql === "string" && SHAPES.link.test(sql);
}

export const executesOnlyKnownStatements: ResourceValidationPolicy = {
  name: "executes-only-known-statements",
  description:
    "Free SQL (Execute) pins the external ID, links the stage or sets how parquet is read, in exactly those words, and does nothing else.",
  enforcementLevel: "mandatory",
  severity: "critical",
  validateResource: onTypes(["snowflake:index/execute:Execute"], ({ props }, violation) => {
    for (const field of ["execute", "revert", "query"]) {
      const sql: unknown = props[field];
      if (sql === undefined || (field === "query" && sql === "")) continue;
      const text = String(sql);
      const pinned = SHAPES.externalId.exec(text)?.[1];
      const fault = pinned === undefined ? undefined : externalIdFault(pinned, 16);
      if (fault !== undefined) violation(`${field} pins an external ID that ${fault}. Use a random one.`);
      if (!Object.values(SHAPES).some((shape) => shape.test(text))) {
        violation(
          `${field} runs "${text.slice(0, 60).replace(/\s+/g, " ")} …". Use the resource made for it; Execute may only pin the ` +
            "external ID of an integration, link a stage to its integration, or set how a file format reads parquet.",
        );
      }
    }
  }),
};

const INTEGRATION = "snowflake:index/storageIntegration:StorageIntegration";
const STAGE = "snowflake:index/stage:Stage";
const EXECUTE = "snowflake:index/execute:Execute";

/** True when this resource is, or depends on, the one with that URN. */
function dependsOn(resource: PolicyResource, urn: string): boolean {
  return (
    resource.dependencies.some((dependency) => dependency.urn === urn) ||
    Object.values(resource.propertyDependencies).some((list) => list.some((item) => item.urn === urn))
  );
}

export const stageIsRelinked: StackValidationPolicy = {
  name: "stage-is-relinked",
  description:
    "Where a stage hangs on a storage integration, a re-link follows the integration's replacement.",
  enforcementLevel: "mandatory",
  severity: "medium",
  validateStack: ({ resources }, report) => {
    const integrations = resources.filter(({ type }) => type === INTEGRATION).map(({ urn }) => urn);
    for (const stage of resources.filter(({ type }) => type === STAGE)) {
      const integration = integrations.find((urn) => dependsOn(stage, urn));
      if (integration === undefined) continue;
      const relinked = resources.some(
        (resource) =>
          resource.type === EXECUTE && dependsOn(resource, integration) && isLink(resource.props.execute),
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
