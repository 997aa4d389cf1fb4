import type * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../snowflake/connection.ts";
import type { Held, Trust } from "./probe.ts";

/** Inputs: the trust, and all that tells whether it is still the one that was probed. */
export interface ReadinessInputs extends Trust {
  /** Changes when the integration is replaced. */
  readonly integrationIdentity: string;
  /** The role's trust policy. */
  readonly trustPolicy: string;
  /** The role's read policy. */
  readonly readPolicy: string;
  /** Role of the Snowflake session that probes. */
  readonly sessionRole: string;
}

/**
 * Thin on purpose: Pulumi keeps a provider's code in the state, so the logic is imported by the methods and may change
 * without touching it. Credentials are read on configure and never become part of an input or output.
 */
export class ReadinessProvider implements pulumi.dynamic.ResourceProvider<ReadinessInputs, ReadinessInputs> {
  private connection?: Connection;

  async configure(request: pulumi.dynamic.ConfigureRequest): Promise<void> {
    const { readConnection } = await import(`${process.cwd()}/components/verified-load/connection.ts`);
    this.connection = readConnection((key: string) => request.config.get(key));
  }

  async create(inputs: ReadinessInputs): Promise<pulumi.dynamic.CreateResult<ReadinessInputs>> {
    const probe = await import(`${process.cwd()}/components/readiness/probe.ts`);
    await probe.connectAndWait(this.connection, inputs);
    return { id: inputs.integration, outs: inputs };
  }

  /**
   * How long to wait and as whom says nothing about the trust, so changing it changes nothing; nor does another object to
   * read, unless it is the first. The code does: what refresh and destroy run is the code in the state, which must not be
   * left to import a file that has moved.
   */
  async diff(_id: string, olds: ReadinessInputs, news: ReadinessInputs): Promise<pulumi.dynamic.DiffResult> {
    const { changed } = await import(`${process.cwd()}/components/readiness/probe.ts`);
    return { changes: changed(olds, news).length > 0 };
  }

  async update(
    _id: string,
    olds: ReadinessInputs,
    news: ReadinessInputs,
  ): Promise<pulumi.dynamic.UpdateResult<ReadinessInputs>> {
    const probe = await import(`${process.cwd()}/components/readiness/probe.ts`);
    if (probe.changed(olds, news).some((key: string) => key !== "__provider"))
      await probe.connectAndWait(this.connection, news);
    return { outs: news };
  }

  /** Sees an external ID that somebody changed by hand; the next update pins ours again. */
  async read(id: string, props?: ReadinessInputs): Promise<pulumi.dynamic.ReadResult<ReadinessInputs>> {
    if (props === undefined) return {};
    const probe = await import(`${process.cwd()}/components/readiness/probe.ts`);
    const held: Held | undefined = await probe.connectAndLook(this.connection, props);
    if (held === undefined) return {};
    return { id, props: { ...props, externalId: props.externalId && held.externalId } };
  }
}
