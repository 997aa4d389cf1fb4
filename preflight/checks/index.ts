import { wayOf } from "../../components/partner/let-in.ts";
import type { StackConfig } from "../../config/index.ts";
import type { Check } from "../check.ts";
import { awsChecks } from "./aws.ts";
import { bucketChecks } from "./bucket.ts";
import { loadChecks } from "./load.ts";
import { machineChecks } from "./machine.ts";
import { configChecks, pulumiChecks } from "./pulumi.ts";
import { accountChecks } from "./snowflake-account.ts";
import { loginChecks } from "./snowflake-login.ts";

const CLOUDS = ["aws", "snowflake"] as const;

/** Every check, in the order in which a person reads what came of them. */
export const CHECKS: readonly Check[] = [
  ...machineChecks,
  ...pulumiChecks,
  ...configChecks,
  ...awsChecks,
  ...bucketChecks,
  ...loginChecks,
  ...accountChecks,
  ...loadChecks,
];

/** What says which checks there are: the kind of a stack, and of a partner's the way. */
export interface KindOfStack {
  readonly kind: StackConfig["kind"];
  readonly way?: string | undefined;
}

/** Those that a stack of this kind needs; of a partner's, in the clouds that its way deploys into. */
export function checksFor({ kind, way }: KindOfStack): Check[] {
  const clouds = (kind === "partner" && wayOf(way)?.clouds) || CLOUDS;
  const elsewhere = CLOUDS.filter((cloud) => !clouds.includes(cloud));
  return CHECKS.filter(
    ({ kinds = ["environment"], service }) =>
      kinds.includes(kind) && !elsewhere.some((cloud) => cloud === service),
  );
}
