import { findDatabase, findSchema } from "../catalog/lookup.ts";
import type { Database, Schema } from "../catalog/model.ts";
import { mayKnow, requirePrivilege } from "../catalog/privileges.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import { objectsIn } from "../catalog/temporary.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import { displayName } from "../grammar/identifiers.ts";
import { asText, readProperties } from "../grammar/properties.ts";
import type { ObjectName, Property } from "../grammar/values.ts";
import { encodeTimestamp, text, timestampLtz } from "../result.ts";
import {
  type AccountKind,
  alterAccountObject,
  createAccountObject,
  dropAccountObject,
} from "./account-objects.ts";
import {
  alreadyDropped,
  done,
  forgetGrants,
  newObject,
  type ObjectKind,
  rename,
  unlessMissing,
} from "./ddl.ts";
import { applyFutureGrants } from "./future-grants.ts";
import {
  inheritedParameter,
  isObjectParameter,
  setObjectParameters,
  unsetObjectParameters,
} from "./object-parameters.ts";
import { databasesShown } from "./show-scope.ts";
import { byName, type Row, tabulate, yesNo } from "./shown.ts";
import { dropStoredTables } from "./table-storage.ts";

export const newSchema = (context: Context, name: string, transient: boolean): Schema => ({
  type: "SCHEMA",
  ...newObject(context, name),
  transient,
  managedAccess: false,
  tables: new Map(),
  views: new Map(),
  stages: new Map(),
  fileFormats: new Map(),
  parameters: new Map(),
});

/** The schema and everything in it. */
export const idsInSchema = (schema: Schema): number[] => [
  schema.id,
  ...[schema.tables, schema.views, schema.stages, schema.fileFormats].flatMap((objects) =>
    [...objects.values()].map(({ id }) => id),
  ),
];

/** 003007: mounted from a share. */
export function requireWritable(place: { readOnly: boolean; mounted: { name: string } }): void {
  if (!place.readOnly) return;
  throw new SnowflakeError(
    "003007",
    "42501",
    `SQL access control error:\nDatabase '${displayName([place.mounted.name])}' is mounted from a share: nothing in it can be changed.`,
  );
}

const isParameter = ({ name }: Property) => isObjectParameter(name, "SCHEMA");

function changes(properties: readonly Property[]) {
  const read = readProperties(
    properties.filter((property) => !isParameter(property)),
    "SCHEMA",
    { COMMENT: asText },
  );
  const parameters = setObjectParameters(properties.filter(isParameter), "SCHEMA");
  return (schema: Schema): void => {
    parameters(schema);
    schema.comment = read.COMMENT ?? schema.comment;
  };
}

/** The database part of a schema's name. */
const databaseOf = (name: ObjectName) => (name.length > 1 ? name[0] : undefined);

/** A database has a map of its schemas, as an account has one of each of its kinds. */
const kindIn = ({ schemas }: Database): AccountKind<Schema> => ({ label: "Schema", objects: () => schemas });
const lastOf = <Statement extends { name: ObjectName }>(statement: Statement): Statement => ({
  ...statement,
  name: statement.name.slice(-1),
});

