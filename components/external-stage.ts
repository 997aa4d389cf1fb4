import * as pulumi from "@pulumi/pulumi";
import * as snowflake from "@pulumi/snowflake";
import { child, keepsName, type Transform } from "./child.ts";
import { PARQUET_OPTIONS } from "./parquet.ts";
import { formatName, identifier, qualified } from "./sql.ts";

/** What a stage needs of a storage trust. */
interface StageTrust {
  /** Folder, with its closing slash. @example "s3://bucket/raw/ami/" */
  readonly url: pulumi.Input<string>;
  /** Storage integration that reads it. */
  readonly integrationName: pulumi.Input<string>;
  /** Changes when the integration is replaced; the stage is then linked anew. */
  readonly integrationIdentity: pulumi.Input<string>;
  /** Stands once Snowflake can read the folder; the stage waits for it. */
  readonly ready?: pulumi.Resource;
}

export interface ExternalStageArgs {
  /** Database of stage and file format. @example "FLUX_DEV" */
  readonly database: pulumi.Input<string>;
  /** Schema of stage and file format. @example "PRODUCTION" */
  readonly schema: pulumi.Input<string>;
  /** The stage's name. @default "EXT_RAW_AMI" */
  readonly stageName?: string;
  /** The file format's name: parquet with snappy compression. @default "PARQUET_SNAPPY" */
  readonly fileFormatName?: string;
  /** The trust through which Snowflake reads the folder that the stage shows. */
  readonly trust: StageTrust;
  /** Escape hatch for each child. */
  readonly transform?: {
    readonly fileFormat?: Transform<snowflake.FileFormatArgs>;
    readonly stage?: Transform<snowflake.StageArgs>;
  };
}

/**
 * The external stage through which the files are listed and loaded, and the file format it reads them with.
 * @example new ExternalStage("ami", { database, schema, trust })
 */
export class ExternalStage extends pulumi.ComponentResource {
  /** The stage's own name. */
  readonly stageName: pulumi.Output<string>;
  /** The stage's full name, quoted. */
  readonly qualifiedName: pulumi.Output<string>;
  /** The stage's URL. */
  readonly url: pulumi.Output<string>;
  /** The file format's own name. */
  readonly fileFormatName: pulumi.Output<string>;

  constructor(name: string, args: ExternalStageArgs, options?: pulumi.ComponentResourceOptions) {
    super("flux-ami:index:ExternalStage", name, {}, options);
    const { database, schema, trust, transform = {} } = args;

    const fileFormat = this.fileFormat(name, args);
    this.fileFormatName = fileFormat.name;
    const stage = new snowflake.Stage(
      `${name}-stage`,
      ...child(
        transform.stage,
        {
          database,
          schema,
          name: args.stageName ?? "EXT_RAW_AMI",
          url: trust.url,
          storageIntegration: trust.integrationName,
          fileFormat: pulumi
            .all([database, schema, fileFormat.name])
            .apply((parts) => `FORMAT_NAME = ${formatName(...parts)}`),
          comment: "Raw meter readings",
        },
        keepsName({ parent: this, dependsOn: trust.ready ? [trust.ready] : [] }),
      ),
    );
    this.stageName = stage.name;
    this.url = stage.url.apply((url) => url ?? "");
    this.qualifiedName = pulumi.all([database, schema, stage.name]).apply((parts) => qualified(...parts));

    // A stage holds its integration by a hidden identity, not by name: once the integration is replaced, the stage is
    // an orphan until it is linked again.
    new snowflake.Execute(
      `${name}-link`,
      {
        execute: pulumi.interpolate`ALTER STAGE ${this.qualifiedName} SET STORAGE_INTEGRATION = ${pulumi.output(trust.integrationName).apply(identifier)} -- of ${trust.integrationIdentity}`,
        // Nothing to take back: the link goes with the stage.
        revert: "SELECT 1",
      },
      { parent: this, deletedWith: stage },
    );
    this.registerOutputs();
  }

  private fileFormat(name: string, args: ExternalStageArgs): snowflake.FileFormat {
    const { database, schema, transform = {} } = args;
    const fileFormat = new snowflake.FileFormat(
      `${name}-file-format`,
      ...child(
        transform.fileFormat,
        {
          database,
          schema,
          name: args.fileFormatName ?? "PARQUET_SNAPPY",
          formatType: "PARQUET",
          compression: "SNAPPY",
          comment: "Parquet files compressed with snappy",
        },
        keepsName({ parent: this }),
      ),
    );
    // The provider's file format does not know these options; without them a footer's timestamps are taken for numbers.
    new snowflake.Execute(
      `${name}-file-format-options`,
      {
        execute: pulumi
          .all([database, schema, fileFormat.name])
          .apply((parts) => `ALTER FILE FORMAT ${qualified(...parts)} SET ${PARQUET_OPTIONS}`),
        // Nothing to take back: the options go with the file format.
        revert: "SELECT 1",
      },
      { parent: this, deletedWith: fileFormat },
    );
    return fileFormat;
  }
}
