import { findView } from "../catalog/lookup.ts";
import { mayKnow } from "../catalog/privileges.ts";
import { objectsIn } from "../catalog/temporary.ts";
import type { Execution, Handler } from "../context.ts";
import type { DropObject } from "../grammar/object-statements.ts";
import type { Show } from "../grammar/show-statements.ts";
import { encodeTimestamp, text, timestampLtz } from "../result.ts";
import { alreadyDropped, dropped, forgetGrants, unlessMissing } from "./ddl.ts";
import { requireWritable } from "./schemas.ts";
import { schemasShown } from "./show-scope.ts";
import { byName, type Shown } from "./shown.ts";
import { requireDroppable } from "./tables.ts";

export const dropView: Handler<DropObject> = (statement, execution) => {
  const name = statement.name.at(-1) as string;
  const found = unlessMissing(statement.ifExists, () => findView(execution, statement.name, "DROP VIEW"));
  if (!found) return alreadyDropped(name);
  requireWritable(found);
  requireDroppable(execution, found);
  found.layer.views.delete(name);
  forgetGrants(execution, found.object.id);
  execution.cloud.catalog.save();
  return dropped(name);
};

export const showViews = (statement: Show, execution: Execution): Shown => ({
  columns: [
    timestampLtz("created_on"),
    text("name"),
    text("reserved"),
    text("database_name"),
    text("schema_name"),
    text("owner"),
    text("comment"),
    text("text"),
    text("is_secure"),
    text("is_materialized"),
    text("owner_role_type"),
    text("change_tracking"),
  ],
  rows: schemasShown(execution, statement).flatMap((place) =>
    byName(objectsIn(execution, place.schema, "views"))
      .filter((view) => place.visible.has(view.id) && (place.readOnly || mayKnow(execution, view)))
      .map((view) => ({
        created_on: encodeTimestamp(new Date(view.createdOn)),
        name: view.name,
        reserved: "",
        database_name: place.mounted.name,
        schema_name: place.schema.name,
        owner: place.readOnly ? "" : view.owner,
        comment: view.comment,
        // What a secure view selects is its owner's alone.
        text: view.secure && (place.readOnly || view.owner !== execution.session.role) ? "" : view.text,
        is_secure: String(view.secure),
        is_materialized: "false",
        owner_role_type: place.readOnly ? "" : "ROLE",
        change_tracking: "OFF",
      })),
  ),
});
