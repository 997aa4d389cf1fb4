import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * The engine's arguments for the policy pack: the rules for production, relaxed by policies/config/<stack>.json where
 * that exists.
 * @param project folder of Pulumi.yaml
 */
export function policyArguments(project: string, stack: string): string[] {
  const settings = join(project, "policies", "config", `${stack}.json`);
  return [
    ...["--policy-pack", join(project, "policies")],
    ...(existsSync(settings) ? ["--policy-pack-config", settings] : []),
  ];
}
