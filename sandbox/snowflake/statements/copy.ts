import { findTable } from "../catalog/lookup.ts";
import { requirePrivilege } from "../catalog/privileges.ts";
import type { Execution, Handler } from "../context.ts";
import type { Connection } from "../engine/engine.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import { followSession } from "../functions/session-formats.ts";
import type { CopyOptions, ValidationMode } from "../grammar/copy-options.ts";
import type { CopyIntoTable } from "../grammar/load-statements.ts";
import type { StageLocation } from "../grammar/values.ts";
import { copyResult } from "../loading/copy-result.ts";
import { loadFormat } from "../loading/file-format.ts";
import { FileLoader } from "../loading/file-loader.ts";
import { type Selection, selectFiles } from "../loading/file-selection.ts";
import { type LoadOptions, requireLoadable } from "../loading/load-plan.ts";
import {
  type LoadRecord,
  prepareLoadRecords,
  readLoadMemory,
  writeLoadRecords,
} from "../loading/load-records.ts";
import { validateFiles } from "../loading/validation.ts";
import { parameterOf } from "../parameters.ts";
import type { ResultSet } from "../result.ts";
import { remoteFileNotFound } from "../storage/aws-errors.ts";
import { listStage, nameInCopy, nameInStage, type OpenStage, openStage } from "../storage/stage.ts";
import type { StoredFile } from "../storage/storage.ts";
import { loadTransformed, requireTransformable, transformation } from "./copy-transformed.ts";
import { changeTables, loadLock } from "./transactions.ts";

type Target = ReturnType<typeof findTable>;

/**
 * COPY INTO table FROM @stage: loads each file once (docs: COPY INTO <table>, FORCE), all in one transaction with the record of it.
 */
export const copy: Handler<CopyIntoTable> = async (statement, execution) => {
  const transformed = statement.source.type === "query" ? await transformation(statement) : undefined;
  const location = transformed?.location ?? stageOf(statement);
  const target = findTable(execution, statement.table, "COPY");
  requirePrivilege(execution, "INSERT", target);
  const stage = await openStage(execution, location);
  try {
    const options: CopyOptions = { ...stage.stage.object.copyOptions, ...statement.options };
    refuseUnknown(options);
    const load = loadOptions(execution, options, stage, statement.columns);
    if (statement.columns && !transformed && !load.csv)
      throw unsupported("a column list in COPY INTO <table> of Parquet files without a SELECT");
    if (transformed) requireTransformable(options);
    else requireLoadable(target.object, load);
    warnOfClustering(target, options);
    await execution.useWarehouse();
    if (options.validationMode && !transformed)
      return await validate(execution, target, stage, options, load, options.validationMode);
    const loader: Loader = transformed
      ? (connection, _reader, files) =>
          loadTransformed({ execution, connection, target, stage, options, transformed }, files)
      : (connection, reader, files) => {
          const onError = options.onError ?? { action: "ABORT_STATEMENT" };
          return new FileLoader({ execution, connection, reader, target, stage, load, onError }).load(files);
        };
    return await copyFiles(execution, target, stage, options, loader);
  } finally {
    for (const clear of transformed?.leftovers ?? []) await clear();
    stage.close();
  }
};

/** Loads files in the transaction of a connection; the other one reads outside of it. */
type Loader = (
  connection: Connection,
  reader: Connection,
  files: readonly StoredFile[],
) => Promise<LoadRecord[]>;

function stageOf({ source }: CopyIntoTable): StageLocation {
  if (source.type === "query" || source.type === "url")
    throw unsupported("COPY INTO <table> FROM a URL; create a stage for it");
  return source;
}

function refuseUnknown(options: CopyOptions): void {
  if (options.loadMode === "ADD_FILES_COPY") throw unsupported("LOAD_MODE = ADD_FILES_COPY");
  // Docs: COPY INTO <table>, MATCH_BY_COLUMN_NAME, limitations (the page was not at hand; the error is not verified).
  if (options.validationMode && (options.matchByColumnName ?? "NONE") !== "NONE")
    throw unsupported("VALIDATION_MODE with MATCH_BY_COLUMN_NAME");
}

/** "Loading into clustered tables is not fully supported": ON_ERROR is not reliable there (docs: COPY INTO <table>, usage notes). */
function warnOfClustering({ object, fullName }: Target, { onError }: CopyOptions): void {
  const action = onError?.action ?? "ABORT_STATEMENT";
  if (object.clusterBy.length === 0 || action === "ABORT_STATEMENT") return;
  process.stderr.write(
    `COPY INTO ${fullName} with ON_ERROR = ${action}: the table is clustered, where a real account does not promise what ON_ERROR says\n`,
  );
}

