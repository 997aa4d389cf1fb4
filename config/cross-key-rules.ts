import { type BucketReader, POLICY_BYTES, policyBytes } from "../components/raw-bucket.ts";
import { WAREHOUSE_SIZES } from "../components/verified-load/args.ts";
import type { AccountNames } from "./account-names.ts";
import { notePartition } from "./accounts.ts";
import { type EnvironmentValues, environmentFields } from "./environment.ts";
import type { Mistake } from "./mistakes.ts";
import type { Partition } from "./names.ts";

type Resolved = Partial<EnvironmentValues> & AccountNames;

/** Notes what no single key can see: keys of an environment that do not go together. */
export function noteEnvironment(
  values: Partial<EnvironmentValues>,
  resolved: Resolved,
  partition: Partition,
  namespace: string,
  mistakes: Mistake[],
): void {
  const note = (name: string, value: unknown, allowed: string, cure: string) =>
    mistakes.push({ key: namespace + name, value: String(value), allowed, cure });

  if (values.adoptBucket && values.bucketName === undefined)
    mistakes.push({
      key: `${namespace}bucketName`,
      allowed: "the name of the bucket to adopt, because adoptBucket is true",
      cure: `pulumi config set ${namespace}bucketName <the bucket's name>, or set adoptBucket to false`,
    });

  if (values.adoptBucket && values.deleteRawData)
    note(
      "deleteRawData",
      true,
      "false, because adoptBucket is true: what is in an adopted bucket is never deleted",
      "remove one of the two",
    );

  for (const name of ["bucketName", "roleName"] as const) {
    const field = environmentFields[name];
    const derived = values[name] === undefined && values.environment && values.awsAccountId;
    if (derived && !field.schema.safeParse(resolved[name]).success)
      note(name, resolved[name], field.allowed, `set ${namespace}${name} yourself, or a shorter environment`);
  }

  const { warehouseSize, loadWarehouseSize } = values;
  if (warehouseSize && loadWarehouseSize && rank(loadWarehouseSize) < rank(warehouseSize))
    note(
      "loadWarehouseSize",
      loadWarehouseSize,
      `at least warehouseSize, which is ${warehouseSize}`,
      `pulumi config set ${namespace}loadWarehouseSize ${warehouseSize}`,
    );

  if (values.expectedFrom && values.expectedTo && values.expectedFrom > values.expectedTo)
    note(
      "expectedTo",
      values.expectedTo,
      `a day not before expectedFrom, ${values.expectedFrom}`,
      "swap the two",
    );

  const { quality } = values;
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

  const names = [values.tableName, `${values.tableName}_LOADS`, `${values.tableName}_LOAD_LOCK`];
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

  if (resolved.deployerRoleName === resolved.loaderRoleName)
    note(
      "loaderRoleName",
      resolved.loaderRoleName,
      "another role than the one that deploys: the stack makes it, and grants it to that one",
      `remove it, and the load runs under a role of its own`,
    );
}

/** Notes partners whose statements do not all fit into the bucket's one policy, with how many do. */
export function notePolicySize(
  readers: readonly BucketReader[],
  bucketName: string,
  partition: Partition,
  namespace: string,
  mistakes: Mistake[],
): void {
  const { partners, others } = policyBytes(readers, bucketName, partition);
  const bytes = partners.reduce((sum, one) => sum + one, others);
  if (bytes <= POLICY_BYTES) return;
  const each = Math.max(...partners);
  mistakes.push({
    key: `${namespace}partnerPrincipal`,
    value: `${readers.length} partners, whose statements take ${bytes} bytes`,
    allowed: `${POLICY_BYTES} bytes in all, which S3 takes of a bucket's policy: about ${Math.floor((POLICY_BYTES - others) / each)} such partners`,
    cure: "let some of them in by way of storageIntegration or dataShare, which take no room in it",
  });
}

const rank = (size: (typeof WAREHOUSE_SIZES)[number]) => WAREHOUSE_SIZES.indexOf(size);
