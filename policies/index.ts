import { PolicyPack } from "@pulumi/policy";

/** `pulumi up --policy-pack policies`. */
new PolicyPack("flux-ami", { policies: [] });
