import { WAREHOUSE_SIZES } from "../../components/verified-load/args.ts";
import { withoutMoment } from "../../policies/statements.ts";
import {
  always,
  both,
  fewer,
  type InputJudge,
  judgedElsewhere,
  lowered,
  more,
  moved,
  raised,
  takenAway,
  unless,
} from "./input-judge.ts";
import type { TypeJudges } from "./judge.ts";

const gone = "Its rows go with it; they come back only by Time Travel or a full load.";
const timeTravel = lowered("Rows lost can be brought back for fewer days.", 1);
const notTransient = unless([undefined, false, "false", "default", ""], "There is no Fail-safe any more.");

/** The same statement, of another moment, does the same again. */
const otherStatement: InputJudge = ({ before, after }) =>
  typeof before === "string" && typeof after === "string" && withoutMoment(before) === withoutMoment(after)
    ? undefined
    : "It runs as the role that deploys, which may do nearly everything: read it word by word.";

/** Zero, and nothing, stand for "never". */
const endless: InputJudge = ({ after }) => (Number(after) > 0 ? undefined : "It never stops by itself.");

/** Resizing is day's work within the limit that the pack holds; a size that nobody knows is not. */
const knownSize: InputJudge = ({ after }) =>
  after === undefined || (WAREHOUSE_SIZES as readonly string[]).includes(String(after).toUpperCase())
    ? undefined
    : "Nobody knows what that costs.";

/** Folders within those of before are nothing new. */
const locations: InputJudge = ({ before, after, ...rest }) => {
  const old = Array.isArray(before) ? before.map(String) : [];
  const wider = (Array.isArray(after) ? after.map(String) : [after]).filter(
    (location) => !old.some((folder) => folder.endsWith("/") && String(location).startsWith(folder)),
  );
  return more("Snowflake may reach more than before.")({ ...rest, before, after: [...wider] });
};

interface Column {
  readonly name: string;
  readonly type: string;
}

/** Columns gone or turned into something else; one more loses nothing. */
const columns: InputJudge = ({ before, after }) => {
  const list = (value: unknown) => (Array.isArray(value) ? (value as Column[]) : []);
  const now = new Map(list(after).map(({ name, type }) => [name, type]));
  const dropped = list(before).filter(({ name }) => !now.has(name));
  if (dropped.length > 0) {
    const names = dropped.map(({ name }) => name).join(", ");
    return `The column ${names} is dropped, and its values with it; they come back only by Time Travel or a full load.`;
  }
  const turned = list(before).filter(({ name, type }) => now.get(name) !== type);
  if (turned.length > 0) {
    const texts = turned.map(({ name, type }) => `${name} from ${type} into ${now.get(name)}`).join(", ");
    return `It turns ${texts}: Snowflake refuses that, or makes the column again without its values.`;
  }
  const extras = (value: unknown) =>
    list(value).flatMap(({ name, type: _type, ...rest }) =>
      Object.entries(rest)
        .filter(
          ([key, item]) => !["comment", "__defaults"].includes(key) && item !== undefined && item !== "",
        )
        .map(([key, item]) => `${name}.${key}=${JSON.stringify(item)}`),
    );
  const [was, will] = [extras(before), extras(after)];
  const differing = [
    ...will.filter((text) => !was.includes(text) && !/\.nullable=true$/.test(text)),
    ...was.filter((text) => !will.includes(text) && !/\.nullable=/.test(text)).map((text) => `no ${text}`),
  ];
  return differing.length === 0
    ? undefined
    : `What a column does with its values changes: ${differing.join(", ")}.`;
};

