import { fixed, type ResultSet, statusResult, text } from "../result.ts";
import { remoteFileNotFoundText } from "../storage/aws-errors.ts";
import type { StoredFile } from "../storage/storage.ts";
import type { LoadRecord } from "./load-records.ts";

const COLUMNS = [
  text("file"),
  text("status"),
  fixed("rows_parsed"),
  fixed("rows_loaded"),
  fixed("error_limit"),
  fixed("errors_seen"),
  text("first_error"),
  fixed("first_error_line"),
  fixed("first_error_character"),
  text("first_error_column_name"),
];

interface CopyOutcome {
  records: readonly LoadRecord[];
  /** Named in FILES, but loaded before. */
  loadedBefore: readonly StoredFile[];
  /** Named in FILES, but not there: URL, and name for the message. */
  missing: readonly { url: string; name: string }[];
  /** RETURN_FAILED_ONLY */
  failedOnly: boolean;
  /** A file's URL as COPY shows it. */
  shownAs: (url: string) => string;
}

/**
 * What COPY answers: one row a file, those that were not there last; one sentence when there was nothing to do (docs: COPY INTO
 * <table>, Output; the order of the rows is not verified).
 */
export function copyResult({ records, loadedBefore, missing, failedOnly, shownAs }: CopyOutcome): ResultSet {
  const shown = failedOnly ? records.filter(({ status }) => status !== "LOADED") : records;
  const rows = [
    ...shown.map((record) => [
      shownAs(record.url),
      record.status,
      String(record.rowsParsed),
      String(record.rowsLoaded),
      String(record.errorLimit),
      String(record.errorsSeen),
      record.firstError,
      record.firstErrorLine === null ? null : String(record.firstErrorLine),
      null,
      record.firstErrorColumn,
    ]),
    ...loadedBefore.map(({ url }) => failure(shownAs(url), "LOAD_SKIPPED", "File was loaded before.")),
    ...missing.map(({ url, name }) => failure(shownAs(url), "LOAD_FAILED", remoteFileNotFoundText(name))),
  ];
  if (records.length === 0 && rows.length === 0) return statusResult("Copy executed with 0 files processed.");
  return { columns: COLUMNS, rows };
}

const failure = (url: string, status: string, message: string) => [
  url,
  status,
  "0",
  "0",
  "1",
  "1",
  message,
  null,
  null,
  null,
];
