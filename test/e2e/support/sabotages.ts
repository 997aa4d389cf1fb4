import { aws } from "./sabotages/aws.ts";
import { bucket } from "./sabotages/bucket.ts";
import { config, machine, pulumi } from "./sabotages/machine.ts";
import type { Sabotage } from "./sabotages/means.ts";
import { snowflake } from "./sabotages/snowflake.ts";

/** All of them, in the order in which the checks are told. */
export const SABOTAGES: readonly Sabotage[] = [
  ...machine,
  ...pulumi,
  ...config,
  ...aws,
  ...bucket,
  ...snowflake,
];