export const SNOWFLAKE_JUDGES = {
  "snowflake:index/storageIntegration:StorageIntegration": {
    loss: "Snowflake gives a new one another identity: every stage on it, also those of other people, fails with 003139 until ALTER STAGE … SET STORAGE_INTEGRATION. This stack re-links its own stage only.",
    creation: "Whoever may use it reaches a bucket through Snowflake.",
    inputs: {
      name: moved(),
      type: always("Only EXTERNAL_STAGE is known here."),
      enabled: unless([true], "Every stage on it stops working."),
      storageProvider: moved("It reaches another cloud."),
      storageAwsRoleArn: always(
        "Snowflake reads as another role from now on: one whose rights nobody here has looked at.",
      ),
      storageAllowedLocations: locations,
      storageBlockedLocations: fewer("Snowflake may reach what was blocked until now."),
    },
  },
  "snowflake:index/execute:Execute": {
    loss: "Nothing pins the external ID, or links the stage, any more.",
    creation: "It runs as the role that deploys, which may do nearly everything: read it word by word.",
    inputs: {
      execute: otherStatement,
      revert: unless(["SELECT 1"], "Deleting or replacing it runs that statement: read it word by word."),
      query: unless([undefined, ""], "Every refresh runs that statement: read it word by word."),
    },
  },
  "snowflake:index/stage:Stage": {
    loss: "Queries and loads of others that use it fail meanwhile.",
    creation: "Whoever may use it reads what it shows.",
    inputs: {
      database: moved(),
      schema: moved(),
      name: moved(),
      url: always("It shows another place from now on: what is loaded comes from there."),
      storageIntegration: both(
        moved("It reads through another integration."),
        always("It reads through another integration."),
      ),
      fileFormat: always("Files may be read as other values than before."),
      copyOptions: always("What a COPY does with rows it cannot load may change."),
      directory: always("A directory table may copy names of files, and notify others."),
    },
  },
  "snowflake:index/fileFormat:FileFormat": {
    loss: "Stages and loads that use it fail.",
    inputs: {
      database: moved(),
      schema: moved(),
      name: moved(),
      formatType: always("Files may be read as other values than before."),
      compression: always("Files may be read as other values than before."),
      binaryAsText: always("Files may be read as other values than before."),
      trimSpace: always("Files may be read as other values than before."),
      nullIfs: always("Values may be read as NULL that were not before."),
    },
  },
  "snowflake:index/database:Database": {
    loss: "Every table and stage in it goes with it.",
    inputs: {
      name: moved(),
      isTransient: notTransient,
      dataRetentionTimeInDays: timeTravel,
      maxDataExtensionTimeInDays: lowered("Streams on it go stale earlier.", 14),
    },
  },
  "snowflake:index/schema:Schema": {
    loss: "Every table and stage in it goes with it.",
    inputs: {
      database: moved(),
      name: moved(),
      isTransient: notTransient,
      withManagedAccess: ({ before }) =>
        String(before) === "true" ? "Owners of single objects may again let others in." : undefined,
      dataRetentionTimeInDays: timeTravel,
      maxDataExtensionTimeInDays: lowered("Streams on it go stale earlier.", 14),
    },
  },
  "snowflake:index/table:Table": {
    loss: gone,
    inputs: {
      database: moved(),
      schema: moved(),
      name: moved("Consumers, shares and the load do not find it under its old name any more."),
      columns,
      clusterBies: always(
        "The table is clustered anew: a service that is billed apart, and queries that prune otherwise.",
      ),
      dataRetentionTimeInDays: timeTravel,
      changeTracking: always("Streams on it stop working, or hidden columns are added."),
    },
  },
  "snowflake:index/resourceMonitor:ResourceMonitor": {
    loss: "Nothing caps the credits any more.",
    inputs: {
      name: moved(),
      creditQuota: raised("More credits may be used before anything stops."),
      frequency: always("The quota is filled up at other times."),
      startTimestamp: moved("The quota counts from another time."),
      endTimestamp: always("The monitor may end."),
      suspendTrigger: raised("Warehouses stop later, or not at all."),
      suspendImmediateTrigger: raised("Warehouses stop later, or not at all."),
    },
  },
  "snowflake:index/warehouse:Warehouse": {
    loss: "Queries of everybody who uses it fail.",
    creation: "Another warehouse is another cost.",
    inputs: {
      name: moved(),
      warehouseSize: knownSize,
      warehouseType: always("Memory and price an hour are others."),
      autoSuspend: both(endless, raised("It stands idle for longer, and costs.")),
      autoResume: unless([undefined, true, "true"], "Nothing starts it any more: loads and queries fail."),
      minClusterCount: raised("More clusters always run.", 1),
      maxClusterCount: raised("More clusters may run at once.", 1),
      scalingPolicy: always("Clusters start and stop by another rule."),
      enableQueryAcceleration: unless(
        [undefined, false, "false", "default", ""],
        "Further machines are rented.",
      ),
      queryAccelerationMaxScaleFactor: raised("Further machines are rented.", 8),
      resourceMonitor: takenAway("Its credits are capped by another monitor, or by none."),
      statementTimeoutInSeconds: both(endless, raised("A statement that runs away costs for longer.")),
      statementQueuedTimeoutInSeconds: ({ before, after }) =>
        // 0, and nothing, stand for "never".
        Number(after ?? 0) > 0 && !(Number(before ?? 0) > 0 && Number(before) <= Number(after))
          ? "Loads and queries that wait for the warehouse give up earlier."
          : undefined,
    },
  },
  "snowflake:index/accountRole:AccountRole": {
    loss: "What it may do, and who may act as it, goes with it.",
    inputs: { name: moved("Whoever is granted the old name is granted this one.") },
  },
  "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole": {
    inputs: {
      accountRoleName: judgedElsewhere,
      privileges: judgedElsewhere,
      allPrivileges: judgedElsewhere,
      withGrantOption: judgedElsewhere,
      onAccount: judgedElsewhere,
      onAccountObject: judgedElsewhere,
      onSchema: judgedElsewhere,
      onSchemaObject: judgedElsewhere,
    },
  },
  "snowflake:index/grantAccountRole:GrantAccountRole": {
    inputs: { roleName: judgedElsewhere, parentRoleName: judgedElsewhere, userName: judgedElsewhere },
  },
  "snowflake:index/share:Share": {
    loss: "Partners lose the data at once.",
    inputs: {
      name: moved("Partners lose the data until they mount it by its new name."),
      accounts: judgedElsewhere,
    },
  },
  "pulumi-nodejs:dynamic/flux-ami:ShareAccounts": {
    loss: "Partners lose the data at once.",
    creation: "It brings code of its own, which runs with the rights of whoever deploys.",
    inputs: { share: always("Another share is opened."), accounts: judgedElsewhere },
  },
  "snowflake:index/grantPrivilegesToShare:GrantPrivilegesToShare": {
    loss: "Partners lose what it showed them.",
    inputs: {
      toShare: judgedElsewhere,
      privileges: judgedElsewhere,
      onDatabase: judgedElsewhere,
      onSchema: judgedElsewhere,
      onTable: judgedElsewhere,
      onView: judgedElsewhere,
      onAllTablesInSchema: judgedElsewhere,
      onFunction: judgedElsewhere,
      onTag: judgedElsewhere,
    },
  },
  "snowflake:index/sharedDatabase:SharedDatabase": {
    loss: "Queries on what is shared fail.",
    creation: "What somebody else shares is read, and believed, from now on.",
    inputs: { name: moved(), fromShare: always("It shows what another account shares.") },
  },
} satisfies TypeJudges;
