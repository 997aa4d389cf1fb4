import type { Handler } from "../context.ts";
import { unsupported } from "../errors.ts";
import type { Statement, StatementOf } from "../grammar/statement.ts";
import { alterTable } from "./alter-table.ts";
import { comment } from "./comment.ts";
import { copy } from "./copy.ts";
import { createTableAs } from "./create-table-as.ts";
import { createTableUsingTemplate } from "./create-table-using-template.ts";
import { createView } from "./create-view.ts";
import { createDatabaseFromShare } from "./databases.ts";
import { dml } from "./dml.ts";
import { explain } from "./explain.ts";
import { grantOwnership, grantPrivileges, grantRole, revokePrivileges, revokeRole } from "./grants.ts";
import { list } from "./list-stage.ts";
import { multiInsert } from "./multi-insert.ts";
import { alterObject, createObject, describe, dropObject, show } from "./object-kinds.ts";
import { query } from "./query.ts";
import { block, executeImmediate } from "./scripting/block.ts";
import {
  setParameters,
  unsetParameters,
  useDatabase,
  useRole,
  useSchema,
  useSecondaryRoles,
  useWarehouse,
} from "./session.ts";
import { showGrants } from "./show-grants.ts";
import { showParameters } from "./show-parameters.ts";
import { createTable, createTableLike } from "./tables.ts";
import { begin, commit, rollback } from "./transactions.ts";
import { remove, transfer } from "./transfer.ts";
import { truncateTable } from "./truncate.ts";
import { setVariables, unsetVariables } from "./variables.ts";

type Handlers = { [Kind in Statement["kind"]]: Handler<StatementOf<Kind>> };

/** For what Snowflake knows and this one does not: it says so. */
const refuse =
  (what: string): Handler =>
  () => {
    throw unsupported(what);
  };

/** Who runs which kind of statement. */
export const handlers: Handlers = {
  block,
  executeImmediate,
  query,
  dml,
  multiInsert,
  call: refuse("CALL"),
  explain,
  begin,
  commit,
  rollback,
  copyIntoTable: copy,
  copyIntoLocation: refuse("COPY INTO <location>"),
  list,
  put: transfer,
  get: transfer,
  remove,
  useRole,
  useSecondaryRoles,
  useWarehouse,
  useDatabase,
  useSchema,
  setParameters,
  unsetParameters,
  setVariables,
  unsetVariables,
  createObject,
  createDatabaseFromShare,
  createTable,
  createTableAs,
  createTableLike,
  createTableUsingTemplate,
  createView,
  alterObject,
  alterTable,
  dropObject,
  undrop: refuse("UNDROP"),
  truncateTable,
  comment,
  show,
  showParameters,
  showGrants,
  describe,
  grantPrivileges,
  revokePrivileges,
  grantOwnership,
  grantRole,
  revokeRole,
};
