import type { Execution, Handler } from "../context.ts";
import { SnowflakeError } from "../errors.ts";
import type { RemoveFiles, TransferFiles } from "../grammar/load-statements.ts";
import { type ResultSet, text } from "../result.ts";
import type { InternalStage } from "../storage/internal-stage.ts";
import { listStage, nameInListing, openStage } from "../storage/stage.ts";

/**
 * PUT and GET: what the client is to copy from where to where. The stage lies on the local disk, which drivers know as
 * LOCAL_FS; a real account names a place in a cloud store and gives the keys to it.
 */
export const transfer: Handler<TransferFiles> = async (statement, execution) => {
  const { kind, file, location, options } = statement;
  requireOptions(statement);
  const stage = await openStage(execution, location, kind === "put" ? "WRITE" : "READ");
  try {
    const internal = stage.internal;
    if (!internal) {
      // Docs: PUT and GET, usage notes: "does not support external stages".
      throw new SnowflakeError(
        "091003",
        "0A000",
        "SQL compilation error:\nGET and PUT commands are not supported with external stage.",
      );
    }
    return kind === "put"
      ? answer(upload(internal, location.path, file, options))
      : answer(await download(execution, stage, internal, file, options));
  } finally {
    stage.close();
  }
};

const OPTIONS = {
  put: ["PARALLEL", "AUTO_COMPRESS", "SOURCE_COMPRESSION", "OVERWRITE"],
  get: ["PARALLEL", "PATTERN"],
};

function requireOptions({ kind, options }: TransferFiles): void {
  for (const name of options.keys()) {
    if (OPTIONS[kind].includes(name)) continue;
    throw new SnowflakeError(
      "001006",
      "42601",
      `SQL compilation error:\ninvalid property '${name}' for '${kind.toUpperCase()}'`,
    );
  }
}

/** The client reads what it is to do from this, and makes the rows itself. */
const answer = (instructions: Record<string, unknown>): ResultSet => ({
  columns: [text("file")],
  rows: [],
  transfer: instructions,
});

const flag = (value: string | undefined, usual: boolean): boolean =>
  value === undefined ? usual : value.toUpperCase() === "TRUE";

const place = (location: string) => ({
  locationType: "LOCAL_FS",
  location,
  path: "",
  region: null,
  storageAccount: null,
  isClientSideEncrypted: false,
  creds: {},
  presignedUrl: null,
  endPoint: null,
});

const upload = (
  stage: InternalStage,
  stagePath: string,
  file: string,
  options: ReadonlyMap<string, string>,
): Record<string, unknown> => ({
  command: "UPLOAD",
  src_locations: [file],
  parallel: Number(options.get("PARALLEL") ?? 4),
  autoCompress: flag(options.get("AUTO_COMPRESS"), true),
  sourceCompression: (options.get("SOURCE_COMPRESSION") ?? "auto_detect").toLowerCase(),
  overwrite: flag(options.get("OVERWRITE"), false),
  threshold: 209_715_200,
  stageInfo: place(stage.folder(stagePath)),
});

async function download(
  execution: Execution,
  stage: Awaited<ReturnType<typeof openStage>>,
  internal: InternalStage,
  directory: string,
  options: ReadonlyMap<string, string>,
): Promise<Record<string, unknown>> {
  const files = await listStage(stage, options.get("PATTERN"));
  execution.signal.throwIfAborted();
  return {
    command: "DOWNLOAD",
    src_locations: files.map(({ key }) => key),
    localLocation: directory,
    parallel: Number(options.get("PARALLEL") ?? 10),
    stageInfo: place(internal.directory),
  };
}

/** REMOVE: deletes files of a stage, and says of each that it has. */
export const remove: Handler<RemoveFiles> = async (statement, execution) => {
  const stage = await openStage(execution, statement.location, "WRITE");
  try {
    const files = await listStage(stage, statement.pattern);
    for (const file of files) await stage.access.delete(file);
    return {
      columns: [text("name"), text("result")],
      rows: files.map((file) => [nameInListing(stage, file), "removed"]),
    };
  } finally {
    stage.close();
  }
};
