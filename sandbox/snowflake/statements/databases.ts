import { findDatabase } from "../catalog/lookup.ts";
import type { Database, Schema } from "../catalog/model.ts";
import {
  hasAccountPrivilege,
  mayKnow,
  requireAccountPrivilege,
  requirePrivilege,
} from "../catalog/privileges.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import { isAvailable, sharedDatabase } from "../catalog/shares.ts";
import type { Execution, Handler } from "../context.ts";
import { doesNotExist, insufficientPrivileges, SnowflakeError, unsupported } from "../errors.ts";
import { displayName } from "../grammar/identifiers.ts";
import type { CreateDatabaseFromShare } from "../grammar/object-statements.ts";
import { asText, readProperties } from "../grammar/properties.ts";
import type { Property } from "../grammar/values.ts";
import { encodeTimestamp, text, timestampLtz } from "../result.ts";
import {
  type AccountKind,
  alterAccountObject,
  createAccountObject,
  dropAccountObject,
  knownObjects,
  requireKnown,
} from "./account-objects.ts";
import { forgetGrants, newObject, type ObjectKind, rename } from "./ddl.ts";
import {
  inheritedParameter,
  isObjectParameter,
  isPublishers,
  setObjectParameters,
  unsetObjectParameters,
} from "./object-parameters.ts";
import { idsInSchema, newSchema } from "./schemas.ts";
import { byName, tabulate, yesNo } from "./shown.ts";

const isParameter = ({ name }: Property) => isObjectParameter(name, "DATABASE");

/** Checks the properties of CREATE or ALTER DATABASE and answers the change. */
function changes(properties: readonly Property[]) {
  const read = readProperties(
    properties.filter((property) => !isParameter(property)),
    "DATABASE",
    { COMMENT: asText },
  );
  const parameters = setObjectParameters(properties.filter(isParameter), "DATABASE");
  return (database: Database): void => {
    parameters(database);
    database.comment = read.COMMENT ?? database.comment;
  };
}

const idsInDatabase = (database: Database): number[] => [
  database.id,
  ...[...database.schemas.values()].flatMap(idsInSchema),
];

const kind: AccountKind<Database> = { label: "Database", objects: ({ databases }) => databases };

const forgetDatabase = (execution: Execution, database: Database): void =>
  forgetGrants(execution, ...idsInDatabase(database));

/** Once a new database is in the catalog: the data of the old one go. Its file is made at its first use. */
async function publish(execution: Execution, database: Database, old: Database | undefined): Promise<void> {
  if (old && !old.origin) await execution.cloud.engine.drop(old.id);
  execution.session.database = database.name;
  execution.session.schema = database.origin ? null : "PUBLIC";
}

export const databases: ObjectKind = {
  create(statement, execution) {
    return createAccountObject(statement, execution, kind, {
      allow: () => requireAccountPrivilege(execution, "CREATE DATABASE"),
      make: (name) => {
        const apply = changes(statement.properties);
        const database: Database = {
          type: "DATABASE",
          ...newObject(execution, name),
          transient: statement.transient,
          schemas: new Map<string, Schema>(),
          parameters: new Map(),
        };
        database.schemas.set("PUBLIC", newSchema(execution, "PUBLIC", statement.transient));
        apply(database);
        return database;
      },
      replace: (old) => forgetDatabase(execution, old),
      after: (database, old) => publish(execution, database, old),
    });
  },

  alter(statement, execution) {
    const account = accountOf(execution);
    return alterAccountObject(statement, execution, kind, (database, name) => {
      requireKnown(execution, kind.label, database);
      const { change } = statement;
      switch (change.action) {
        case "set": {
          const apply = changes(change.properties);
          requirePrivilege(execution, "MODIFY", database);
          const foreign = change.properties.find(({ name }) => isPublishers(name));
          if (database.origin && foreign) {
            throw unsupported(`${foreign.name} of a database that is mounted from a share`);
          }
          apply(database);
          break;
        }
        case "unset": {
          requirePrivilege(execution, "MODIFY", database);
          const names = change.names.filter((property) => property !== "COMMENT");
          unsetObjectParameters(database.parameters, names, "DATABASE");
          if (names.length < change.names.length) database.comment = "";
          break;
        }
        case "rename": {
          requirePrivilege(execution, "OWNERSHIP", database);
          requireAccountPrivilege(execution, "CREATE DATABASE");
          const to = change.to[0] as string;
          rename(account.databases, database, to);
          if (execution.session.database === name) execution.session.database = to;
          break;
        }
        default:
          throw unsupported(`ALTER DATABASE … ${change.action}`);
      }
    });
  },

  drop(statement, execution) {
    const { session, cloud } = execution;
    return dropAccountObject(statement, execution, kind, {
      remove: (database) => forgetDatabase(execution, database),
      after: async ({ id, name, origin }) => {
        if (!origin) await cloud.engine.drop(id);
        if (session.database !== name) return;
        session.database = null;
        session.schema = null;
      },
    });
  },

  show(_statement, execution) {
    const account = accountOf(execution);
    const rows = knownObjects(execution, kind).map((database) => ({
      created_on: encodeTimestamp(new Date(database.createdOn)),
      name: database.name,
      is_default: "N",
      is_current: yesNo(database.name === execution.session.database),
      origin: originOf(execution, database),
      owner: database.owner,
      comment: database.comment,
      options: database.transient ? "TRANSIENT" : "",
      retention_time: inheritedParameter(
        "DATA_RETENTION_TIME_IN_DAYS",
        database.parameters,
        account.parameters,
      ),
      kind: database.origin ? "IMPORTED DATABASE" : "STANDARD",
      budget: null,
      owner_role_type: "ROLE",
    }));
    return { columns: showColumns, rows };
  },

  describe(statement, execution) {
    const { mounted, database, visible } = findDatabase(execution, statement.name[0]);
    const rows = byName(database.schemas.values())
      .filter((schema) => visible.has(schema.id) && (mounted.origin || mayKnow(execution, schema)))
      .map((schema) => ({
        created_on: encodeTimestamp(new Date(schema.createdOn)),
        name: schema.name,
        kind: "SCHEMA",
      }));
    return tabulate([timestampLtz("created_on"), text("name"), text("kind")], rows);
  },
};

