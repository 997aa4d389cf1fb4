import type * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../snowflake/connection.ts";
import type { OpenedShare } from "./accounts.ts";

/**
 * Thin on purpose: Pulumi keeps a provider's code in the state, so the logic is imported by the methods and may change
 * without touching it. Credentials are read on configure and never become part of an input or output.
 */
export class ShareAccountsProvider implements pulumi.dynamic.ResourceProvider<OpenedShare, OpenedShare> {
  private connection?: Connection;

  async configure(request: pulumi.dynamic.ConfigureRequest): Promise<void> {
    const { readConnection } = await import(`${process.cwd()}/components/snowflake/connection.ts`);
    this.connection = readConnection((key: string) => request.config.get(key));
  }

  async create(inputs: OpenedShare): Promise<pulumi.dynamic.CreateResult<OpenedShare>> {
    const { connectAndOpen } = await import(`${process.cwd()}/components/partner/accounts/accounts.ts`);
    await connectAndOpen(this.connection, inputs);
    return { id: inputs.share, outs: inputs };
  }

  async diff(_id: string, olds: OpenedShare, news: OpenedShare): Promise<pulumi.dynamic.DiffResult> {
    const { differs } = await import(`${process.cwd()}/components/partner/accounts/accounts.ts`);
    return { changes: differs(olds, news), replaces: olds.share === news.share ? [] : ["share"] };
  }

  async update(
    _id: string,
    _olds: OpenedShare,
    news: OpenedShare,
  ): Promise<pulumi.dynamic.UpdateResult<OpenedShare>> {
    const { connectAndOpen } = await import(`${process.cwd()}/components/partner/accounts/accounts.ts`);
    await connectAndOpen(this.connection, news);
    return { outs: news };
  }

  /** Sees accounts that somebody added or took off by hand. */
  async read(id: string, props?: OpenedShare): Promise<pulumi.dynamic.ReadResult<OpenedShare>> {
    if (props === undefined) return {};
    const { connectAndLook } = await import(`${process.cwd()}/components/partner/accounts/accounts.ts`);
    const accounts: string[] | undefined = await connectAndLook(this.connection, props.share);
    return accounts === undefined ? {} : { id, props: { ...props, accounts } };
  }

  async delete(_id: string, { share }: OpenedShare): Promise<void> {
    const { connectAndClose } = await import(`${process.cwd()}/components/partner/accounts/accounts.ts`);
    await connectAndClose(this.connection, share);
  }
}
