import { randomBytes } from "node:crypto";
import type { Account, StorageIntegration } from "../catalog/model.ts";
import { requireAccountPrivilege, requirePrivilege } from "../catalog/privileges.ts";
import { accountOf } from "../catalog/scope.ts";
import type { Execution } from "../context.ts";
import { SnowflakeError, unsupported } from "../errors.ts";
import type { AlterAction, CreateObject } from "../grammar/object-statements.ts";
import {
  asBoolean,
  asText,
  asTexts,
  asWord,
  invalidValue,
  type Reader,
  readProperties,
  valueText,
} from "../grammar/properties.ts";
import { encodeTimestamp, text, timestampLtz } from "../result.ts";
import {
  type AccountKind,
  alterAccountObject,
  createAccountObject,
  describedObject,
  dropAccountObject,
  knownObjects,
  requireKnown,
} from "./account-objects.ts";
import { newObject, type ObjectKind } from "./ddl.ts";

const asRoleArn: Reader<string> = (value, name) => {
  const arn = asText(value, name);
  if (!/^arn:aws(-us-gov|-cn)?:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(arn)) {
    throw invalidValue(name, arn, "arn:aws:iam::<12-digit account>:role/<name>");
  }
  return arn;
};

const asLocations: Reader<string[]> = (value, name) => {
  const locations = asTexts(value, name);
  const wrong = locations.find(
    (location) =>
      location !== "*" && !/^s3(gov|china)?:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/|$)/.test(location),
  );
  if (wrong !== undefined) throw invalidValue(name, wrong, "s3://<bucket>/<path>/ or *");
  if (locations.includes("*") && locations.length > 1) {
    throw invalidValue(name, valueText(value), "* alone, or locations without it");
  }
  return locations;
};

const asExternalId: Reader<string> = (value, name) => {
  const id = asText(value, name);
  if (!/^[\w+=,.@:/-]{2,1224}$/.test(id)) {
    throw invalidValue(name, id, "2 to 1224 letters, digits or any of _+=,.@:/-");
  }
  return id;
};

const common = {
  ENABLED: asBoolean,
  STORAGE_AWS_ROLE_ARN: asRoleArn,
  STORAGE_AWS_EXTERNAL_ID: asExternalId,
  STORAGE_AWS_OBJECT_ACL: asText,
  STORAGE_ALLOWED_LOCATIONS: asLocations,
  STORAGE_BLOCKED_LOCATIONS: asLocations,
  COMMENT: asText,
};
const onCreate = {
  ...common,
  TYPE: asWord("EXTERNAL_STAGE"),
  STORAGE_PROVIDER: asWord("S3", "S3GOV", "S3CHINA"),
};

const missing = (name: string) =>
  new SnowflakeError(
    "001422",
    "22023",
    `SQL compilation error:\nmissing required property '${name}' for 'STORAGE INTEGRATION'`,
  );

function required<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw missing(name);
  return value;
}

/** What Snowflake makes up when nobody gives an external ID (docs: Configuring a Snowflake storage integration to access Amazon S3; its form is not verified). */
const newExternalId = (account: Account): string =>
  `${account.locator}_SFCRole=${account.integrations.size + 1}_${randomBytes(20).toString("base64")}`;

const kind: AccountKind<StorageIntegration> = {
  label: "Integration",
  objects: ({ integrations }) => integrations,
};

function change(account: Account, integration: StorageIntegration, action: AlterAction): void {
  if (action.action === "set") {
    const read = readProperties(action.properties, "STORAGE INTEGRATION", common);
    integration.enabled = read.ENABLED ?? integration.enabled;
    integration.awsRoleArn = read.STORAGE_AWS_ROLE_ARN ?? integration.awsRoleArn;
    integration.awsExternalId = read.STORAGE_AWS_EXTERNAL_ID ?? integration.awsExternalId;
    integration.allowedLocations = read.STORAGE_ALLOWED_LOCATIONS ?? integration.allowedLocations;
    integration.blockedLocations = read.STORAGE_BLOCKED_LOCATIONS ?? integration.blockedLocations;
    integration.comment = read.COMMENT ?? integration.comment;
    if (read.STORAGE_AWS_OBJECT_ACL !== undefined) integration.awsObjectAcl = read.STORAGE_AWS_OBJECT_ACL;
  } else if (action.action === "unset") {
    const defaults: Record<string, () => void> = {
      ENABLED: () => {
        integration.enabled = false;
      },
      STORAGE_AWS_EXTERNAL_ID: () => {
        integration.awsExternalId = newExternalId(account);
      },
      STORAGE_AWS_OBJECT_ACL: () => {
        delete integration.awsObjectAcl;
      },
      STORAGE_BLOCKED_LOCATIONS: () => {
        integration.blockedLocations = [];
      },
      COMMENT: () => {
        integration.comment = "";
      },
    };
    const resets = action.names.map((property) => {
      const reset = Object.hasOwn(defaults, property) ? defaults[property] : undefined;
      if (!reset) throw unsupported(`ALTER STORAGE INTEGRATION … UNSET ${property}`);
      return reset;
    });
    for (const reset of resets) reset();
  } else {
    throw unsupported(`ALTER STORAGE INTEGRATION … ${action.action}`);
  }
}

