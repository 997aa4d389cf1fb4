import {
  type BucketReader,
  bytesOf,
  ownStatements,
  POLICY_BYTES,
} from "../components/bucket-policy/statements.ts";
import { WAREHOUSE_SIZES } from "../components/verified-load/args.ts";
import {
  accountingTableName,
  KEPT_TABLES,
  keptTableName,
  lockTableName,
} from "../components/verified-load/tables.ts";
import type { AccountNames } from "./default-names.ts";
import { type EnvironmentValues, environmentFields } from "./environment.ts";
import type { Mistake } from "./mistakes.ts";
import type { Partition } from "./name-rules.ts";
import { notePartition } from "./provider-keys.ts";

type Resolved = Partial<EnvironmentValues> & AccountNames;

/** What a rule may look at, and how it says what is wrong. */
interface Keys {
  /** As they are set. */
  readonly values: Partial<EnvironmentValues>;
  /** With what follows from them. */
  readonly resolved: Resolved;
  readonly region: string;
  readonly partition: Partition;
  readonly namespace: string;
  readonly mistakes: Mistake[];
  readonly note: (name: string, value: unknown, allowed: string, cure: string) => void;
}

/** Notes what no single key can see: keys of an environment that do not go together. */
export function noteEnvironment(
  values: Partial<EnvironmentValues>,
  resolved: Resolved,
  { region, partition }: { region: string; partition: Partition },
  namespace: string,
  mistakes: Mistake[],
): void {
  const note: Keys["note"] = (name, value, allowed, cure) =>
    mistakes.push({ key: namespace + name, value: String(value), allowed, cure });
  const keys = { values, resolved, region, partition, namespace, mistakes, note };
  for (const rule of RULES) rule(keys);
}

/** In the order in which mistakes are told. */
const RULES: readonly ((keys: Keys) => void)[] = [
  noteUsed,
  noteBucket,
  noteDerivedNames,
  noteWarehouseSizes,
  noteDays,
  noteQuality,
  noteMetersTable,
  noteKmsKeys,
  noteBoundary,
  noteRoles,
];

function noteBucket({ values, resolved, note }: Keys): void {
  const { adoptBucket = false } = resolved;
  if (adoptBucket && values.deleteRawData)
    note(
      "deleteRawData",
      true,
      "false, because useBucket is true: what is in a bucket that was there is never deleted",
      "remove one of the two",
    );
  if (values.bucketGuards === "verify" && !adoptBucket)
    note(
      "bucketGuards",
      "verify",
      "manage, because the stack makes the bucket and nobody else guards it",
      "remove it, or make the bucket yourself and set useBucket to true",
    );
}

function noteDerivedNames({ values, resolved, namespace, note }: Keys): void {
  for (const name of ["bucketName", "roleName"] as const) {
    const field = environmentFields[name];
    const derived = values[name] === undefined && values.environment && values.awsAccountId;
    if (derived && !field.schema.safeParse(resolved[name]).success)
      note(name, resolved[name], field.allowed, `set ${namespace}${name} yourself, or a shorter environment`);
  }
}

function noteWarehouseSizes({ values, namespace, note }: Keys): void {
  const { warehouseSize, loadWarehouseSize } = values;
  if (warehouseSize && loadWarehouseSize && rank(loadWarehouseSize) < rank(warehouseSize))
    note(
      "loadWarehouseSize",
      loadWarehouseSize,
      `at least warehouseSize, which is ${warehouseSize}`,
      `pulumi config set ${namespace}loadWarehouseSize ${warehouseSize}`,
    );
}

function noteDays({ values, note }: Keys): void {
  if (values.expectedFrom && values.expectedTo && values.expectedFrom > values.expectedTo)
    note(
      "expectedTo",
      values.expectedTo,
      `a day not before expectedFrom, ${values.expectedFrom}`,
      "swap the two",
    );
}

function noteQuality({ values: { quality }, note }: Keys): void {
  const { min = 110, max = 125 } = quality?.voltage ?? {};
  if (min >= max)
    note("quality.voltage.max", max, `more than quality.voltage.min, which is ${min}`, "swap the two");
  const { from, to } = quality?.timestampWindow ?? {};
  if (from && to && from > to)
    note("quality.timestampWindow.to", to, `a day not before timestampWindow.from, ${from}`, "swap the two");
  const minutes = quality?.continuity?.intervalMinutes;
  if (minutes !== undefined && 1440 % minutes !== 0)
    note(
      "quality.continuity.intervalMinutes",
      minutes,
      "minutes that divide a day (1440) evenly",
      "take 15, 30 or 60",
    );
}

function noteMetersTable({ values, resolved, note }: Keys): void {
  const { tableName: table = "" } = values;
  const names = [
    table,
    accountingTableName(table),
    lockTableName(table),
    ...KEPT_TABLES.map((kept) => keptTableName(table, kept)),
  ];
  if (
    values.metersTable &&
    names.some((name) => values.metersTable === [resolved.databaseName, values.schemaName, name].join("."))
  )
    note(
      "metersTable",
      values.metersTable,
      "a table that this stack does not make itself",
      "name the table with one row for each known meter",
    );
}

