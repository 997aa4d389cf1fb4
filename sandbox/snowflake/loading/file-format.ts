import { findFileFormat } from "../catalog/lookup.ts";
import { requirePrivilege } from "../catalog/privileges.ts";
import type { Execution } from "../context.ts";
import { unsupported } from "../errors.ts";
import type { FileFormatReference } from "../grammar/copy-options.ts";
import type { FormatOptions } from "../grammar/format-options.ts";
import { type CsvFormat, csvFormat } from "./csv-file.ts";

/** How staged files are read. */
export interface LoadFormat extends ParquetFormat {
  /** Of CSV files; then nothing of the rest counts. */
  csv?: CsvFormat;
}

/** The options of a parquet file format, with Snowflake's defaults for what nobody said. */
export interface ParquetFormat {
  binaryAsText: boolean;
  logicalTypes: boolean;
  vectorizedScanner: boolean;
  trimSpace: boolean;
  nullIf: readonly string[];
}

/** Resolves a file format reference; where nobody says otherwise it is CSV. */
export function loadFormat(execution: Execution, reference: FileFormatReference | undefined): LoadFormat {
  const options = { ...namedOptions(execution, reference), ...reference?.options };
  const type = options.TYPE ?? "CSV";
  if (type !== "PARQUET" && type !== "CSV") throw unsupported(`loading files of FILE_FORMAT TYPE = ${type}`);
  return { ...parquetOptions(options), ...(type === "CSV" && { csv: csvFormat(options) }) };
}

function parquetOptions(options: Partial<FormatOptions>): ParquetFormat {
  const vectorizedScanner = options.USE_VECTORIZED_SCANNER === true;
  return {
    vectorizedScanner,
    // The vectorized scanner has its own mind about these two.
    logicalTypes: vectorizedScanner || options.USE_LOGICAL_TYPE === true,
    binaryAsText: !vectorizedScanner && options.BINARY_AS_TEXT !== false,
    trimSpace: options.TRIM_SPACE === true,
    nullIf: Array.isArray(options.NULL_IF) ? options.NULL_IF : [],
  };
}

function namedOptions(
  execution: Execution,
  reference: FileFormatReference | undefined,
): Partial<FormatOptions> {
  if (!reference || !("formatName" in reference)) return {};
  const format = findFileFormat(execution, reference.formatName);
  requirePrivilege(execution, "USAGE", format);
  return format.object.options;
}
