import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { LOAD_TYPE, type LoadSettings } from "../components/verified-load/args.ts";
import { type Estimate, estimate, type PastLoad } from "../components/verified-load/estimate.ts";
import { waitingIn } from "../components/verified-load/lines.ts";
import { completeQuality, type QualitySettings } from "../components/verified-load/quality/index.ts";
import { EVERY_PARQUET_FILE, selector } from "../components/verified-load/write/selection.ts";
import type { Plan, ResourceChange } from "./engine-plan.ts";

/** Inputs that say where the files lie. */
const LOCATION = ["stageUrl", "path", "include", "exclude"];

/** A quality gate and what it stops at. */
interface Gate {
  readonly check: string;
  readonly severity: string;
  /** The thresholds in words: `minShare 0.99, min 110`. */
  readonly thresholds: string;
}

/** What the load of a stack would do. */
export interface LoadForecast {
  readonly operation: ResourceChange["operation"];
  /** Undefined when nobody could look. */
  readonly expected?: Estimate;
  /** Why there is no figure, or what the figure does not know. */
  readonly note?: string;
  readonly warehouseSize: string;
  readonly maxRejectedRows: number;
  readonly gates: readonly Gate[];
  /** What the load itself said when it was asked. */
  readonly said: readonly string[];
}

/** Looks into the bucket for each object below a folder. */
export type ListFiles = (bucket: string, prefix: string) => Promise<{ key: string; size: number }[]>;

/** Lists by the AWS credentials of the environment. */
export const listFiles: ListFiles = async (bucket, prefix) => {
  const s3 = new S3Client({ maxAttempts: 2 });
  const files: { key: string; size: number }[] = [];
  try {
    let token: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
      );
      for (const { Key = "", Size = 0 } of page.Contents ?? []) files.push({ key: Key, size: Size });
      token = page.NextContinuationToken;
    } while (token !== undefined);
  } finally {
    s3.destroy();
  }
  return files;
};

/** What the load would do; undefined for a stack without one. */
export async function forecastLoad(plan: Plan, list: ListFiles): Promise<LoadForecast | undefined> {
  const load = plan.resources.find(({ type }) => type === LOAD_TYPE);
  const inputs = (load?.after ?? load?.before)?.inputs as Partial<LoadSettings> | undefined;
  if (load === undefined || inputs === undefined) return undefined;
  const size = inputs.loadSize ?? "XLARGE";
  const said = plan.messages.filter(({ text }) => text.startsWith("load: ")).map(({ text }) => text.slice(6));
  const about = {
    operation: load.operation,
    warehouseSize: size,
    maxRejectedRows: inputs.maxRejectedRows ?? 0,
    gates: gatesOf(inputs.quality),
    said: [...new Set(said.flatMap((text) => text.split("\nload: ")))],
  };
  if (load.operation === "delete") return { ...about, note: "The load leaves the stack." };
  // The state's figure is of where the files lay until now; a refresh has brought it up to date.
  const known = plan.drift.find(({ urn }) => urn === load.urn)?.after ?? load.before;
  const pending = known?.outputs.pending as { files?: number; bytes?: number } | undefined;
  const moved = load.properties.some(({ path }) => LOCATION.some((key) => path.startsWith(key)));
  // Of files that lie elsewhere now the load itself has said what waits, where it could look.
  const waiting = moved ? about.said.map(waitingIn).find(Boolean) : pending;
  if (load.operation !== "create" && typeof waiting?.files === "number") {
    const { files, bytes = 0 } = waiting;
    const past = known?.outputs.cost as PastLoad | undefined;
    return { ...about, expected: estimate(alike(files, bytes), { size }, past ? [past] : []) };
  }
  const loaded =
    load.operation === "create" || pending === undefined
      ? undefined
      : { where: placeOf(load.before?.inputs), pending };
  return { ...about, ...(await look(inputs, size, list, loaded)) };
}

interface Place {
  readonly bucket: string;
  readonly prefix: string;
}

/** Where the files of a load lie; undefined while that is not known. */
function placeOf({ stageUrl = "", path = "" }: Partial<LoadSettings> = {}): Place | undefined {
  const [, bucket, prefix] = /^s3(?:gov|china)?:\/\/([^/]+)\/(.*)$/.exec(stageUrl) ?? [];
  return bucket === undefined ? undefined : { bucket, prefix: `${prefix}${path}` };
}

/** @param loaded where the files lay until now, and how many of them wait; the accounting knows a file by its whole URL */
async function look(
  inputs: Partial<LoadSettings>,
  size: NonNullable<LoadSettings["loadSize"]>,
  list: ListFiles,
  loaded?: { where: Place | undefined; pending: { files?: number; bytes?: number } },
): Promise<Pick<LoadForecast, "expected" | "note">> {
  const place = placeOf(inputs);
  if (place === undefined) return { note: "Where the files lie is known only after `up`." };
  const { bucket, prefix } = place;
  try {
    const whyLeft = selector({
      include: inputs.include ?? EVERY_PARQUET_FILE,
      exclude: inputs.exclude ?? [],
    });
    const files = (await list(bucket, prefix)).filter(
      ({ key }) => !key.endsWith("/") && whyLeft(key.slice(prefix.length)) === undefined,
    );
    const before = loaded?.where;
    const known = files.filter(({ key }) => before?.bucket === bucket && key.startsWith(before.prefix));
    const { files: waiting = 0, bytes: waitingBytes = 0 } = known.length > 0 ? (loaded?.pending ?? {}) : {};
    const fresh = files.filter((file) => !known.includes(file));
    const count = fresh.length + waiting;
    const total = fresh.reduce((sum, file) => sum + file.size, waitingBytes);
    return {
      expected: estimate(alike(count, total), { size }),
      note:
        known.length > 0
          ? `Counted in the bucket; of the ${known.length} files that lay where they are now, all but ${waiting} are loaded.`
          : "Counted in the bucket, where nothing was loaded from yet.",
    };
  } catch (error) {
    return {
      note: `The bucket ${bucket} could not be listed (${(error as Error).name}), so nobody knows yet what waits there.`,
    };
  }
}

/** So many files of one size: an estimate asks for no more. */
function alike(files: number, bytes: number) {
  return Array.from({ length: files }, () => ({ size: bytes / files }));
}

function gatesOf(quality: QualitySettings | undefined): Gate[] {
  return Object.entries(completeQuality(quality)).map(([check, { severity, ...thresholds }]) => ({
    check,
    severity,
    thresholds: Object.entries(thresholds)
      .map(([name, value]) => `${name} ${value}`)
      .join(", "),
  }));
}
