import { isAccountAdmin } from "../catalog/privileges.ts";
import { accountOf } from "../catalog/scope.ts";
import type { Execution } from "../context.ts";
import { insufficientPrivileges } from "../errors.ts";
import type { Show } from "../grammar/show-statements.ts";
import { encodeTimestamp, fixed, text, timestampLtz } from "../result.ts";
import type { LockOwner } from "../transactions/locks.ts";
import type { Shown } from "./shown.ts";

/** SHOW TRANSACTIONS (docs: SHOW TRANSACTIONS, "Output"): the user's own, or with IN ACCOUNT everybody's. */
export function showTransactions(statement: Show, execution: Execution): Shown {
  const shown = visible(statement, execution);
  return {
    columns: [
      fixed("id"),
      text("user"),
      fixed("session"),
      text("name"),
      timestampLtz("started_on"),
      text("state"),
      fixed("scope"),
    ],
    rows: execution.cloud.transactions.open.filter(shown).map(({ id, session, name, startedAt }) => ({
      id: String(id),
      user: session.user,
      session: String(session.id),
      name,
      started_on: encodeTimestamp(startedAt),
      state: "running",
      scope: "0",
    })),
  };
}

/** SHOW LOCKS (docs: SHOW LOCKS, "Output"). */
export function showLocks(statement: Show, execution: Execution): Shown {
  const shown = visible(statement, execution);
  const administrator = isAccountAdmin(execution);
  return {
    columns: [
      text("resource"),
      text("type"),
      fixed("transaction"),
      timestampLtz("transaction_started_on"),
      text("status"),
      timestampLtz("acquired_on"),
      text("query_id"),
      ...(administrator ? [fixed("session")] : []),
    ],
    rows: execution.cloud.transactions.locks
      .list()
      .filter(({ owner }) => shown(owner))
      .map(({ resource, owner, queryId, acquiredAt }) => ({
        resource: resource.fullName,
        type: "PARTITIONS",
        transaction: String(owner.id),
        transaction_started_on: encodeTimestamp(owner.startedAt),
        status: acquiredAt ? "HOLDING" : "WAITING",
        acquired_on: acquiredAt && encodeTimestamp(acquiredAt),
        query_id: queryId,
        session: String(owner.session.id),
      })),
  };
}

function visible({ scope }: Show, execution: Execution): (owner: LockOwner) => boolean {
  const { account, user } = execution.session;
  const all = scope?.type === "ACCOUNT";
  if (all && !isAccountAdmin(execution)) {
    throw insufficientPrivileges("account", accountOf(execution).locator);
  }
  return ({ session }) => session.account === account && (all || session.user === user);
}
