import * as pulumi from "@pulumi/pulumi";
import {
  type CheckResult,
  type Clustering,
  type FilesSummary,
  LOGIC_VERSION,
  type LoadCost,
  type LoadOutputs,
  type LoadSettings,
  NO_OUTPUTS,
} from "./args.ts";
import type * as Handlers from "./handlers.ts";
import { verdictLine } from "./lines.ts";
import { completeQuality } from "./quality/index.ts";
import { complete, defaultsOf } from "./settings.ts";
import { type CompleteContract, completeContract } from "./write/contract.ts";

/**
 * The door between the engine and the load. The engine keeps this class's text in the state, so it holds no logic and no
 * values: each method loads the plain modules beside it from the project's folder and hands over. The login stays in
 * the provider's configuration.
 */
class VerifiedLoadProvider implements pulumi.dynamic.ResourceProvider {
  private config: (key: string) => string | undefined = () => undefined;
  private handlers(): Promise<typeof Handlers> {
    return import(`${process.cwd()}/components/verified-load/handlers.ts`);
  }
  async configure(request: pulumi.dynamic.ConfigureRequest) {
    this.config = (key) => request.config.get(key);
  }
  async check(_olds: Handlers.Values, news: Handlers.Values) {
    return (await this.handlers()).check(news);
  }
  async diff(_id: string, olds: Handlers.Values, news: Handlers.Values) {
    return (await this.handlers()).diff(olds, news, this.config);
  }
  async create(inputs: Handlers.Values) {
    return (await this.handlers()).create(inputs, this.config);
  }
  async read(id: string, props: Handlers.Values = {}) {
    return (await this.handlers()).read(id, props, this.config);
  }
  async update(id: string, olds: Handlers.Values, news: Handlers.Values) {
    return (await this.handlers()).update(id, olds, news, this.config);
  }
  async delete(_id: string, props: Handlers.Values) {
    return (await this.handlers()).remove(props, this.config);
  }
}

/** Inputs of a verified load: see LoadSettings for meaning, unit and default of each. */
export type VerifiedLoadArgs = {
  [K in keyof Omit<LoadSettings, "owner" | "logicVersion" | "customTimeouts">]: pulumi.Input<LoadSettings[K]>;
};

/** What the stack shows of a load. */
export interface LoadSummary
  extends Pick<
    LoadOutputs,
    | "filesLoaded"
    | "rowsLoaded"
    | "rowsRejected"
    | "totalRows"
    | "minTimestamp"
    | "maxTimestamp"
    | "uniqueMeters"
    | "queryId"
    | "verified"
    | "version"
    | "loadId"
    | "landing"
  > {
  quality: Record<string, CheckResult>;
  files: FilesSummary;
  cost: LoadCost;
  pending: LoadOutputs["pending"];
  clustering: Clustering | undefined;
}

/** What a stack shows of a load: few enough for a screen. All the rest is told by `make status` and by the report. */
export interface LoadFigures
  extends Omit<LoadSummary, "quality" | "files" | "cost" | "pending" | "landing" | "clustering"> {
  /** Whether the readings are verified, and by how many checks; names those that did not pass. */
  verdict: string;
  /** Command that tells each check's finding, the files and the cost. */
  details: string;
}

/**
 * Loads the stage's files into the readings table, each exactly once: they land beside it, are audited, and are published
 * in one transaction, or refused. Every `up` loads what is new; one that is interrupted anywhere has published nothing, or
 * all of it. Deleting it leaves the rows, unless `onDelete` says otherwise. The option `customTimeouts` limits each of the
 * three.
 * @example new VerifiedLoad("load", { database, schema, table, stage, stageUrl, path: "ami/", warehouse, role }, { dependsOn: [stage] })
 */
export class VerifiedLoad extends pulumi.dynamic.Resource {
  declare readonly filesLoaded: pulumi.Output<number>;
  declare readonly rowsLoaded: pulumi.Output<number>;
  declare readonly rowsRejected: pulumi.Output<number>;
  declare readonly totalRows: pulumi.Output<number>;
  declare readonly minTimestamp: pulumi.Output<string>;
  declare readonly maxTimestamp: pulumi.Output<string>;
  declare readonly uniqueMeters: pulumi.Output<number>;
  declare readonly queryId: pulumi.Output<string>;
  declare readonly checks: pulumi.Output<Record<string, CheckResult>>;
  declare readonly verified: pulumi.Output<boolean>;
  declare readonly files: pulumi.Output<FilesSummary>;
  declare readonly pending: pulumi.Output<LoadOutputs["pending"]>;
  declare readonly listing: pulumi.Output<string>;
  declare readonly version: pulumi.Output<number>;
  declare readonly loadId: pulumi.Output<string>;
  declare readonly landing: pulumi.Output<string[]>;
  declare readonly warehouseSize: pulumi.Output<string>;
  declare readonly cost: pulumi.Output<LoadCost>;
  declare readonly correctedRows: pulumi.Output<number>;
  declare readonly clustering: pulumi.Output<Clustering | undefined>;

  constructor(name: string, args: VerifiedLoadArgs, options?: pulumi.CustomResourceOptions) {
    super(
      new VerifiedLoadProvider(),
      name,
      {
        ...NO_OUTPUTS,
        ...withDefaults(args),
        owner: `${pulumi.getProject()}/${pulumi.getStack()}`,
        logicVersion: LOGIC_VERSION,
        // The engine tells dynamic providers nothing of this option: it reaches the load as an input.
        customTimeouts: options?.customTimeouts,
      },
      options,
      "flux-ami",
      "VerifiedLoad",
    );
  }

  /** What a stack shows. */
  get figures(): pulumi.Output<LoadFigures> {
    return this.summary.apply(({ quality, files, cost, pending, landing, clustering, ...figures }) => ({
      verdict: verdictLine(quality, figures.verified),
      ...figures,
      details: `make status STACK=${pulumi.getStack()}`,
    }));
  }

  /** All that it tells, as one value. */
  get summary(): pulumi.Output<LoadSummary> {
    const {
      filesLoaded,
      rowsLoaded,
      rowsRejected,
      totalRows,
      minTimestamp,
      maxTimestamp,
      uniqueMeters,
      queryId,
      verified,
      version,
      loadId,
      landing,
    } = this;
    return pulumi.output({
      filesLoaded,
      rowsLoaded,
      rowsRejected,
      totalRows,
      minTimestamp,
      maxTimestamp,
      uniqueMeters,
      queryId,
      verified,
      version,
      loadId,
      landing,
      quality: this.checks,
      files: this.files,
      cost: this.cost,
      pending: this.pending,
      clustering: this.clustering,
    });
  }
}

/** Defaults become inputs, so that previews and policies see the values in effect. */
function withDefaults(args: VerifiedLoadArgs): pulumi.Inputs {
  const resolved = pulumi.output(args as pulumi.Inputs);
  const keys = Object.keys(defaultsOf("")).filter((key) => args[key as keyof VerifiedLoadArgs] === undefined);
  const defaults = Object.fromEntries(
    keys.map((key) => [
      key,
      resolved.apply((given) => complete(given as LoadSettings)[key as keyof LoadSettings]),
    ]),
  );
  return {
    ...args,
    ...defaults,
    quality: pulumi.output(args.quality).apply(completeQuality),
    contract: pulumi
      .output(args.contract)
      .apply((given) => completeContract(given as Partial<CompleteContract>)),
  };
}
