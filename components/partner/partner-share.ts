import * as pulumi from "@pulumi/pulumi";
import * as snowflake from "@pulumi/snowflake";
import { child, keepsName, type Transform } from "../child.ts";
import { qualified } from "../sql.ts";
import { ShareAccounts } from "./share-accounts.ts";

export interface PartnerShareArgs {
  /** Name of the share. @example "FLUX_PROD_GRIDWORKS" */
  readonly shareName: string;
  /** The partner's Snowflake account. @example "PARTNERCO.ANALYTICS" */
  readonly partnerSnowflakeAccount: string;
  /** True when that account may not see the share any more. @default false */
  readonly closed?: boolean;
  /** The readings table: its database, schema and name. */
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  /** Escape hatch for each child. */
  readonly transform?: { readonly share?: Transform<snowflake.ShareArgs> };
}

/**
 * The readings table, shared with one Snowflake account: read-only, nothing is copied, and deleting the share ends it at
 * once. Each partner has a share of their own, so that none sees or touches another's.
 * @example new PartnerShare("gridworks", { shareName: "FLUX_PROD_GRIDWORKS", partnerSnowflakeAccount: "PARTNERCO.ANALYTICS", database, schema, table })
 */
export class PartnerShare extends pulumi.ComponentResource {
  readonly shareName: pulumi.Output<string>;

  constructor(name: string, args: PartnerShareArgs, options?: pulumi.ComponentResourceOptions) {
    super("flux-ami:index:PartnerShare", name, {}, options);
    const { database, schema, table, transform = {} } = args;
    const share = new snowflake.Share(
      `${name}-share`,
      ...child(
        transform.share,
        {
          name: args.shareName,
          comment: `Meter readings for ${args.partnerSnowflakeAccount}`,
        },
        // Who may mount it is held by the resource at the end.
        keepsName({ parent: this }, "accounts"),
      ),
    );
    // It stays what it is also when its partner or its owner is called otherwise: another one would have to be mounted anew.
    this.shareName = share.name;

    type On = Omit<snowflake.GrantPrivilegesToShareArgs, "toShare" | "privileges">;
    const grant = (suffix: string, privilege: string, on: On, dependsOn: pulumi.Resource[]) =>
      new snowflake.GrantPrivilegesToShare(
        `${name}-${suffix}`,
        { toShare: this.shareName, privileges: [privilege], ...on },
        { parent: this, dependsOn, deletedWith: share },
      );
    // A share takes a schema only once it has its database, and gives the database up only once nothing in it is left.
    const onDatabase = grant("database", "USAGE", { onDatabase: database }, []);
    const onSchema = grant("schema", "USAGE", { onSchema: qualified(database, schema) }, [onDatabase]);
    const onTable = grant("table", "SELECT", { onTable: qualified(database, schema, table) }, [onSchema]);
    new ShareAccounts(
      `${name}-accounts`,
      { share: this.shareName, accounts: args.closed ? [] : [args.partnerSnowflakeAccount] },
      { parent: this, dependsOn: [onTable], deletedWith: share },
    );
    this.registerOutputs();
  }
}
