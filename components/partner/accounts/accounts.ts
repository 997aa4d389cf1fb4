/**
 * Opens a share to accounts. Plain module: the resource beside it is the only part that knows Pulumi.
 *
 * The provider's own resource adds accounts when the share is made. A share has no database then, so it makes one for the
 * moment and refers to it by REFERENCE_USAGE, which Snowflake refuses for the first database of a share since bundle 2025_07
 * (docs: behavior changes, "Disallow GRANT REFERENCE_USAGE if GRANT USAGE isn't set first").
 */
import type { Connection } from "../../snowflake/connection.ts";
import type { Session } from "../../snowflake/session.ts";
import { identifier, literal, qualified } from "../../sql.ts";

export interface OpenedShare {
  /** The share, as Snowflake stores its name. */
  readonly share: string;
  /** Every account that may mount it. @example ["PARTNERCO.ANALYTICS"] */
  readonly accounts: readonly string[];
}

/** The accounts that a share is open to; undefined when there is no such share. */
export async function openTo(session: Session, share: string): Promise<string[] | undefined> {
  const rows = await session.rows(`SHOW SHARES LIKE ${literal(share)}`);
  // Shares of others are listed as well (docs: SHOW SHARES, column kind).
  const row = rows.find(({ name, kind }) => name === share && kind === "OUTBOUND");
  if (!row) return undefined;
  return String(row.to ?? "")
    .split(",")
    .map((account) => account.trim())
    .filter(Boolean);
}

/** Type of the resource that opens a share. */
export const SHARE_ACCOUNTS = "pulumi-nodejs:dynamic/flux-ami:ShareAccounts";

/** An account's name as all ways of writing it come to: in any case, with or without quotes, it is the same. */
export const plainAccount = (account: string): string => account.replaceAll('"', "").toUpperCase();

/**
 * Opens the share to these accounts, and to no others. Who comes is let in before who goes is shut out: where the first cannot
 * be done, nothing has changed. Throws when the share cannot be seen, or an account cannot be added.
 */
export async function open(session: Session, { share, accounts }: OpenedShare): Promise<void> {
  const found = await openTo(session, share);
  if (found === undefined)
    throw new Error(
      `share ${share} is not there, or the role of this login may not see it, so nobody was let in or shut out\n  ` +
        "cure: run `pulumi up -s <partner>` under the role that owns the share (snowflake:role, or SNOWFLAKE_ROLE)",
    );
  const without = (some: readonly string[], others: readonly string[]) =>
    some.filter((account) => !others.some((other) => plainAccount(other) === plainAccount(account)));
  const alter = async (word: "ADD" | "REMOVE", some: readonly string[]) => {
    const names = some.map((account) => qualified(...account.replaceAll('"', "").split("."))).join(", ");
    if (some.length > 0) await session.rows(`ALTER SHARE ${identifier(share)} ${word} ACCOUNTS = ${names}`);
  };
  const coming = without(accounts, found);
  try {
    await alter("ADD", coming);
  } catch (error) {
    throw new Error(
      `share ${share} could not be opened to ${coming.join(", ")}: ${(error as Error).message}\n  ` +
        "cure: correct flux-ami:partnerSnowflakeAccount (ORGANIZATION.ACCOUNT, an account in this one's cloud and region); if a privilege is " +
        "missing, `node preflight/rights.ts --stack <partner> snowflake` prints it",
      { cause: error },
    );
  }
  await alter("REMOVE", without(found, accounts));
}

/** Logs in and opens it. */
export const connectAndOpen = (connection: Connection, opened: OpenedShare): Promise<void> =>
  withSession(connection, (session) => open(session, opened));

/** Logs in and looks; see openTo. */
export const connectAndLook = (connection: Connection, share: string): Promise<string[] | undefined> =>
  withSession(connection, (session) => openTo(session, share));

/** Logs in and closes it to all; one that is gone is closed. */
export const connectAndClose = (connection: Connection, share: string): Promise<void> =>
  withSession(connection, async (session) => {
    if ((await openTo(session, share))?.length) await open(session, { share, accounts: [] });
  });

async function withSession<T>(connection: Connection, use: (session: Session) => Promise<T>): Promise<T> {
  // The driver is slow to load and looks around the machine when it is.
  const { openSession } = await import("../../snowflake/session.ts");
  const session = await openSession(connection, {
    tag: "flux-ami share",
    // As the provider's own session: its role alone makes and owns the share.
    setup: connection.role ? [`USE ROLE ${identifier(connection.role)}`] : [],
  });
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

/** Whether what was opened is not what is wanted, or was opened by other code, which the state keeps. */
export function differs(olds: object, news: object): boolean {
  const told = (one: object) => JSON.stringify(Object.entries(one).sort());
  return told(olds) !== told(news);
}
