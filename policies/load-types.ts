/** Type tokens of the load that the rules on loads look at. */
export const LOAD_TYPES = ["pulumi-nodejs:dynamic/flux-ami:VerifiedLoad"] as const;
