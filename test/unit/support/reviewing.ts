import { planOf } from "../../../review/engine-plan.ts";
import type { EngineEvent } from "../../../review/events.ts";
import { reviewPlan } from "../../../review/review.ts";
import { previewReport } from "../../../review/verdict-page.ts";
import { step, summary } from "../review-events.ts";

export const TABLE = "snowflake:index/table:Table";
export const WAREHOUSE = "snowflake:index/warehouse:Warehouse";
export const INTEGRATION = "snowflake:index/storageIntegration:StorageIntegration";
export const GRANT = "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole";
export const LOAD = "pulumi-nodejs:dynamic/flux-ami:VerifiedLoad";
export const BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";

/** Two files, and what is not taken for any. */
const FILES = [
  { key: "raw/ami/readings/1.parquet", size: 100_000_000 },
  { key: "raw/ami/readings/2.parquet", size: 300_000_000 },
  { key: "raw/ami/readings/_temporary/3.parquet", size: 500_000_000 },
  { key: "raw/ami/readings/4.PARQUET", size: 500_000_000 },
  { key: "raw/ami/readings/empty/", size: 0 },
];
const options = { python: "/nowhere/python", list: async () => FILES };
export const review = (events: EngineEvent[], of: "preview" | "drift" = "preview") =>
  reviewPlan(planOf(events, "prod"), { ...options, of });
export const report = async (events: EngineEvent[]) =>
  previewReport(await review(events), { pointer: "full.md" });
export const same = step("same", WAREHOUSE, "other", { old: { inputs: {} }, new: { inputs: {} } });

export const table = (...columns: string[]) => ({
  inputs: { name: "AMI_INTERVAL_READINGS", columns: columns.map((name) => ({ name, type: "FLOAT" })) },
});

/** A plan in which nothing but the load's inputs change. */
export const loadChanged = (before: Record<string, unknown>, after: Record<string, unknown>) => [
  step("update", LOAD, "load", {
    old: { inputs: before, outputs: { pending: { files: 0, bytes: 0 } } },
    new: { inputs: after, outputs: { pending: { files: 0, bytes: 0 } } },
  }),
  summary(),
];
