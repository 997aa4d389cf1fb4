import type { Account, Stage, StorageIntegration } from "../catalog/model.ts";
import type { CopyOptions, OnError } from "../grammar/copy-options.ts";
import type { FormatValue } from "../grammar/format-options.ts";
import { completeFormatOptions, formatOptionRows } from "../grammar/format-options.ts";
import { displayName } from "../grammar/identifiers.ts";
import { type ResultSet, text } from "../result.ts";
import { displayFormatValue } from "./file-formats.ts";

type DescribedRow = [parent: string, property: string, type: string, value: string, fallback: string];

/**
 * The rows of DESCRIBE STAGE (docs: DESCRIBE STAGE). A format that goes by its name is one row, options on the spot are one row each.
 * The trust (whom Snowflake acts as, under which external ID) is shown when it is given.
 */
export const describeStage = (
  stage: Stage,
  trust?: { account: Account; integration: StorageIntegration },
): ResultSet => ({
  columns: ["parent_property", "property", "property_type", "property_value", "property_default"].map(
    (name) => text(name),
  ),
  rows: [
    ...formatRows(stage),
    ...copyRows(stage.copyOptions),
    ...(stage.url === "" ? [] : [row("STAGE_LOCATION", "URL", "String", JSON.stringify([stage.url]), "")]),
    ...(stage.integration
      ? [row("STAGE_INTEGRATION", "STORAGE_INTEGRATION", "String", stage.integration.name, "")]
      : []),
    ...(trust
      ? [
          row("STAGE_CREDENTIALS", "AWS_ROLE", "String", trust.integration.awsRoleArn, ""),
          row("STAGE_CREDENTIALS", "AWS_EXTERNAL_ID", "String", trust.integration.awsExternalId, ""),
          row("STAGE_CREDENTIALS", "SNOWFLAKE_IAM_USER", "String", trust.account.awsIamUserArn, ""),
        ]
      : []),
    row("DIRECTORY", "ENABLE", "Boolean", String(stage.directoryEnabled), "false"),
    row("DIRECTORY", "AUTO_REFRESH", "Boolean", "false", "false"),
  ],
});

const row = (...cells: DescribedRow): DescribedRow => cells;

/** As it was written, with a backslash before each quote [terraform-provider-snowflake #1491, #3845]. */
const displayFormatName = ({ formatName, written }: { formatName: readonly string[]; written?: string }) =>
  (written ?? displayName(formatName)).replaceAll('"', '\\"');

function formatRows({ fileFormat }: Stage): DescribedRow[] {
  const parent = "STAGE_FILE_FORMAT";
  const named =
    "formatName" in fileFormat
      ? [row(parent, "FORMAT_NAME", "String", displayFormatName(fileFormat), "")]
      : [];
  const written = Object.keys(fileFormat.options);
  const options = completeFormatOptions(fileFormat.options);
  return [
    ...named,
    ...formatOptionRows(options.TYPE)
      .filter(({ name }) => named.length === 0 || written.includes(name))
      .map((option) =>
        row(
          parent,
          option.name,
          option.type,
          displayFormatValue(options[option.name] as FormatValue),
          displayFormatValue(option.default),
        ),
      ),
  ];
}

function displayOnError(onError: OnError): string {
  if (onError.action !== "SKIP_FILE" || onError.limit === undefined) return onError.action;
  return `SKIP_FILE_${onError.limit}${onError.unit === "percent" ? "%" : ""}`;
}

function copyRows(options: CopyOptions): DescribedRow[] {
  const parent = "STAGE_COPY_OPTIONS";
  const flag = (name: string, value: boolean | undefined, fallback: boolean) =>
    row(parent, name, "Boolean", String(value ?? fallback), String(fallback));
  return [
    row(
      parent,
      "ON_ERROR",
      "String",
      displayOnError(options.onError ?? { action: "ABORT_STATEMENT" }),
      "ABORT_STATEMENT",
    ),
    row(parent, "SIZE_LIMIT", "Long", String(options.sizeLimit ?? ""), ""),
    flag("PURGE", options.purge, false),
    flag("RETURN_FAILED_ONLY", options.returnFailedOnly, false),
    flag("ENFORCE_LENGTH", options.enforceLength, true),
    flag("TRUNCATECOLUMNS", options.truncateColumns, false),
    flag("FORCE", options.force, false),
    ...(options.matchByColumnName === undefined
      ? []
      : [row(parent, "MATCH_BY_COLUMN_NAME", "String", options.matchByColumnName, "NONE")]),
  ];
}