/** `ORG.ACCOUNT.SHARE` of a mounted database; SHOW tells when the publisher took it away. */
function originOf({ cloud, session }: Context, { origin, name }: Database): string {
  if (!origin) return "";
  const account = cloud.catalog.accountOfKey(session.account);
  const database = account.databases.get(name) as Database;
  if (!isAvailable(cloud.catalog, account, database)) return "<REVOKED>";
  const publisher = cloud.catalog.accountOfKey(origin.account);
  return displayName([publisher.organization, publisher.name, origin.share]);
}

const showColumns = [
  timestampLtz("created_on"),
  text("name"),
  text("is_default"),
  text("is_current"),
  text("origin"),
  text("owner"),
  text("comment"),
  text("options"),
  text("retention_time"),
  text("kind"),
  text("budget"),
  text("owner_role_type"),
];

/** The share that a statement names, and whose it is: one that was given to this account, and has a database. */
function sharePublished({ share: name }: CreateDatabaseFromShare, execution: Execution) {
  const { catalog } = execution.cloud;
  const { organization } = accountOf(execution);
  const publisher = catalog.findAccount(
    name.length === 2 && !catalog.findAccount(name[0] as string)
      ? `${organization}-${name[0]}`
      : name.slice(0, -1).join("-"),
  );
  const share = publisher?.shares.get(name.at(-1) as string);
  if (!publisher || !share?.accounts.includes(execution.session.account))
    throw doesNotExist("Share", displayName(name));
  if (!sharedDatabase(publisher, share))
    throw new SnowflakeError(
      "003030",
      "02000",
      `SQL compilation error:\nShare '${displayName(name)}' has no database yet: the publisher has to grant USAGE on one to it.`,
    );
  return { publisher, share };
}

function mounted(statement: CreateDatabaseFromShare, execution: Execution, name: string): Database {
  const { publisher, share } = sharePublished(statement, execution);
  const mounts = [...accountOf(execution).databases.values()].some(
    (database) => database.name !== name && database.origin?.shareId === share.id && !database.origin.revoked,
  );
  if (mounts)
    throw new SnowflakeError(
      "003040",
      "42710",
      `SQL compilation error:\nThere is already a database from share '${displayName(statement.share)}': one account mounts a share once.`,
    );
  const apply = changes(statement.properties);
  const database: Database = {
    type: "DATABASE",
    ...newObject(execution, name),
    transient: false,
    origin: {
      account: `${publisher.organization}-${publisher.name}`,
      share: share.name,
      shareId: share.id,
    },
    schemas: new Map(),
    parameters: new Map(),
  };
  apply(database);
  return database;
}

/** CREATE DATABASE … FROM SHARE organization.account.share, or account.share within the organization. */
export const createDatabaseFromShare: Handler<CreateDatabaseFromShare> = (statement, execution) => {
  const account = accountOf(execution);
  return createAccountObject({ ...statement, name: [statement.name] }, execution, kind, {
    allow: () => {
      for (const privilege of ["CREATE DATABASE", "IMPORT SHARE"])
        if (!hasAccountPrivilege(account, execution.session.role, privilege))
          throw insufficientPrivileges("account", account.locator);
    },
    make: (name) => mounted(statement, execution, name),
    replace: (old) => forgetDatabase(execution, old),
    after: (database, old) => publish(execution, database, old),
  });
};
