import { findView } from "../catalog/lookup.ts";
import type { Execution, Handler } from "../context.ts";
import type { DropObject } from "../grammar/object-statements.ts";
import type { Show } from "../grammar/show-statements.ts";
import { encodeTimestamp, text, timestampLtz } from "../result.ts";
import { dropFromSchema, placeColumns, shownInSchemas } from "./schema-objects.ts";
import type { Shown } from "./shown.ts";

export const dropView: Handler<DropObject> = (statement, execution) =>
  dropFromSchema(statement, execution, "views", () => findView(execution, statement.name, "DROP VIEW"));

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
  rows: shownInSchemas(execution, statement, "views").map(({ object: view, place }) => ({
    created_on: encodeTimestamp(new Date(view.createdOn)),
    name: view.name,
    reserved: "",
    ...placeColumns(place),
    owner: place.readOnly ? "" : view.owner,
    comment: view.comment,
    // What a secure view selects is its owner's alone.
    text: view.secure && (place.readOnly || view.owner !== execution.session.role) ? "" : view.text,
    is_secure: String(view.secure),
    is_materialized: "false",
    owner_role_type: place.readOnly ? "" : "ROLE",
    change_tracking: "OFF",
  })),
});
