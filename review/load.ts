import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import type { LoadSettings } from "../components/verified-load/args.ts";
import { type Estimate, estimate } from "../components/verified-load/estimate.ts";
import { completeQuality, type QualitySettings } from "../components/verified-load/quality.ts";
import { LOAD, type Plan, type ResourceChange } from "./plan.ts";

/** Inputs that say where the files lie. */
const LOCATION = ["stageUrl", "path", "pattern"];

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

/** Looks into the bucket for the size of each file below a folder. */
export type ListSizes = (bucket: string, prefix: string, pattern: RegExp) => Promise<number[]>;

/** Lists by the AWS credentials of the environment. */
export const listSizes: ListSizes = async (bucket, prefix, pattern) => {
  const s3 = new S3Client({ maxAttempts: 2 });
  const sizes: number[] = [];
  try {
    let token: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
      );
      for (const { Key = "", Size = 0 } of page.Contents ?? []) {
        if (pattern.test(Key.slice(prefix.length))) sizes.push(Size);
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  } finally {
    s3.destroy();
  }
  return sizes;
};

/** What the load would do; undefined for a stack without one. */
export async function forecastLoad(plan: Plan, list: ListSizes): Promise<LoadForecast | undefined> {
  const load = plan.resources.find(({ type }) => LOAD.test(type));
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
  const moved = load.properties.some(({ path }) => LOCATION.includes(path));
  if (load.operation !== "create" && typeof pending?.files === "number" && !moved) {
    const { files, bytes = 0 } = pending;
    return { ...about, expected: estimate(alike(files, bytes), size) };
  }
  return { ...about, ...(await look(inputs, size, list)) };
}

async function look(
  inputs: Partial<LoadSettings>,
  size: NonNullable<LoadSettings["loadSize"]>,
  list: ListSizes,
): Promise<Pick<LoadForecast, "expected" | "note">> {
  const location = /^s3(?:gov|china)?:\/\/([^/]+)\/(.*)$/.exec(inputs.stageUrl ?? "");
  if (location === null) return { note: "Where the files lie is known only after `up`." };
  const [, bucket = "", prefix = ""] = location;
  try {
    const sizes = await list(
      bucket,
      `${prefix}${inputs.path ?? ""}`,
      new RegExp(`^(?:${inputs.pattern ?? ".*"})$`),
    );
    const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
    return {
      expected: estimate(alike(sizes.length, total), size),
      note: "Counted in the bucket, where nothing was loaded from yet.",
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
