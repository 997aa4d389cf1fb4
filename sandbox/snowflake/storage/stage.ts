import { findStage } from "../catalog/lookup.ts";
import type { Stage, StorageIntegration } from "../catalog/model.ts";
import { hasPrivilege, requirePrivilege } from "../catalog/privileges.ts";
import { accountOf, type Context, type Found } from "../catalog/scope.ts";
import type { Execution } from "../context.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import type { StageLocation } from "../sql/statement.ts";
import { joinUrl, parseS3Url, requireAllowed } from "./locations.ts";
import type { StorageAccess, StoredFile } from "./storage.ts";

/** A stage that a statement reads, opened with the credentials of its integration's role. To be closed. */
export interface OpenStage {
  stage: Found<Stage>;
  access: StorageAccess;
  /** The stage's URL and the statement's path: the prefix of all files that the statement may touch. */
  url: string;
  close(): void;
}

/** 003139: the integration was dropped or replaced; the stage still points at the one that is gone. */
const orphaned = (integration: string, stage: string) =>
  new SnowflakeError(
    "003139",
    "22000",
    `SQL compilation error:\nIntegration '${integration}' associated with the stage '${stage}' cannot be found.`,
  );

/** The integration that a stage points at by its hidden ID; 003139 when that one is gone. */
export function integrationOf(
  context: Context,
  link: { id: number; name: string },
  stage: string,
): StorageIntegration {
  const integration = [...accountOf(context).integrations.values()].find(({ id }) => id === link.id);
  if (!integration) throw orphaned(link.name, stage);
  return integration;
}

/** Finds a stage, checks what the session's role may do with it, and assumes the integration's role. */
export async function openStage(execution: Execution, location: StageLocation): Promise<OpenStage> {
  if (location.type !== "stage") throw unsupported("user and table stages");
  const stage = findStage(execution, location.stage);
  requirePrivilege(execution, ["USAGE", "READ"], stage);
  const { url: stageUrl, integration: link } = stage.object;
  if (stageUrl === "") throw unsupported("internal stages");
  if (!link) throw unsupported("external stages without STORAGE_INTEGRATION");

  const integration = integrationOf(execution, link, stage.fullName);
  // It is enough that the stage's owner may use the integration.
  if (!hasPrivilege(accountOf(execution), stage.object.owner, "USAGE", integration))
    requirePrivilege(execution, "USAGE", integration);
  if (!integration.enabled) {
    throw new SnowflakeError(
      "003125",
      "42601",
      `SQL compilation error:\nIntegration '${integration.name}' is disabled. Enable it with 'ALTER STORAGE INTEGRATION ... SET ENABLED = TRUE'.`,
    );
  }
  const url = joinUrl(stageUrl, location.path);
  requireAllowed(integration, url);
  const access = await execution.cloud.storage.open(execution.session.account, integration, execution.signal);
  return { stage, access, url, close: () => access.close() };
}

/** The files under an open stage's URL whose whole path in the bucket matches the pattern. */
export async function listStage(opened: OpenStage, pattern?: string): Promise<StoredFile[]> {
  const matches = pattern === undefined ? () => true : wholeMatch(pattern);
  const files = await opened.access.list(parseS3Url(opened.url));
  return files.filter(({ key }) => matches(key));
}

function wholeMatch(pattern: string): (text: string) => boolean {
  try {
    const expression = new RegExp(`^(?:${pattern})$`, "s");
    return (text) => expression.test(text);
  } catch (error) {
    throw new SnowflakeError(
      "100048",
      "2201B",
      `Invalid regular expression: '${pattern}', ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** A file as messages about a stage name it: @STAGE/path. */
export const nameInStage = ({ stage }: OpenStage, url: string): string =>
  `@${stage.object.name}/${url.slice(stage.object.url.length).replace(/^\//, "")}`;
