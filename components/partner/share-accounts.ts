import * as pulumi from "@pulumi/pulumi";
import type { OpenedShare } from "./accounts/accounts.ts";
import { ShareAccountsProvider } from "./accounts/provider.ts";

/** Inputs of the opening, each possibly known only once something was created. */
export type ShareAccountsArgs = { readonly [K in keyof OpenedShare]: pulumi.Input<OpenedShare[K]> };

/**
 * The accounts that may mount a share, and no others. A share takes accounts only once it has its database.
 * @example new ShareAccounts("gridworks-accounts", { share: "FLUX_PROD_GRIDWORKS", accounts: ["PARTNERCO.ANALYTICS"] })
 */
export class ShareAccounts extends pulumi.dynamic.Resource {
  constructor(name: string, args: ShareAccountsArgs, options?: pulumi.CustomResourceOptions) {
    super(new ShareAccountsProvider(), name, { ...args }, options, "flux-ami", "ShareAccounts");
  }
}
