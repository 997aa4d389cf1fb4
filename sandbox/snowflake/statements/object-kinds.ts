import type { Execution, Handler } from "../context.ts";
import { unsupported } from "../errors.ts";
import type { AlterObject, CreateObject, DropObject } from "../grammar/object-statements.ts";
import type { Describe, Show } from "../grammar/show-statements.ts";
import { text } from "../result.ts";
import { databases } from "./databases.ts";
import type { ObjectKind } from "./ddl.ts";
import { fileFormats } from "./file-formats.ts";
import { integrations } from "./integrations.ts";
import { resourceMonitors } from "./resource-monitors.ts";
import { roles } from "./roles.ts";
import { schemas } from "./schemas.ts";
import { shares } from "./shares.ts";
import {
  describeColumns,
  showColumnsOf,
  showImportedKeys,
  showNoFunctions,
  showObjects,
  showPrimaryKeys,
  showTables,
  showUniqueKeys,
} from "./show-tables.ts";
import { showLocks, showTransactions } from "./show-transactions.ts";
import { filterShown, type Shown } from "./shown.ts";
import { stages } from "./stages.ts";
import { dropTable } from "./tables.ts";
import { users } from "./users.ts";
import { dropView, showViews } from "./views.ts";
import { warehouses } from "./warehouses.ts";

const objectKinds: Readonly<Record<CreateObject["type"], ObjectKind>> = {
  WAREHOUSE: warehouses,
  DATABASE: databases,
  SCHEMA: schemas,
  STAGE: stages,
  "FILE FORMAT": fileFormats,
  "STORAGE INTEGRATION": integrations,
  ROLE: roles,
  USER: users,
  SHARE: shares,
  "RESOURCE MONITOR": resourceMonitors,
};

export const createObject: Handler<CreateObject> = (statement, execution) =>
  objectKinds[statement.type].create(statement, execution);

export const alterObject: Handler<AlterObject> = (statement, execution) =>
  objectKinds[statement.type].alter(statement, execution);

export const dropObject: Handler<DropObject> = (statement, execution) => {
  if (statement.type === "TABLE") return dropTable(statement, execution);
  if (statement.type === "VIEW") return dropView(statement, execution);
  return objectKinds[statement.type].drop(statement, execution);
};

export const describe: Handler<Describe> = (statement, execution) => {
  const { type } = statement;
  if (type === "TABLE" || type === "VIEW") return describeColumns(statement, execution);
  if (type === "RESULT") throw unsupported("DESCRIBE RESULT");
  const objectKind = objectKinds[type === "INTEGRATION" ? "STORAGE INTEGRATION" : type];
  if (!objectKind.describe) throw unsupported(`DESCRIBE ${type}`);
  return objectKind.describe(statement, execution);
};

type Lister = (statement: Show, execution: Execution) => Shown | Promise<Shown>;

const listers: Readonly<Partial<Record<Show["what"], Lister>>> = {
  WAREHOUSES: warehouses.show,
  DATABASES: databases.show,
  SCHEMAS: schemas.show,
  TABLES: showTables,
  VIEWS: showViews,
  OBJECTS: showObjects,
  COLUMNS: showColumnsOf,
  STAGES: stages.show,
  "FILE FORMATS": fileFormats.show,
  INTEGRATIONS: integrations.show,
  "STORAGE INTEGRATIONS": integrations.show,
  ROLES: roles.show,
  USERS: users.show,
  SHARES: shares.show,
  "RESOURCE MONITORS": resourceMonitors.show,
  "PRIMARY KEYS": showPrimaryKeys,
  "USER FUNCTIONS": showNoFunctions,
  "USER PROCEDURES": showNoFunctions,
  "UNIQUE KEYS": showUniqueKeys,
  "IMPORTED KEYS": showImportedKeys,
  TRANSACTIONS: showTransactions,
  LOCKS: showLocks,
  // No database is replicated here; clients only look whether one is.
  "REPLICATION DATABASES": () => ({
    columns: ["name", "replication_allowed_to_accounts", "failover_allowed_to_accounts"].map((name) =>
      text(name),
    ),
    rows: [],
  }),
};

export const show: Handler<Show> = async (statement, execution) => {
  const list = listers[statement.what];
  if (!list) throw unsupported(`SHOW ${statement.what}`);
  if (statement.history) throw unsupported("SHOW … HISTORY");
  return filterShown(await list(statement, execution), statement);
};
