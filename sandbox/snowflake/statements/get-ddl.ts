import { findTable, findView } from "../catalog/lookup.ts";
import type { Table, TableColumn } from "../catalog/model.ts";
import { requirePrivilege } from "../catalog/privileges.ts";
import type { Execution } from "../context.ts";
import { typeName } from "../engine/types.ts";
import { doesNotExist, unsupported } from "../errors.ts";
import { displayIdentifier, parseName, quoteLiteral } from "../grammar/identifiers.ts";

const columnText = ({ name, type, nullable, default: value, identity, comment }: TableColumn): string =>
  [
    `\t${displayIdentifier(name)} ${typeName(type)}`,
    ...(nullable ? [] : ["NOT NULL"]),
    ...(value === undefined ? [] : [`DEFAULT ${value}`]),
    ...(identity
      ? [
          `autoincrement start ${identity.start} increment ${identity.increment} ${identity.ordered ? "order" : "noorder"}`,
        ]
      : []),
    ...(comment === undefined ? [] : [`COMMENT ${quoteLiteral(comment)}`]),
  ].join(" ");

function tableText(table: Table): string {
  const kind = table.temporary ? "TEMPORARY " : table.transient ? "TRANSIENT " : "";
  const lines = table.columns.map(columnText);
  if (table.primaryKey.length > 0) {
    lines.push(`\tprimary key (${table.primaryKey.map(displayIdentifier).join(", ")})`);
  }
  const clustering = table.clusterBy.length > 0 ? ` cluster by (${table.clusterBy.join(", ")})` : "";
  const comment = table.comment === "" ? "" : `COMMENT=${quoteLiteral(table.comment)}\n`;
  return `create or replace ${kind}TABLE ${displayIdentifier(table.name)}${clustering} (\n${lines.join(",\n")}\n)${comment};`;
}

/** GET_DDL of a table or a view (docs: GET_DDL). How it is laid out beyond the manual's examples is not verified. */
export function getDdl(execution: Execution, type: string, name: string): string {
  const parts = parseName(name);
  if (!parts) throw doesNotExist("Object", name);
  switch (type.toUpperCase()) {
    case "TABLE": {
      const found = findTable(execution, parts, "GET_DDL");
      requirePrivilege(execution, ["SELECT", "OWNERSHIP"], found);
      return tableText(found.object);
    }
    case "VIEW": {
      const found = findView(execution, parts, "GET_DDL");
      requirePrivilege(execution, ["SELECT", "OWNERSHIP"], found);
      if (found.object.secure) requirePrivilege(execution, "OWNERSHIP", found);
      return `${found.object.text.replace(/;?\s*$/, "")};`;
    }
    default:
      throw unsupported(`GET_DDL of a ${type.toUpperCase()}`);
  }
}
