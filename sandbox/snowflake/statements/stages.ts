import { findFileFormat, findStage } from "../catalog/lookup.ts";
import type { Stage, StorageIntegration } from "../catalog/model.ts";
import { activeRoles, hasPrivilege, mayKnow, requirePrivilege } from "../catalog/privileges.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import type { Execution } from "../context.ts";
import { doesNotExist, unsupported } from "../errors.ts";
import { asFileFormat, readCopyOptions } from "../grammar/copy-options.ts";
import { displayIdentifier } from "../grammar/identifiers.ts";
import {
  asBoolean,
  asName1,
  asText,
  asWord,
  invalidValue,
  type Reader,
  readProperties,
  valueText,
} from "../grammar/properties.ts";
import type { Property } from "../grammar/values.ts";
import { encodeTimestamp, text, timestampLtz } from "../result.ts";
import { InternalStage } from "../storage/internal-stage.ts";
import { parseS3Url, requireAllowed } from "../storage/locations.ts";
import { integrationOf } from "../storage/stage.ts";
import { created, forgetGrants, newObject, type ObjectKind } from "./ddl.ts";
import { describeStage } from "./describe-stage.ts";
import { applyFutureGrants } from "./future-grants.ts";
import {
  alterInSchema,
  dropFromSchema,
  placeColumns,
  placeForNew,
  shownInSchemas,
} from "./schema-objects.ts";
import { yesNo } from "./shown.ts";

const asDirectory: Reader<boolean> = (value, name) => {
  if (value.type !== "properties") throw invalidValue(name, valueText(value), "(ENABLE = TRUE | FALSE)");
  const read = readProperties(value.properties, "DIRECTORY", { ENABLE: asBoolean, AUTO_REFRESH: asBoolean });
  if (read.AUTO_REFRESH) throw unsupported("directory tables that refresh by themselves");
  return read.ENABLE ?? false;
};

const asCopyOptions: Reader<ReturnType<typeof readCopyOptions>> = (value, name) => {
  if (value.type === "list" && value.items.length === 0) return {};
  if (value.type !== "properties") throw invalidValue(name, valueText(value), "(ON_ERROR = … …)");
  return readCopyOptions(value.properties);
};

const refused =
  (what: string): Reader<never> =>
  () => {
    throw unsupported(what);
  };

/** Of an internal stage: which of the two does not show here, where nothing is encrypted (docs: CREATE STAGE). */
const asEncryption: Reader<string> = (value, name) => {
  if (value.type !== "properties") throw invalidValue(name, valueText(value), "(TYPE = '...')");
  const read = readProperties(value.properties, "ENCRYPTION", {
    TYPE: asWord("SNOWFLAKE_FULL", "SNOWFLAKE_SSE"),
  });
  return read.TYPE ?? "SNOWFLAKE_FULL";
};

const readers = {
  URL: asText,
  STORAGE_INTEGRATION: asName1,
  FILE_FORMAT: asFileFormat,
  COPY_OPTIONS: asCopyOptions,
  DIRECTORY: asDirectory,
  COMMENT: asText,
  CREDENTIALS: refused("CREDENTIALS of a stage; use a storage integration"),
  ENCRYPTION: asEncryption,
};

/** An integration that the session's role may use. */
function usableIntegration(context: Context, name: string): StorageIntegration {
  const account = accountOf(context);
  const integration = account.integrations.get(name);
  if (!integration || !mayKnow(context, integration)) {
    throw doesNotExist("Integration", displayIdentifier(name));
  }
  requirePrivilege(context, "USAGE", integration);
  return integration;
}