function loadOptions(
  execution: Execution,
  options: CopyOptions,
  stage: OpenStage,
  columns: readonly string[] | undefined,
): LoadOptions {
  const { truncateColumns, enforceLength } = options;
  return {
    ...loadFormat(execution, options.fileFormat ?? stage.stage.object.fileFormat),
    ...(columns && { columns }),
    match: options.matchByColumnName ?? "NONE",
    includeMetadata: new Map(Object.entries(options.includeMetadata ?? {})),
    truncate: truncateColumns ?? enforceLength === false,
    timeZone: parameterOf(execution.session, "TIMEZONE"),
    refuseEmptyText: execution.cloud.switches.emptyParquetText === "reject",
    scanTime: execution.cloud.now(),
  };
}

async function copyFiles(
  execution: Execution,
  target: Target,
  stage: OpenStage,
  options: CopyOptions,
  loader: Loader,
): Promise<ResultSet> {
  const { cloud } = execution;
  const databaseId = target.database.id;
  await cloud.engine.attach(databaseId);
  await prepareLoadRecords(cloud.engine, databaseId);
  const reader = (await cloud.engine.connect()).guardedBy(execution.signal);
  try {
    await followSession(reader, execution.session);
    const { records, selection } = await changeTables(execution, {
      tables: [target],
      lock: loadLock,
      loads: true,
      repeatable: false,
      work: (connection) => loadFiles(execution, connection, reader, target, stage, options, loader),
      changes: (outcome) => outcome.records.length > 0,
    });
    if (options.purge) await purge(stage, records);
    return copyResult({
      records,
      loadedBefore: selection.loadedBefore,
      missing: selection.missing.map((url) => ({ url, name: nameInStage(stage, url) })),
      failedOnly: options.returnFailedOnly ?? false,
      shownAs: (url) => nameInCopy(stage, url),
    });
  } catch (error) {
    throw isConflict(error) ? loadedMeanwhile(target.fullName) : error;
  } finally {
    reader.close();
  }
}

/** What would be loaded is read, and nothing is loaded or remembered. */
async function validate(
  execution: Execution,
  target: Target,
  stage: OpenStage,
  options: CopyOptions,
  load: LoadOptions,
  mode: ValidationMode,
): Promise<ResultSet> {
  const { engine } = execution.cloud;
  const databaseId = target.database.id;
  await engine.attach(databaseId);
  await prepareLoadRecords(engine, databaseId);
  const reader = (await engine.connect()).guardedBy(execution.signal);
  try {
    await followSession(reader, execution.session);
    const force = mode.mode === "RETURN_ALL_ERRORS";
    const { chosen } = await select(execution, reader, target, stage, {
      ...options,
      ...(force && { force }),
    });
    return await validateFiles({ execution, reader, target, stage, load }, chosen, mode);
  } finally {
    reader.close();
  }
}

/** The files that a COPY is about. */
async function select(
  { cloud }: Execution,
  connection: Connection,
  target: Target,
  stage: OpenStage,
  options: CopyOptions,
): Promise<Selection> {
  const memory = await readLoadMemory(connection, target.database.id, target.object.id);
  const selection = selectFiles(await listStage(stage, options.pattern), stage.url, memory, cloud.now(), {
    ...(options.files ? { files: options.files } : {}),
    ...(options.sizeLimit === undefined ? {} : { sizeLimit: options.sizeLimit }),
    force: options.force ?? false,
    loadUncertainFiles: options.loadUncertainFiles ?? false,
  });
  const [missing] = selection.missing;
  const action = options.onError?.action ?? "ABORT_STATEMENT";
  if (missing !== undefined && action === "ABORT_STATEMENT")
    throw remoteFileNotFound(nameInStage(stage, missing));
  return selection;
}

/** Loads what is to be loaded, and keeps the records of it, in the transaction of a connection. */
async function loadFiles(
  execution: Execution,
  connection: Connection,
  reader: Connection,
  target: Target,
  stage: OpenStage,
  options: CopyOptions,
  loader: Loader,
) {
  const { cloud } = execution;
  const databaseId = target.database.id;
  const selection = await select(execution, connection, target, stage, options);
  const records = await loader(connection, reader, selection.chosen);
  const loadedAt = cloud.now().getTime();
  const past = records.map((record) => ({
    ...record,
    tableId: target.object.id,
    queryId: execution.queryId,
    loadedAt,
  }));
  await writeLoadRecords(connection, databaseId, past);
  execution.signal.throwIfAborted();
  return { records, selection };
}

/** Another transaction recorded a load of the same file into the same table, and was committed first. */
const isConflict = (error: unknown): boolean =>
  /conflict|primary key constraint|constraint violation/i.test(String(error));

const loadedMeanwhile = (table: string): SnowflakeError =>
  new SnowflakeError(
    "000625",
    "57014",
    `Another transaction has loaded some of the files into table '${table}' meanwhile. Nothing was loaded by this one; run it again.`,
  );

/** PURGE = TRUE: tried for each file that was loaded; a failure is no error (docs: COPY INTO <table>, PURGE). */
async function purge(stage: OpenStage, records: readonly LoadRecord[]): Promise<void> {
  const loaded = records.filter(({ status }) => status === "LOADED");
  await Promise.allSettled(loaded.map(({ file }) => stage.access.delete(file)));
}
