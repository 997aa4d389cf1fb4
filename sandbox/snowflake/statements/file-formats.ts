import { findFileFormat, findSchema } from "../catalog/lookup.ts";
import type { FileFormat } from "../catalog/model.ts";
import { mayKnow, requirePrivilege } from "../catalog/privileges.ts";
import { layerFor, objectsIn } from "../catalog/temporary.ts";
import { unsupported } from "../errors.ts";
import type { FormatOptions, FormatValue } from "../grammar/format-options.ts";
import { completeFormatOptions, formatOptionRows, readFormatOptions } from "../grammar/format-options.ts";
import { asText, readProperties } from "../grammar/properties.ts";
import type { Property } from "../grammar/values.ts";
import { encodeTimestamp, text, timestampLtz } from "../result.ts";
import {
  alreadyDropped,
  created,
  done,
  dropped,
  existing,
  forgetGrants,
  newObject,
  type ObjectKind,
  rename,
  unlessMissing,
} from "./ddl.ts";
import { applyFutureGrants } from "./future-grants.ts";
import { requireWritable } from "./schemas.ts";
import { schemasShown } from "./show-scope.ts";
import { byName, tabulate } from "./shown.ts";
import { requireDroppable } from "./tables.ts";

/** The comment apart from the format's own options. */
const split = (properties: readonly Property[]) => ({
  comment: readProperties(
    properties.filter(({ name }) => name === "COMMENT"),
    "FILE FORMAT",
    { COMMENT: asText },
  ).COMMENT,
  options: properties.filter(({ name }) => name !== "COMMENT"),
});

export const fileFormats: ObjectKind = {
  create(statement, execution) {
    const name = statement.name.at(-1) as string;
    const scope = statement.name.slice(0, -1);
    const place = findSchema(execution, scope.length ? scope : undefined, "CREATE FILE FORMAT");
    requireWritable(place);
    requirePrivilege(execution, "CREATE FILE FORMAT", place.schema);
    const layer = layerFor(execution, place, statement.temporary);
    const old = layer.fileFormats.get(name);
    const kept = existing(execution, statement, old);
    if (kept) return kept;
    const { comment, options } = split(statement.properties);
    const format: FileFormat = {
      type: "FILE FORMAT",
      ...newObject(execution, name, comment),
      ...(statement.temporary && { temporary: true }),
      options: completeFormatOptions(readFormatOptions(options)),
    };
    if (old) forgetGrants(execution, old.id);
    layer.fileFormats.set(name, format);
    if (!format.temporary) applyFutureGrants(execution, format, place.database, place.schema);
    execution.cloud.catalog.save();
    return created("File format", name);
  },

  alter(statement, execution) {
    const found = unlessMissing(statement.ifExists, () => findFileFormat(execution, statement.name));
    if (!found) return done();
    requireWritable(found);
    requirePrivilege(execution, "OWNERSHIP", found);
    const { object: format } = found;
    const { change } = statement;
    switch (change.action) {
      case "set": {
        const { comment, options } = split(change.properties);
        if (options.some(({ name }) => name === "TYPE")) throw unsupported("ALTER FILE FORMAT … SET TYPE");
        format.options = {
          ...format.options,
          ...readFormatOptions(options, format.options.TYPE),
        } as FormatOptions;
        format.comment = comment ?? format.comment;
        break;
      }
      case "unset":
        if (change.names.some((name) => name !== "COMMENT"))
          throw unsupported("ALTER FILE FORMAT … UNSET of an option");
        format.comment = "";
        break;
      case "rename": {
        requirePrivilege(execution, "CREATE FILE FORMAT", found.schema);
        const to = change.to;
        if (to.length > 1 && findSchema(execution, to.slice(0, -1)).schema !== found.schema) {
          throw unsupported("moving a file format to another schema");
        }
        rename(found.layer.fileFormats, format, to.at(-1) as string);
        break;
      }
      default:
        throw unsupported(`ALTER FILE FORMAT … ${change.action}`);
    }
    execution.cloud.catalog.save();
    return done();
  },

  drop(statement, execution) {
    const name = statement.name.at(-1) as string;
    const found = unlessMissing(statement.ifExists, () => findFileFormat(execution, statement.name));
    if (!found) return alreadyDropped(name);
    requireWritable(found);
    requireDroppable(execution, found);
    found.layer.fileFormats.delete(name);
    forgetGrants(execution, found.object.id);
    execution.cloud.catalog.save();
    return dropped(name);
  },

  show(statement, execution) {
    const rows = schemasShown(execution, statement).flatMap((place) =>
      byName(objectsIn(execution, place.schema, "fileFormats"))
        .filter((format) => place.visible.has(format.id) && (place.readOnly || mayKnow(execution, format)))
        .map((format) => ({
          created_on: encodeTimestamp(new Date(format.createdOn)),
          name: format.name,
          database_name: place.mounted.name,
          schema_name: place.schema.name,
          type: format.options.TYPE,
          owner: format.owner,
          comment: format.comment,
          format_options: JSON.stringify(format.options),
          owner_role_type: "ROLE",
        })),
    );
    return {
      columns: [
        timestampLtz("created_on"),
        text("name"),
        text("database_name"),
        text("schema_name"),
        text("type"),
        text("owner"),
        text("comment"),
        text("format_options"),
        text("owner_role_type"),
      ],
      rows,
    };
  },

  describe(statement, execution) {
    const { options } = findFileFormat(execution, statement.name, "DESCRIBE FILE FORMAT").object;
    return tabulate(
      [text("property"), text("property_type"), text("property_value"), text("property_default")],
      formatOptionRows(options.TYPE).map((option) => ({
        property: option.name,
        property_type: option.type,
        property_value: displayFormatValue(options[option.name] ?? option.default),
        property_default: displayFormatValue(option.default),
      })),
    );
  },
};

/** A value as DESCRIBE prints it: lists in brackets, line ends as escapes. */
export const displayFormatValue = (value: FormatValue): string =>
  Array.isArray(value)
    ? `[${value.map((item) => JSON.stringify(item)).join(", ")}]`
    : String(value).replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