/** Checks the properties of CREATE or ALTER STAGE against the stage that there is, and answers the change. */
function changes(context: Context, properties: readonly Property[], fullName: string) {
  const read = readProperties(properties, "STAGE", readers);
  const format = read.FILE_FORMAT;
  if (format && "formatName" in format) {
    const found = findFileFormat(context, format.formatName, "CREATE STAGE");
    // Kept as a full name: what it means must not depend on who uses the stage from where.
    format.formatName = [found.mounted.name, found.schema.name, found.object.name];
  }
  return (stage: Stage): void => {
    const url = read.URL ?? stage.url;
    if (read.ENCRYPTION && url !== "") throw unsupported("ENCRYPTION of an external stage");
    if (url !== "") parseS3Url(url);
    const chosen =
      read.STORAGE_INTEGRATION === undefined
        ? undefined
        : usableIntegration(context, read.STORAGE_INTEGRATION);
    if (chosen || read.URL !== undefined) {
      const integration =
        chosen ?? (stage.integration && integrationOf(context, stage.integration, fullName));
      if (integration && url === "") throw invalidValue("URL", "", "an s3:// URL with STORAGE_INTEGRATION");
      if (integration) requireAllowed(integration, url);
    }
    stage.url = url;
    if (chosen) stage.integration = { id: chosen.id, name: chosen.name };
    stage.fileFormat = format ?? stage.fileFormat;
    stage.copyOptions = read.COPY_OPTIONS ?? stage.copyOptions;
    stage.directoryEnabled = read.DIRECTORY ?? stage.directoryEnabled;
    stage.comment = read.COMMENT ?? stage.comment;
  };
}

function forgetStage(execution: Execution, { id }: Stage): void {
  forgetGrants(execution, id);
  new InternalStage(execution.cloud, { stage: id }).remove();
}

/** Stages: a prefix of a bucket under a name, with the integration that opens it, or a folder of files that clients put there. */
export const stages: ObjectKind = {
  create(statement, execution) {
    const { name, place, layer, old, kept } = placeForNew(statement, execution, "stages", "STAGE");
    if (kept) return kept;
    const stage: Stage = {
      type: "STAGE",
      ...newObject(execution, name),
      ...(statement.temporary && { temporary: true }),
      url: "",
      fileFormat: { options: {} },
      copyOptions: {},
      directoryEnabled: false,
    };
    changes(execution, statement.properties, displayIdentifier(name))(stage);
    if (old) forgetStage(execution, old);
    layer.stages.set(name, stage);
    if (!stage.temporary) applyFutureGrants(execution, stage, place.database, place.schema);
    execution.cloud.catalog.save();
    return created("Stage area", name);
  },

  alter(statement, execution) {
    const find = () => findStage(execution, statement.name, "ALTER STAGE");
    return alterInSchema(statement, execution, find, "stages", "STAGE", ({ object, fullName }, properties) =>
      changes(execution, properties, fullName)(object),
    );
  },

  drop(statement, execution) {
    const find = () => findStage(execution, statement.name, "DROP STAGE");
    return dropFromSchema(statement, execution, "stages", find, (stage) => forgetStage(execution, stage));
  },

  show(statement, execution) {
    const { region } = accountOf(execution);
    const rows = shownInSchemas(execution, statement, "stages").map(({ object: stage, place }) => ({
      created_on: encodeTimestamp(new Date(stage.createdOn)),
      name: stage.name,
      ...placeColumns(place),
      url: stage.url,
      has_credentials: "N",
      has_encryption_key: "N",
      owner: stage.owner,
      comment: stage.comment,
      region: stage.url === "" ? null : region.replace(/^AWS_/, "").toLowerCase().replaceAll("_", "-"),
      type: stage.url === "" ? "INTERNAL" : "EXTERNAL",
      cloud: stage.url === "" ? null : "AWS",
      notification_channel: null,
      storage_integration: stage.integration?.name ?? null,
      endpoint: null,
      owner_role_type: "ROLE",
      directory_enabled: yesNo(stage.directoryEnabled),
    }));
    return { columns: showColumns, rows };
  },

  describe(statement, execution) {
    const found = findStage(execution, statement.name, "DESCRIBE STAGE");
    const account = accountOf(execution);
    const integration = [...account.integrations.values()].find(
      ({ id }) => id === found.object.integration?.id,
    );
    // Whom Snowflake acts as is for those who may set the trust up.
    const owner = hasPrivilege(account, activeRoles(execution), "OWNERSHIP", found.object);
    return describeStage(found.object, owner && integration ? { account, integration } : undefined);
  },
};

const showColumns = [
  timestampLtz("created_on"),
  text("name"),
  text("database_name"),
  text("schema_name"),
  text("url"),
  text("has_credentials"),
  text("has_encryption_key"),
  text("owner"),
  text("comment"),
  text("region"),
  text("type"),
  text("cloud"),
  text("notification_channel"),
  text("storage_integration"),
  text("endpoint"),
  text("owner_role_type"),
  text("directory_enabled"),
];
