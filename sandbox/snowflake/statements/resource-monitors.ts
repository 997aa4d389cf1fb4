import type { ResourceMonitor } from "../catalog/model.ts";
import { requirePrivilege } from "../catalog/privileges.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import { doesNotExist, insufficientPrivileges, unsupported } from "../errors.ts";
import { displayIdentifier } from "../grammar/identifiers.ts";
import type { Trigger } from "../grammar/object-statements.ts";
import {
  asInteger,
  asNames,
  asText,
  asWord,
  invalidValue,
  orNull,
  type Reader,
  readProperties,
} from "../grammar/properties.ts";
import type { Property } from "../grammar/values.ts";
import { usedCredits } from "../history/credits.ts";
import { encodeTimestamp, text, timestampLtz } from "../result.ts";
import {
  type AccountKind,
  alterAccountObject,
  createAccountObject,
  dropAccountObject,
} from "./account-objects.ts";
import { forgetGrants, newObject, type ObjectKind } from "./ddl.ts";
import { byName } from "./shown.ts";

/** A moment, or undefined for IMMEDIATELY. */
const asMoment: Reader<number | "IMMEDIATELY"> = (value, name) => {
  const written = asText(value, name);
  if (written.toUpperCase() === "IMMEDIATELY") return "IMMEDIATELY";
  const moment = Date.parse(
    /\d:\d\d(:\d\d)?$|^\d{4}-\d\d-\d\d$/.test(written)
      ? `${written.replace(" ", "T")}${written.includes(":") ? "Z" : ""}`
      : written,
  );
  if (Number.isNaN(moment))
    throw invalidValue(name, written, "IMMEDIATELY or a moment such as 2026-01-01 00:00");
  return moment;
};

const readers = {
  CREDIT_QUOTA: orNull(asInteger(1, Number.MAX_SAFE_INTEGER)),
  FREQUENCY: asWord("MONTHLY", "DAILY", "WEEKLY", "YEARLY", "NEVER"),
  START_TIMESTAMP: asMoment,
  END_TIMESTAMP: orNull(asMoment),
  NOTIFY_USERS: asNames,
};

function changes(
  context: Context,
  properties: readonly Property[],
  triggers: readonly Trigger[] | undefined,
) {
  const read = readProperties(properties, "RESOURCE MONITOR", readers);
  const unknown = read.NOTIFY_USERS?.find((user) => !accountOf(context).users.has(user));
  if (unknown !== undefined) throw doesNotExist("User", displayIdentifier(unknown));
  const now = context.cloud.now().getTime();
  return (monitor: ResourceMonitor): void => {
    if (read.CREDIT_QUOTA === null) delete monitor.creditQuota;
    else if (read.CREDIT_QUOTA !== undefined) monitor.creditQuota = read.CREDIT_QUOTA;
    monitor.frequency = read.FREQUENCY ?? monitor.frequency;
    if (read.START_TIMESTAMP !== undefined) {
      monitor.startTime = read.START_TIMESTAMP === "IMMEDIATELY" ? now : read.START_TIMESTAMP;
    }
    if (read.END_TIMESTAMP === null) delete monitor.endTime;
    else if (typeof read.END_TIMESTAMP === "number") monitor.endTime = read.END_TIMESTAMP;
    monitor.notifyUsers = read.NOTIFY_USERS ?? monitor.notifyUsers;
    if (triggers) monitor.triggers = [...triggers];
  };
}

/** Resource monitors are the account administrators' alone to make (docs: CREATE RESOURCE MONITOR, access control). */
function requireAdministrator(context: Context): void {
  if (context.session.role !== "ACCOUNTADMIN") {
    throw insufficientPrivileges("account", accountOf(context).locator);
  }
}

const kind: AccountKind<ResourceMonitor> = {
  label: "Resource monitor",
  objects: ({ resourceMonitors }) => resourceMonitors,
};

/**
 * Credit quotas: shown with what has been used; a warehouse over its quota is not resumed (history/credits.ts; docs: Working
 * with resource monitors).
 */
export const resourceMonitors: ObjectKind = {
  create(statement, execution) {
    return createAccountObject(statement, execution, kind, {
      allow: () => requireAdministrator(execution),
      make: (name) => {
        const apply = changes(execution, statement.properties, statement.triggers);
        const monitor: ResourceMonitor = {
          type: "RESOURCE MONITOR",
          ...newObject(execution, name),
          frequency: "MONTHLY",
          startTime: execution.cloud.now().getTime(),
          notifyUsers: [],
          triggers: [],
          accountLevel: false,
        };
        apply(monitor);
        return monitor;
      },
    });
  },

  alter(statement, execution) {
    return alterAccountObject(statement, execution, kind, (monitor) => {
      requirePrivilege(execution, "MODIFY", monitor);
      const { change } = statement;
      if (change.action !== "set") throw unsupported(`ALTER RESOURCE MONITOR … ${change.action}`);
      changes(execution, change.properties, statement.triggers)(monitor);
    });
  },

  drop(statement, execution) {
    return dropAccountObject(statement, execution, kind, {
      remove: (monitor) => {
        for (const warehouse of accountOf(execution).warehouses.values())
          if (warehouse.resourceMonitor === monitor.name) delete warehouse.resourceMonitor;
        forgetGrants(execution, monitor.id);
      },
    });
  },

  show(_statement, execution) {
    const account = accountOf(execution);
    const percents = (monitor: ResourceMonitor, action: Trigger["action"]) =>
      monitor.triggers
        .filter((trigger) => trigger.action === action)
        .map(({ percent }) => `${percent}%`)
        .join(",") || null;
    return {
      columns: [
        text("name"),
        text("credit_quota"),
        text("used_credits"),
        text("remaining_credits"),
        text("level"),
        text("frequency"),
        text("start_time"),
        text("end_time"),
        text("notify_at"),
        text("suspend_at"),
        text("suspend_immediately_at"),
        timestampLtz("created_on"),
        text("owner"),
        text("comment"),
        text("notify_users"),
      ],
      rows: byName(account.resourceMonitors.values()).map((monitor) => {
        const watched = [...account.warehouses.values()].filter(
          ({ resourceMonitor }) => monitor.accountLevel || resourceMonitor === monitor.name,
        );
        const used = usedCredits(execution, monitor, watched);
        return {
          name: monitor.name,
          credit_quota: monitor.creditQuota === undefined ? null : monitor.creditQuota.toFixed(2),
          used_credits: used.toFixed(2),
          remaining_credits:
            monitor.creditQuota === undefined ? null : Math.max(0, monitor.creditQuota - used).toFixed(2),
          level: monitor.accountLevel ? "ACCOUNT" : watched.length > 0 ? "WAREHOUSE" : null,
          frequency: monitor.frequency,
          start_time: displayMoment(monitor.startTime),
          end_time: monitor.endTime === undefined ? null : displayMoment(monitor.endTime),
          notify_at: percents(monitor, "NOTIFY"),
          suspend_at: percents(monitor, "SUSPEND"),
          suspend_immediately_at: percents(monitor, "SUSPEND_IMMEDIATE"),
          created_on: encodeTimestamp(new Date(monitor.createdOn)),
          owner: monitor.owner,
          comment: monitor.comment,
          notify_users: monitor.notifyUsers.map(displayIdentifier).join(", "),
        };
      }),
    };
  },
};

const displayMoment = (moment: number): string =>
  `${new Date(moment).toISOString().slice(0, 16).replace("T", " ")}`;
