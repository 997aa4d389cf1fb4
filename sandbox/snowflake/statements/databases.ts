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
import type { Handler } from "../context.ts";
import { doesNotExist, insufficientPrivileges, SnowflakeError, unsupported } from "../errors.ts";
import { displayIdentifier, displayName } from "../grammar/identifiers.ts";
import type { CreateDatabaseFromShare } from "../grammar/object-statements.ts";
import { asText, readProperties } from "../grammar/properties.ts";
import type { Property } from "../grammar/values.ts";
import { encodeTimestamp, text, timestampLtz } from "../result.ts";
import {
  alreadyDropped,
  created,
  done,
  dropped,
  existing,
  findAccountObject,
  forgetGrants,
  newObject,
  type ObjectKind,
  rename,
} from "./ddl.ts";
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
    database.comment = read.COMMENT ?? database.comment;
    parameters(database.parameters);
  };
}

const idsInDatabase = (database: Database): number[] => [
  database.id,
  ...[...database.schemas.values()].flatMap(idsInSchema),
];

/** Puts a new database in place of an old one, whose data go. */
async function publish(
  execution: Parameters<Handler>[1],
  database: Database,
  old: Database | undefined,
): Promise<void> {
  const { catalog, engine } = execution.cloud;
  // No waiting until it is saved, or two statements could both find the name free. The file is made at its first use.
  if (old) forgetGrants(execution, ...idsInDatabase(old));
  accountOf(execution).databases.set(database.name, database);
  catalog.save();
  if (old && !old.origin) await engine.drop(old.id);
  execution.session.database = database.name;
  execution.session.schema = database.origin ? null : "PUBLIC";
}

export const databases: ObjectKind = {
  async create(statement, execution) {
    const account = accountOf(execution);
    const [name] = statement.name as [string];
    requireAccountPrivilege(execution, "CREATE DATABASE");
    const old = account.databases.get(name);
    const kept = existing(execution, statement, old);
    if (kept) return kept;
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
    await publish(execution, database, old);
    return created("Database", name);
  },

  alter(statement, execution) {
    const account = accountOf(execution);
    const [name] = statement.name as [string];
    const database = findAccountObject(account.databases, name, "Database", statement.ifExists);
    if (!database) return done();
    if (!mayKnow(execution, database)) throw doesNotExist("Database", displayIdentifier(name));
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
    execution.cloud.catalog.save();
    return done();
  },

  async drop(statement, execution) {
    const account = accountOf(execution);
    const [name] = statement.name as [string];
    const database = findAccountObject(account.databases, name, "Database", statement.ifExists);
    if (!database) return alreadyDropped(name);
    requirePrivilege(execution, "OWNERSHIP", database);
    account.databases.delete(name);
    forgetGrants(execution, ...idsInDatabase(database));
    execution.cloud.catalog.save();
    if (!database.origin) await execution.cloud.engine.drop(database.id);
    if (execution.session.database === name) {
      execution.session.database = null;
      execution.session.schema = null;
    }
    return dropped(name);
  },

  show(_statement, execution) {
    const account = accountOf(execution);
    const rows = byName(account.databases.values())
      .filter((database) => mayKnow(execution, database))
      .map((database) => ({
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

/** CREATE DATABASE … FROM SHARE organization.account.share, or account.share within the organization. */
export const createDatabaseFromShare: Handler<CreateDatabaseFromShare> = async (statement, execution) => {
  const { catalog } = execution.cloud;
  const account = accountOf(execution);
  for (const privilege of ["CREATE DATABASE", "IMPORT SHARE"]) {
    if (!hasAccountPrivilege(account, execution.session.role, privilege)) {
      throw insufficientPrivileges("account", account.locator);
    }
  }
  const old = account.databases.get(statement.name);
  const kept = existing(execution, statement, old);
  if (kept) return kept;
  const share = statement.share.at(-1) as string;
  const publisher = catalog.findAccount(
    statement.share.length === 2 && !catalog.findAccount(statement.share[0] as string)
      ? `${account.organization}-${statement.share[0]}`
      : statement.share.slice(0, -1).join("-"),
  );
  const published = publisher?.shares.get(share);
  if (!publisher || !published?.accounts.includes(execution.session.account)) {
    throw doesNotExist("Share", displayName(statement.share));
  }
  if (!sharedDatabase(publisher, published)) {
    throw new SnowflakeError(
      "003030",
      "02000",
      `SQL compilation error:\nShare '${displayName(statement.share)}' has no database yet: the publisher has to grant USAGE on one to it.`,
    );
  }
  const mounts = [...account.databases.values()].some(
    (database) => database !== old && database.origin?.shareId === published.id && !database.origin.revoked,
  );
  if (mounts) {
    throw new SnowflakeError(
      "003040",
      "42710",
      `SQL compilation error:\nThere is already a database from share '${displayName(statement.share)}': one account mounts a share once.`,
    );
  }
  const apply = changes(statement.properties);
  const database: Database = {
    type: "DATABASE",
    ...newObject(execution, statement.name),
    transient: false,
    origin: { account: `${publisher.organization}-${publisher.name}`, share, shareId: published.id },
    schemas: new Map(),
    parameters: new Map(),
  };
  apply(database);
  await publish(execution, database, old);
  return created("Database", statement.name);
};
