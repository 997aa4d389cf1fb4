import { LOAD, type ResourceChange } from "./plan.ts";

/** A change that a reviewer has to look at before anything else. */
export interface Danger {
  readonly urn: string;
  /** What happens, as a sentence. */
  readonly what: string;
  /** What follows from it, and what to do about it. */
  readonly consequence: string;
}

interface Kind {
  /** What people call it. */
  readonly noun: string;
  /** What is lost when it is deleted or replaced. */
  readonly loss: string;
}

/** What cannot be made again by another `up`, or takes others down with it. */
const KINDS: Readonly<Record<string, Kind>> = {
  "snowflake:index/storageIntegration:StorageIntegration": {
    noun: "storage integration",
    loss: "Snowflake gives a new one another identity: every stage on it, also those of other people, fails with 003139 until ALTER STAGE … SET STORAGE_INTEGRATION. This stack re-links its own stage only.",
  },
  "aws:iam/role:Role": {
    noun: "IAM role",
    loss: "whoever assumes it, Snowflake too, is locked out until it is back and IAM has caught up (up to a minute).",
  },
  "aws:s3/bucket:Bucket": { noun: "bucket", loss: "its objects, the raw readings, go with it." },
  "aws:s3/bucketV2:BucketV2": { noun: "bucket", loss: "its objects, the raw readings, go with it." },
  "aws:s3/bucketPolicy:BucketPolicy": {
    noun: "bucket policy",
    loss: "partners lose their access, and plain HTTP is no longer refused.",
  },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
    noun: "public access block",
    loss: "nothing stops a later policy or ACL from making the bucket public.",
  },
  "snowflake:index/table:Table": {
    noun: "table",
    loss: "its rows go with it; they come back only by Time Travel or a full load.",
  },
  "snowflake:index/stage:Stage": {
    noun: "stage",
    loss: "queries and loads of others that use it fail meanwhile.",
  },
  "snowflake:index/schema:Schema": { noun: "schema", loss: "every table and stage in it goes with it." },
  "snowflake:index/database:Database": {
    noun: "database",
    loss: "every table and stage in it goes with it.",
  },
  "snowflake:index/share:Share": { noun: "share", loss: "partners lose the data at once." },
};

const PUBLIC_ACCESS_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const TABLE = "snowflake:index/table:Table";

/** The name that Snowflake or AWS knows a resource by, or else its name in the program. */
function realName({ before, after, name }: ResourceChange): string {
  const inputs = after?.inputs ?? before?.inputs ?? {};
  const real = inputs.name ?? inputs.bucket;
  return typeof real === "string" && real !== "" ? real : name;
}

/** A resource in words: `table AMI_INTERVAL_READINGS`. */
export function describeResource(change: ResourceChange): string {
  const noun = KINDS[change.type]?.noun ?? change.type.slice(change.type.lastIndexOf(":") + 1);
  return `${noun} ${realName(change)}`;
}

type Finder = (change: ResourceChange) => Omit<Danger, "urn">[];

const FINDERS: readonly Finder[] = [
  lossOfTheIrreplaceable,
  lossOfColumns,
  lossOfProtection,
  loosenedBlock,
  loosenedLoad,
];

/** All dangers of a change but those of access, which only an evaluator can see. */
export function dangersOf(change: ResourceChange): Danger[] {
  return FINDERS.flatMap((find) => find(change)).map((danger) => ({ urn: change.urn, ...danger }));
}

function lossOfTheIrreplaceable(change: ResourceChange): Omit<Danger, "urn">[] {
  const kind = KINDS[change.type];
  if (kind === undefined || (change.operation !== "delete" && change.operation !== "replace")) return [];
  const why =
    change.operation === "replace" && change.replacedBy.length > 0
      ? `, because of ${change.replacedBy.join(", ")}`
      : "";
  return [
    {
      what: `The ${describeResource(change)} is ${change.operation === "delete" ? "deleted" : "replaced"}${why}.`,
      consequence: kind.loss.replace(/^./, (letter) => letter.toUpperCase()),
    },
  ];
}