function noteKmsKeys({ values, region, partition, namespace, mistakes, note }: Keys): void {
  for (const arn of values.kmsKeyArns ?? []) {
    const [, , , keyRegion] = arn.split(":");
    notePartition(`${namespace}kmsKeyArns`, arn, partition, mistakes);
    if (region !== "" && keyRegion !== region)
      note(
        "kmsKeyArns",
        arn,
        `keys of the bucket's own region, which is ${region}: S3 encrypts with no other`,
        "name the key that `aws s3api head-object` shows for one of the files",
      );
  }
}

function noteBoundary({ values, partition, namespace, mistakes, note }: Keys): void {
  const boundary = values.permissionsBoundary;
  notePartition(`${namespace}permissionsBoundary`, boundary, partition, mistakes);
  const boundaryAccount = boundary?.split(":")[4];
  if (boundary && values.awsAccountId && ![values.awsAccountId, "aws"].includes(boundaryAccount ?? ""))
    note(
      "permissionsBoundary",
      boundary,
      `a policy of the account that the role is made in, awsAccountId ${values.awsAccountId}, or one of AWS's own`,
      `name the policy of that account: ${boundary.replace(`:${boundaryAccount}:`, `:${values.awsAccountId}:`)}`,
    );
}

function noteRoles({ resolved, note }: Keys): void {
  if (resolved.deployerRoleName === resolved.loaderRoleName)
    note(
      "loaderRoleName",
      resolved.loaderRoleName,
      "another role than the one that deploys: the stack makes it, and grants it to that one",
      "remove it, and the load runs under a role of its own",
    );
}

/** Each object that may be used instead of made: the key of its name, and keys that only say how it is made. */
const USED = {
  useBucket: { what: "bucket", name: "bucketName", making: [] },
  useIntegration: {
    what: "storage integration",
    name: "integrationName",
    making: ["externalId", "roleName", "permissionsBoundary", "kmsKeyArns"],
  },
  useDatabase: { what: "database", name: "databaseName", making: [] },
  useSchema: { what: "schema", name: "schemaName", making: [] },
  useWarehouse: {
    what: "warehouse",
    name: "warehouseName",
    making: ["monthlyCreditQuota", "warehouseSize", "loadWarehouseSize", "autoSuspendSeconds"],
  },
  useRole: { what: "role", name: "loaderRoleName", making: [] },
} as const;

/** Notes what does not go with objects that are used instead of made. */
function noteUsed({ values, resolved, namespace, mistakes }: Keys): void {
  for (const [flag, { what, name, making }] of Object.entries(USED)) {
    const uses = flag === "useBucket" ? resolved.adoptBucket : values[flag as keyof typeof USED];
    if (!uses) continue;
    if (values[name] === undefined)
      mistakes.push({
        key: namespace + name,
        allowed: `the name of the ${what} to use, because ${flag} is true`,
        cure: `pulumi config set ${namespace}${name} <the ${what}'s name>, or set ${flag} to false`,
      });
    for (const key of making) {
      const field = environmentFields[key];
      const value = values[key];
      // Pulumi.yaml's defaults are nobody's wish.
      if (value === undefined || ("fallback" in field && String(value) === field.fallback)) continue;
      mistakes.push({
        key: namespace + key,
        value: String(value),
        allowed: `only for a ${what} that the stack makes, and ${flag} is true`,
        cure: "remove one of the two",
      });
    }
  }
  if (values.useSchema && !values.useDatabase)
    mistakes.push({
      key: `${namespace}useDatabase`,
      value: "false",
      allowed: "true, because useSchema is true, and the schema's database is there as well",
      cure: `pulumi config set ${namespace}useDatabase true`,
    });
  if (values.useSchema && values.onDelete === "drop")
    mistakes.push({
      key: `${namespace}onDelete`,
      value: "drop",
      allowed:
        "retain or truncate, because useSchema is true: the load's own tables go with a schema of the stack's alone",
      cure: `pulumi config set ${namespace}onDelete truncate, and drop the tables yourself`,
    });
}

/** Notes partners whose statements do not all fit into the bucket's one policy, with how many do. */
export function notePolicySize(
  readers: readonly BucketReader[],
  { environment = "", bucketName, bucketGuards }: Resolved,
  partition: Partition,
  namespace: string,
  mistakes: Mistake[],
): void {
  const refuseHttp = bucketGuards === "manage";
  const owner = { environment, bucketName, partition };
  const bytes = (some: readonly BucketReader[]) =>
    bytesOf(ownStatements(owner, { readers: some, refuseHttp }));
  let fitting = readers.length;
  while (fitting > 0 && bytes(readers.slice(0, fitting)) > POLICY_BYTES) fitting--;
  if (fitting === readers.length) return;
  mistakes.push({
    key: `${namespace}partnerPrincipal`,
    value: `${readers.length} partners, whose statements take ${bytes(readers)} bytes`,
    allowed: `${POLICY_BYTES} bytes in all, which S3 takes of a bucket's policy: ${fitting} of these partners fit, ${readers.length - fitting} do not`,
    cure: "let some of them in by way of storageIntegration or dataShare, which take no room in it; partners who share a folder take less",
  });
}

const rank = (size: (typeof WAREHOUSE_SIZES)[number]) => WAREHOUSE_SIZES.indexOf(size);