function newIntegration({ properties }: CreateObject, execution: Execution, name: string) {
  const account = accountOf(execution);
  const read = readProperties(properties, "STORAGE INTEGRATION", onCreate);
  required(read.TYPE, "TYPE");
  const integration: StorageIntegration = {
    type: "INTEGRATION",
    ...newObject(execution, name, read.COMMENT),
    provider: required(read.STORAGE_PROVIDER, "STORAGE_PROVIDER"),
    enabled: required(read.ENABLED, "ENABLED"),
    awsRoleArn: required(read.STORAGE_AWS_ROLE_ARN, "STORAGE_AWS_ROLE_ARN"),
    awsExternalId: read.STORAGE_AWS_EXTERNAL_ID ?? newExternalId(account),
    allowedLocations: required(read.STORAGE_ALLOWED_LOCATIONS, "STORAGE_ALLOWED_LOCATIONS"),
    blockedLocations: read.STORAGE_BLOCKED_LOCATIONS ?? [],
  };
  if (read.STORAGE_AWS_OBJECT_ACL !== undefined) integration.awsObjectAcl = read.STORAGE_AWS_OBJECT_ACL;
  return integration;
}

/**
 * Storage integrations: a role in somebody's AWS account that Snowflake assumes, and where it may go with it (docs: CREATE STORAGE
 * INTEGRATION).
 */
export const integrations: ObjectKind = {
  create(statement, execution) {
    return createAccountObject(statement, execution, kind, {
      allow: () => requireAccountPrivilege(execution, "CREATE INTEGRATION"),
      // Stages of an integration that is replaced keep its ID, not its name: they are orphans then.
      make: (name) => newIntegration(statement, execution, name),
    });
  },

  alter(statement, execution) {
    return alterAccountObject(statement, execution, kind, (integration) => {
      requireKnown(execution, kind.label, integration);
      requirePrivilege(execution, "OWNERSHIP", integration);
      change(accountOf(execution), integration, statement.change);
    });
  },

  drop(statement, execution) {
    return dropAccountObject(statement, execution, kind);
  },

  show(_statement, execution) {
    return {
      columns: [
        text("name"),
        text("type"),
        text("category"),
        text("enabled"),
        text("comment"),
        timestampLtz("created_on"),
      ],
      rows: knownObjects(execution, kind).map((integration) => ({
        name: integration.name,
        type: "EXTERNAL_STAGE",
        category: "STORAGE",
        enabled: String(integration.enabled),
        comment: integration.comment,
        created_on: encodeTimestamp(new Date(integration.createdOn)),
      })),
    };
  },

  describe(statement, execution) {
    const account = accountOf(execution);
    const integration = describedObject(statement, execution, kind);
    const rows: [string, string, string, string][] = [
      ["ENABLED", "Boolean", String(integration.enabled), "false"],
      ["STORAGE_PROVIDER", "String", integration.provider, ""],
      ["STORAGE_ALLOWED_LOCATIONS", "List", integration.allowedLocations.join(","), "[]"],
      ["STORAGE_BLOCKED_LOCATIONS", "List", integration.blockedLocations.join(","), "[]"],
      ["STORAGE_AWS_IAM_USER_ARN", "String", account.awsIamUserArn, ""],
      ["STORAGE_AWS_ROLE_ARN", "String", integration.awsRoleArn, ""],
      ["STORAGE_AWS_EXTERNAL_ID", "String", integration.awsExternalId, ""],
      ...(integration.awsObjectAcl === undefined
        ? []
        : [
            ["STORAGE_AWS_OBJECT_ACL", "String", integration.awsObjectAcl, ""] satisfies [
              string,
              string,
              string,
              string,
            ],
          ]),
      ["COMMENT", "String", integration.comment, ""],
    ];
    return {
      columns: [text("property"), text("property_type"), text("property_value"), text("property_default")],
      rows,
    };
  },
};
