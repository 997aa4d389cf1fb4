import { findTable } from "../catalog/lookup.ts";
import { requirePrivilege } from "../catalog/privileges.ts";
import { resolve } from "../catalog/resolve.ts";
import type { Handler } from "../context.ts";
import type { Comment } from "../grammar/object-statements.ts";
import { done, unlessMissing } from "./ddl.ts";
import { requireWritable } from "./schemas.ts";
import { noSuchColumn } from "./tables.ts";

/** COMMENT ON any object or column. */
export const comment: Handler<Comment> = (statement, execution) => {
  const { type, name, ifExists } = statement;
  if (type === "COLUMN") {
    const found = unlessMissing(ifExists, () => findTable(execution, name.slice(0, -1), "COMMENT"));
    if (!found) return done();
    requireWritable(found);
    requirePrivilege(execution, "OWNERSHIP", found);
    const column = found.object.columns.find((candidate) => candidate.name === name.at(-1));
    if (!column) throw noSuchColumn(name.at(-1) as string);
    column.comment = statement.comment;
  } else {
    const object = unlessMissing(ifExists, () =>
      resolve(execution, { type: type === "STORAGE INTEGRATION" ? "INTEGRATION" : type, name }),
    )?.object;
    if (!object) return done();
    requirePrivilege(execution, "OWNERSHIP", object);
    object.comment = statement.comment;
  }
  execution.cloud.catalog.save();
  return done();
};