export const schemas: ObjectKind = {
  create(statement, execution) {
    const place = findDatabase(execution, databaseOf(statement.name), "CREATE SCHEMA");
    const { database, mounted } = place;
    return createAccountObject(lastOf(statement), execution, kindIn(database), {
      allow: () => {
        requireWritable(place);
        requirePrivilege(execution, "CREATE SCHEMA", mounted);
      },
      make: (name) => {
        const apply = changes(statement.properties);
        const schema = newSchema(execution, name, statement.transient || database.transient);
        schema.managedAccess = statement.managedAccess;
        apply(schema);
        applyFutureGrants(execution, schema, database);
        return schema;
      },
      replace: (old) => forgetGrants(execution, ...idsInSchema(old)),
      after: async ({ name }, old) => {
        if (old) await dropStoredTables(execution, database.id, old.tables.values());
        execution.session.database = mounted.name;
        execution.session.schema = name;
      },
    });
  },

  alter(statement, execution) {
    const place = unlessMissing(statement.ifExists, () => findSchema(execution, statement.name));
    if (!place) return done();
    requireWritable(place);
    const { database } = place;
    const { change } = statement;
    return alterAccountObject(lastOf(statement), execution, kindIn(database), (schema) => {
      switch (change.action) {
        case "set": {
          requirePrivilege(execution, "MODIFY", schema);
          changes(change.properties)(schema);
          break;
        }
        case "unset": {
          requirePrivilege(execution, "MODIFY", schema);
          const names = change.names.filter((property) => property !== "COMMENT");
          unsetObjectParameters(schema.parameters, names, "SCHEMA");
          if (names.length < change.names.length) schema.comment = "";
          break;
        }
        case "rename": {
          requirePrivilege(execution, "OWNERSHIP", schema);
          if ((databaseOf(change.to) ?? place.mounted.name) !== place.mounted.name) {
            throw unsupported("moving a schema to another database");
          }
          requirePrivilege(execution, "CREATE SCHEMA", place.mounted);
          const before = schema.name;
          rename(database.schemas, schema, change.to.at(-1) as string);
          if (execution.session.schema === before) execution.session.schema = schema.name;
          break;
        }
        case "managedAccess":
          requirePrivilege(execution, "OWNERSHIP", schema);
          schema.managedAccess = change.enable;
          break;
        default:
          throw unsupported(`ALTER SCHEMA … ${change.action}`);
      }
    });
  },

  drop(statement, execution) {
    const name = statement.name.at(-1) as string;
    const place = unlessMissing(statement.ifExists, () => findSchema(execution, statement.name));
    if (!place) return alreadyDropped(name);
    requireWritable(place);
    const { database, mounted } = place;
    return dropAccountObject(lastOf(statement), execution, kindIn(database), {
      remove: (schema) => forgetGrants(execution, ...idsInSchema(schema)),
      after: async (schema) => {
        await dropStoredTables(execution, database.id, schema.tables.values());
        const { session } = execution;
        if (session.database === mounted.name && session.schema === name) session.schema = null;
      },
    });
  },

  show(statement, execution) {
    const account = accountOf(execution);
    const { session } = execution;
    const rows = databasesShown(execution, statement).flatMap((place) => {
      const { mounted, database, visible, readOnly } = place;
      const own = byName(database.schemas.values())
        .filter((schema) => visible.has(schema.id) && (readOnly || mayKnow(execution, schema, mounted)))
        .map(
          (schema): Row => ({
            created_on: encodeTimestamp(new Date(schema.createdOn)),
            name: schema.name,
            is_default: "N",
            is_current: yesNo(session.database === mounted.name && session.schema === schema.name),
            database_name: mounted.name,
            owner: readOnly ? "" : schema.owner,
            comment: schema.comment,
            options: [
              ...(schema.transient ? ["TRANSIENT"] : []),
              ...(schema.managedAccess ? ["MANAGED ACCESS"] : []),
            ].join(", "),
            retention_time: inheritedParameter(
              "DATA_RETENTION_TIME_IN_DAYS",
              schema.parameters,
              database.parameters,
              account.parameters,
            ),
            owner_role_type: readOnly ? "" : "ROLE",
          }),
        );
      const informationSchema: Row = {
        created_on: encodeTimestamp(new Date(mounted.createdOn)),
        name: "INFORMATION_SCHEMA",
        is_default: "N",
        is_current: yesNo(session.database === mounted.name && session.schema === "INFORMATION_SCHEMA"),
        database_name: mounted.name,
        owner: "",
        comment: "Views describing the contents of schemas in this database",
        options: "",
        retention_time: "1",
        owner_role_type: "",
      };
      return [informationSchema, ...own];
    });
    return { columns: showColumns, rows };
  },

  describe(statement, execution) {
    const { schema, readOnly } = findSchema(execution, statement.name);
    const objects = [
      ...byName(objectsIn(execution, schema, "tables")).map((table) => ({ ...table, kind: "TABLE" })),
      ...byName(objectsIn(execution, schema, "views")).map((view) => ({ ...view, kind: "VIEW" })),
    ].filter((object) => readOnly || mayKnow(execution, object));
    return tabulate(
      [timestampLtz("created_on"), text("name"), text("kind")],
      objects.map(({ createdOn, name, kind }) => ({
        created_on: encodeTimestamp(new Date(createdOn)),
        name,
        kind,
      })),
    );
  },
};

const showColumns = [
  timestampLtz("created_on"),
  text("name"),
  text("is_default"),
  text("is_current"),
  text("database_name"),
  text("owner"),
  text("comment"),
  text("options"),
  text("retention_time"),
  text("owner_role_type"),
];
