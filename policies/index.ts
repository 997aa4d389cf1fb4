import { PolicyPack } from "@pulumi/policy";
import * as access from "./access.ts";
import * as cost from "./cost.ts";
import * as data from "./data.ts";
import * as sharing from "./sharing.ts";
import * as trust from "./trust.ts";

/**
 * `pulumi up --policy-pack policies [--policy-pack-config policies/config/<stack>.json]`.
 * Without settings the rules are those for production; a settings file relaxes them for one stack.
 */
new PolicyPack("flux-ami", {
  enforcementLevel: "mandatory",
  policies: [
    ...Object.values(access),
    ...Object.values(trust),
    ...Object.values(sharing),
    ...Object.values(cost),
    ...Object.values(data),
  ],
});
