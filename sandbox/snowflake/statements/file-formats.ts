import { findFileFormat } from "../catalog/lookup.ts";
import type { FileFormat } from "../catalog/model.ts";
import { unsupported } from "../errors.ts";
import type { FormatOptions, FormatValue } from "../grammar/format-options.ts";
import { completeFormatOptions, formatOptionRows, readFormatOptions } from "../grammar/format-options.ts";
import { asText, readProperties } from "../grammar/properties.ts";
import type { Property } from "../grammar/values.ts";
import { encodeTimestamp, text, timestampLtz } from "../result.ts";
import { created, forgetGrants, newObject, type ObjectKind } from "./ddl.ts";
import { applyFutureGrants } from "./future-grants.ts";
import {
  alterInSchema,
  dropFromSchema,
  placeColumns,
  placeForNew,
  shownInSchemas,
} from "./schema-objects.ts";
import { tabulate } from "./shown.ts";

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
    const { name, place, layer, old, kept } = placeForNew(statement, execution, "fileFormats", "FILE FORMAT");
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
    const find = () => findFileFormat(execution, statement.name);
    return alterInSchema(
      statement,
      execution,
      find,
      "fileFormats",
      "FILE FORMAT",
      ({ object: format }, properties) => {
        const { comment, options } = split(properties);
        if (options.some(({ name }) => name === "TYPE")) throw unsupported("ALTER FILE FORMAT … SET TYPE");
        format.options = {
          ...format.options,
          ...readFormatOptions(options, format.options.TYPE),
        } as FormatOptions;
        format.comment = comment ?? format.comment;
      },
    );
  },

  drop(statement, execution) {
    const find = () => findFileFormat(execution, statement.name);
    return dropFromSchema(statement, execution, "fileFormats", find);
  },

  show(statement, execution) {
    const rows = shownInSchemas(execution, statement, "fileFormats").map(({ object: format, place }) => ({
      created_on: encodeTimestamp(new Date(format.createdOn)),
      name: format.name,
      ...placeColumns(place),
      type: format.options.TYPE,
      owner: format.owner,
      comment: format.comment,
      format_options: JSON.stringify(format.options),
      owner_role_type: "ROLE",
    }));
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
