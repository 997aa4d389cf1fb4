import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * The engine's arguments for the policy pack: the rules for production, relaxed by policies/config/<stack>.json where
 * that exists.
 * @param rules folder of the checkout whose rules count
 */
export function policyArguments(rules: string, stack: string): string[] {
  const settings = join(rules, "policies", "config", `${stack}.json`);
  return [
    "--policy-pack",
    join(rules, "policies"),
    ...(existsSync(settings) ? ["--policy-pack-config", settings] : []),
  ];
}