function lossOfColumns(change: ResourceChange): Omit<Danger, "urn">[] {
  if (change.type !== TABLE || change.operation !== "update") return [];
  const columns = (which: "before" | "after") =>
    new Map(
      ((change[which]?.inputs.columns ?? []) as { name: string; type: string }[]).map(({ name, type }) => [
        name,
        type,
      ]),
    );
  const after = columns("after");
  return [...columns("before")].flatMap(([name, type]) => {
    const now = after.get(name);
    if (now === undefined) {
      return [
        {
          what: `The column ${name} of the ${describeResource(change)} is dropped.`,
          consequence: "Its values go with it; they come back only by Time Travel or a full load.",
        },
      ];
    }
    return now === type
      ? []
      : [
          {
            what: `The column ${name} of the ${describeResource(change)} turns from ${type} into ${now}.`,
            consequence: "Snowflake refuses it, or the column is dropped and made again without its values.",
          },
        ];
  });
}

function lossOfProtection(change: ResourceChange): Omit<Danger, "urn">[] {
  if (!(change.before?.protect && change.after && !change.after.protect)) return [];
  return [
    {
      what: `The ${describeResource(change)} is no longer protected.`,
      consequence: "A later change or `pulumi destroy` may delete it without being stopped.",
    },
  ];
}

function loosenedBlock(change: ResourceChange): Omit<Danger, "urn">[] {
  if (change.type !== PUBLIC_ACCESS_BLOCK || change.operation !== "update") return [];
  return change.properties
    .filter(({ before, after }) => before === true && after !== true)
    .map(({ path }) => ({
      what: `The ${describeResource(change)} sets ${path} to off.`,
      consequence: "The bucket can be made public by a policy or ACL.",
    }));
}

function loosenedLoad(change: ResourceChange): Omit<Danger, "urn">[] {
  if (!LOAD.test(change.type)) return [];
  const inputs = change.after?.inputs ?? change.before?.inputs ?? {};
  const truncates = "Its rows go; they come back only by Time Travel or a full load.";
  if (change.operation === "delete") {
    return inputs.onDelete === "truncate"
      ? [{ what: "The load is deleted and empties the readings table.", consequence: truncates }]
      : [];
  }
  if (change.operation !== "update" && change.operation !== "replace") return [];
  return change.properties.flatMap(({ path, before, after }) => {
    if (path === "onDelete" && after === "truncate") {
      return [
        { what: "Deleting the load would from now on empty the readings table.", consequence: truncates },
      ];
    }
    const [, check, setting = path] = /^quality\.(\w+)\.(\w+)$/.exec(path) ?? [];
    if (setting === "severity" && before === "fail") {
      return [
        {
          what: `The quality check ${check} turns from fail into ${after ?? "its default"}.`,
          consequence: "Bad readings no longer fail the `up`.",
        },
      ];
    }
    if (path === "metersTable" && before !== undefined && after === undefined) {
      return [
        {
          what: "The load no longer has a metersTable.",
          consequence: "Readings of unknown meters are no longer found.",
        },
      ];
    }
    if (looser(setting, before, after)) {
      return [
        {
          what: `The ${check ? `threshold ${setting} of the quality check ${check}` : `load's ${path}`} goes from ${before} to ${after}.`,
          consequence: "What failed the `up` until now may pass.",
        },
      ];
    }
    return [];
  });
}

/** Thresholds of the load, by the direction in which they let more pass. */
const LOOSER: Readonly<Record<string, 1 | -1>> = {
  ...{ maxRejectedRows: 1, maxMissing: 1, maxSurplus: 1, maxUnknown: 1, maxShare: 1, max: 1, to: 1 },
  ...{ min: -1, minShare: -1, from: -1 },
};

/** Whether a threshold, a number or a day, moved in that direction. */
function looser(setting: string, before: unknown, after: unknown): boolean {
  const direction = LOOSER[setting];
  if (direction === undefined) return false;
  if (typeof before === "number" && typeof after === "number") return (after - before) * direction > 0;
  if (typeof before !== "string" || typeof after !== "string") return false;
  return (after > before ? 1 : after < before ? -1 : 0) === direction;
}
