import { findStage, findTable } from "../catalog/lookup.ts";
import type { Stage, StorageIntegration } from "../catalog/model.ts";
import { hasPrivilege, requirePrivilege } from "../catalog/privileges.ts";
import { accountOf, type Context, type Found } from "../catalog/scope.ts";
import type { Execution } from "../context.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import type { StageLocation } from "../grammar/values.ts";
import { InternalStage, type StageOwner } from "./internal-stage.ts";
import { joinUrl, parseS3Url, requireAllowed } from "./locations.ts";
import type { StageFiles, StoredFile } from "./storage.ts";

/** A stage that a statement works on; an external one opened with the credentials of its integration's role. To be closed. */
export interface OpenStage {
  /** Of a user's or a table's stage, what a named one without any options would be. */
  stage: Pick<Found<Stage>, "object" | "fullName">;
  access: StageFiles;
  /** What the URLs of all its files begin with. */
  root: string;
  /** The root and the statement's path: the prefix of all files that the statement may touch. */
  url: string;
  /** Where its files lie, if it is an internal one. */
  internal?: InternalStage;
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

/** Finds a stage, checks what the session's role may do with it, and assumes the integration's role of an external one. */
export async function openStage(
  execution: Execution,
  location: StageLocation,
  privilege: "READ" | "WRITE" = "READ",
): Promise<OpenStage> {
  if (location.type === "userStage") {
    const { account, user } = execution.session;
    return internalStage(execution, { account, user }, "~", location.path);
  }
  if (location.type === "tableStage") {
    const found = findTable(execution, location.table);
    // "Must be the table owner" (docs: Choosing an internal stage for local files).
    requirePrivilege(execution, "OWNERSHIP", found);
    return internalStage(execution, { table: found.object.id }, `%${found.object.name}`, location.path);
  }
  const stage = findStage(execution, location.stage);
  const { url: stageUrl, integration: link } = stage.object;
  if (stageUrl === "") {
    requirePrivilege(execution, privilege, stage);
    return internalStage(execution, { stage: stage.object.id }, stage, location.path);
  }
  // Docs: Access control privileges, Stage privileges: READ and WRITE are of internal stages alone.
  requirePrivilege(execution, "USAGE", stage);
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
  return { stage, access, root: stageUrl, url, close: () => access.close() };
}

/** An internal stage: a named one, or by a name that there is no stage of. */
function internalStage(
  execution: Execution,
  owner: StageOwner,
  named: Found<Stage> | string,
  path: string,
): OpenStage {
  const internal = new InternalStage(execution.cloud, owner);
  const { root } = internal;
  const stage = typeof named === "string" ? { object: unnamed(named), fullName: named } : named;
  return { stage, access: internal, root, url: root + path, internal, close: () => {} };
}

const unnamed = (name: string): Stage => ({
  type: "STAGE",
  id: 0,
  name,
  owner: "",
  comment: "",
  createdOn: 0,
  url: "",
  fileFormat: { options: {} },
  copyOptions: {},
  directoryEnabled: false,
});

/** The files under an open stage's URL whose whole path in the bucket matches the pattern. */
export async function listStage(opened: OpenStage, pattern?: string): Promise<StoredFile[]> {
  const matches = pattern === undefined ? () => true : wholeMatch(pattern);
  const location = opened.internal
    ? { bucket: "", key: opened.url.slice(opened.root.length) }
    : parseS3Url(opened.url);
  const files = await opened.access.list(location);
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
export const nameInStage = ({ stage, root }: OpenStage, url: string): string =>
  `@${stage.object.name}/${url.slice(root.length).replace(/^\//, "")}`;

/** A file as COPY names it: its URL, or its path in an internal stage. */
export const nameInCopy = ({ internal, root }: OpenStage, url: string): string =>
  internal ? url.slice(root.length) : url;

/** A file as LIST names it: that of a named internal stage has the stage's name before it (docs: LIST). */
export function nameInListing({ internal, stage }: OpenStage, { key, url }: StoredFile): string {
  if (!internal) return url;
  return stage.object.id === 0 ? key : `${stage.object.name.toLowerCase()}/${key}`;
}
