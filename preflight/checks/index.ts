import type { Check } from "../check.ts";
import { awsChecks } from "./aws.ts";
import { bucketChecks } from "./bucket.ts";
import { loadChecks } from "./load.ts";
import { machineChecks } from "./machine.ts";
import { configChecks, pulumiChecks } from "./pulumi.ts";
import { accountChecks } from "./snowflake-account.ts";
import { loginChecks } from "./snowflake-login.ts";

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

/** Those that a stack of this kind needs. */
export const checksFor = (kind: "environment" | "partner" | "partner-consumer"): Check[] =>
  CHECKS.filter(({ kinds = ["environment"] }) => kinds.includes(kind));
