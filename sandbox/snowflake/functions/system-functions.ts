import { setTimeout as sleep } from "node:timers/promises";
import { activeRoles, hasPrivilege, isAccountAdmin } from "../catalog/privileges.ts";
import { accountOf } from "../catalog/scope.ts";
import type { Execution } from "../context.ts";
import { typeName } from "../engine/types.ts";
import { insufficientPrivileges, SnowflakeError, unsupported } from "../errors.ts";
import type { ColumnType } from "../result.ts";
import { getDdl } from "../statements/get-ddl.ts";
import { validateStorageIntegration } from "../statements/validate-integration.ts";
import type { Tree } from "../translate/ast.ts";
import { clusteringDepth, clusteringInformation } from "../translate/clustering.ts";
import { evaluate } from "../translate/evaluate.ts";
import { innerScope } from "../translate/query-scope.ts";
import type { Translation } from "../translate/translation.ts";

type SystemFunction = (t: Translation, args: string[], trees: readonly Tree[]) => Promise<string>;

const functions: Readonly<Record<string, SystemFunction>> = {
  SYSTEM$CLUSTERING_INFORMATION: (t, [table, keys]) =>
    clusteringInformation(t, required("SYSTEM$CLUSTERING_INFORMATION", table), keys),
  SYSTEM$CLUSTERING_DEPTH: (t, [table, keys, predicate]) => {
    if (predicate !== undefined) throw unsupported("SYSTEM$CLUSTERING_DEPTH with a predicate");
    return clusteringDepth(t, required("SYSTEM$CLUSTERING_DEPTH", table), keys);
  },
  SYSTEM$VALIDATE_STORAGE_INTEGRATION: async (t, args) => {
    if (args.length !== 4) {
      throw new SnowflakeError(
        "000938",
        "42601",
        "SQL compilation error:\nnot enough arguments for function SYSTEM$VALIDATE_STORAGE_INTEGRATION: expected 4 (integration, path, file, action).",
      );
    }
    return await validateStorageIntegration(t.execution, args as [string, string, string, string]);
  },
  /** SYSTEM$WAIT(amount [, unit]). */
  SYSTEM$WAIT: async (t, [amount, unit = "SECONDS"]) => {
    const units: Record<string, number> = {
      MILLISECONDS: 1,
      SECONDS: 1_000,
      MINUTES: 60_000,
      HOURS: 3_600_000,
    };
    const milliseconds = Number(amount) * (units[unit.toUpperCase()] ?? Number.NaN);
    if (!(milliseconds >= 0)) throw unsupported(`SYSTEM$WAIT(${amount}, ${unit})`);
    if (!t.execution.describeOnly) await sleep(milliseconds, undefined, { signal: t.execution.signal });
    return `waited ${amount} ${unit.toLowerCase()}`;
  },
  SYSTEM$CANCEL_QUERY: async (t, [queryId]) => {
    const { cloud, session } = t.execution;
    const running = cloud.running.get(required("SYSTEM$CANCEL_QUERY", queryId));
    const may =
      running?.record.account === session.account &&
      (running.record.user === session.user || mayOperate(t.execution, running.record.warehouse));
    if (!running || !may) return "Identified SQL statement is not currently executing.";
    running.cancel();
    return `query [${queryId}] terminated.`;
  },
  SYSTEM$CANCEL_ALL_QUERIES: async (t, [sessionId]) => {
    const { cloud, session, queryId } = t.execution;
    const wanted = Number(required("SYSTEM$CANCEL_ALL_QUERIES", sessionId));
    for (const each of cloud.running.values()) {
      const { record } = each;
      const own = record.account === session.account && record.user === session.user;
      if (own && record.sessionId === wanted && record.queryId !== queryId) each.cancel();
    }
    return "query terminated.";
  },
  /** Docs: SYSTEM$ABORT_TRANSACTION: for its user and account administrators. */
  SYSTEM$ABORT_TRANSACTION: async (t, [id]) => {
    const { cloud, session } = t.execution;
    const wanted = Number(required("SYSTEM$ABORT_TRANSACTION", id));
    const transaction = cloud.transactions.open.find(
      (each) => each.id === wanted && each.session.account === session.account,
    );
    // Of what has ended nothing is altered; the words are not verified.
    if (!transaction) return `Transaction id: ${id} is not running.`;
    const all = isAccountAdmin(t.execution);
    if (transaction.session.user !== session.user && !all) {
      throw insufficientPrivileges("transaction", String(id));
    }
    await cloud.transactions.abort(transaction);
    return `Aborted transaction id: ${id}`;
  },
  SYSTEM$TYPEOF: async (t, _args, [tree]) => {
    const apart = t.apart();
    const type = apart.typeOf(await apart.expression(structuredClone(tree), innerScope(undefined)));
    if (!type) throw unsupported("SYSTEM$TYPEOF of this expression");
    return `${typeName(type)}[${storageOf(type)}]`;
  },
  GET_DDL: async (t, [type, name, full]) => {
    if (full !== undefined && full !== "false") throw unsupported("GET_DDL with fully qualified names");
    return getDdl(t.execution, required("GET_DDL", type), required("GET_DDL", name));
  },
  LAST_QUERY_ID: async (t, [position = "-1"]) => {
    // This statement's own ID is the last of the list.
    const earlier = t.execution.session.queryIds.slice(0, -1);
    const index = Number(position);
    return earlier.at(index > 0 ? index - 1 : index) ?? "";
  },
};

/** How Snowflake keeps a type's values, as SYSTEM$TYPEOF adds it. */
function storageOf(type: ColumnType): string {
  switch (type.type) {
    case "fixed":
      return `SB${[2, 4, 9, 18, 38].reduceRight((bytes, digits, index) => (type.precision <= digits ? 2 ** index : bytes), 16)}`;
    case "real":
      return "DOUBLE";
    case "boolean":
      return "SB1";
    case "date":
      return "SB4";
    case "time":
      return "SB8";
    case "timestamp_ntz":
    case "timestamp_ltz":
    case "timestamp_tz":
      return "SB16";
    default:
      return "LOB";
  }
}

/** Whether a call is answered by the server itself before the query runs. */
export const isSystemFunction = (name: string): boolean =>
  name.startsWith("SYSTEM$") || name === "LAST_QUERY_ID" || name === "GET_DDL";

export async function systemFunction(t: Translation, name: string, trees: readonly Tree[]): Promise<string> {
  const run = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!run) throw unsupported(`function ${name}`);
  const args: string[] = [];
  for (const tree of name === "SYSTEM$TYPEOF" ? [] : trees) args.push(String(await evaluate(t, tree)));
  return await run(t, args, trees);
}

/** Statements of others are cancelled by who operates their warehouse. */
function mayOperate(execution: Execution, warehouse: string | null): boolean {
  const account = accountOf(execution);
  const object = warehouse === null ? undefined : account.warehouses.get(warehouse);
  return object !== undefined && hasPrivilege(account, activeRoles(execution), "OPERATE", object);
}

function required(name: string, argument: string | undefined): string {
  if (argument !== undefined) return argument;
  throw new SnowflakeError(
    "000938",
    "42601",
    `SQL compilation error:\nnot enough arguments for function ${name}.`,
  );
}
