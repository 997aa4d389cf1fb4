import { PolicyPack } from "@pulumi/policy";
import { RULES } from "./rules.ts";

/**
 * `pulumi up --policy-pack policies [--policy-pack-config policies/config/<stack>.json]`.
 * Without settings the rules are those for production; a settings file relaxes them for one stack.
 */
new PolicyPack("flux-ami", { enforcementLevel: "mandatory", policies: RULES });
