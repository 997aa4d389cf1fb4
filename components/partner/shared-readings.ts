import * as pulumi from "@pulumi/pulumi";
import * as snowflake from "@pulumi/snowflake";
import { child, keepsName, type Transform } from "../child.ts";
import { keptName } from "../kept-names.ts";
import { identifier, qualified } from "../sql.ts";

export interface SharedReadingsArgs {
  /** The share: ORGANIZATION.ACCOUNT.SHARE. @example "FLUX.OPERATIONS.FLUX_PROD_GRIDWORKS" */
  readonly share: string;
  /** Database that shows what is shared. @default "FLUX_READINGS" */
  readonly databaseName?: string;
  /** Roles that may query it. @default only the role that made it */
  readonly readerRoles?: readonly string[];
  /** Escape hatch for each child. */
  readonly transform?: { readonly database?: Transform<snowflake.SharedDatabaseArgs> };
}

/**
 * On the partner's side: the database that shows what was shared, and who may query it.
 * @example new SharedReadings("shared", { share: "FLUX.OPERATIONS.FLUX_PROD_GRIDWORKS", readerRoles: ["ANALYST"] })
 */
export class SharedReadings extends pulumi.ComponentResource {
  readonly databaseName: pulumi.Output<string>;

  constructor(name: string, args: SharedReadingsArgs, options?: pulumi.ComponentResourceOptions) {
    super("flux-ami:index:SharedReadings", name, {}, options);
    const database = new snowflake.SharedDatabase(
      `${name}-database`,
      ...child(
        args.transform?.database,
        {
          name: args.databaseName ?? "FLUX_READINGS",
          fromShare: qualified(...args.share.split(".")),
          comment: "Meter readings, shared",
        },
        keepsName({ parent: this }),
      ),
    );
    const wanted = args.databaseName ?? "FLUX_READINGS";
    this.databaseName = database.name.apply((actual) =>
      keptName(
        actual,
        wanted,
        "shared database",
        "Set flux-ami:databaseName back; or end every query on it, run in Snowflake " +
          `ALTER DATABASE ${identifier(actual)} RENAME TO ${identifier(wanted)}, then make import STACK=${pulumi.getStack()} and pulumi up -s ${pulumi.getStack()}`,
      ),
    );
    for (const role of args.readerRoles ?? [])
      new snowflake.GrantPrivilegesToAccountRole(
        `${name}-reader-${role.toLowerCase()}`,
        {
          accountRoleName: role,
          privileges: ["IMPORTED PRIVILEGES"],
          onAccountObject: { objectType: "DATABASE", objectName: this.databaseName },
        },
        // Once the owner has ended the share, nothing can be revoked on the database any more; it only can be dropped.
        { parent: this, deletedWith: database },
      );
    this.registerOutputs();
  }
}
