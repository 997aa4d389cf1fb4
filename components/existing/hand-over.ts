/** What a stack has made and is told to use from now on: its engine would drop it, for the program no longer makes it. */
import * as pulumi from "@pulumi/pulumi";
import { messageOf } from "../snowflake/errors.ts";
import type { StateResource } from "./engine.ts";
import { BUCKET } from "./kinds.ts";
import type { Used } from "./look.ts";
import { resourcesInState } from "./state.ts";

/** An object that is used, by the type of the resource that would make it, and the key that says so. */
interface UsedObject {
  readonly key: string;
  readonly type: string;
  readonly what: string;
  readonly name: string | undefined;
}

/** From the outside in: what a thing hangs on comes after it. */
const objectsIn = ({ loader, integration, warehouse, schema, database, bucket }: Used): UsedObject[] => [
  {
    key: "useIntegration",
    type: "snowflake:index/storageIntegration:StorageIntegration",
    what: "storage integration",
    name: integration?.name,
  },
  {
    key: "useWarehouse",
    type: "snowflake:index/warehouse:Warehouse",
    what: "warehouse",
    name: warehouse,
  },
  {
    key: "useRole",
    type: "snowflake:index/accountRole:AccountRole",
    what: "role",
    name: loader.existing ? loader.name : undefined,
  },
  { key: "useSchema", type: "snowflake:index/schema:Schema", what: "schema", name: schema },
  { key: "useDatabase", type: "snowflake:index/database:Database", what: "database", name: database },
  { key: "useBucket", type: BUCKET, what: "bucket", name: bucket },
];

/**
 * Refuses that before anything is planned. What is used under another name than that of the stack's own is the business of
 * kept-names.ts.
 */
export async function refuseToDropWhatIsUsed(used: Used): Promise<void> {
  if (objectsIn(used).every(({ name }) => name === undefined)) return;
  const state = await resourcesInState().catch((error) => {
    throw new pulumi.RunError(
      `the stack's state could not be read, so nobody knows whether the stack made what it is told to use; nothing was changed (${messageOf(error)})\n` +
        `try \`pulumi stack export -s ${pulumi.getStack()}\`: what hinders that hinders this`,
    );
  });
  const refusal = handOverRefusal(pulumi.getStack(), state, used);
  if (refusal !== undefined) throw new pulumi.RunError(refusal);
}

/** Undefined where the stack made nothing of what it is to use. */
export function handOverRefusal(
  stack: string,
  state: readonly StateResource[],
  used: Used,
): string | undefined {
  const own = objectsIn(used).flatMap((object) =>
    state
      .filter(({ type, external, retainOnDelete, inputs }) => {
        const name = inputs?.name ?? inputs?.bucket;
        // A bucket is read under its old name in the state, and so leaves it without a word where it stays.
        const leaves = external || (type === BUCKET && retainOnDelete);
        return type === object.type && !leaves && name === object.name;
      })
      .map(({ urn }) => ({ ...object, urn })),
  );
  if (own.length === 0) return undefined;
  return [
    "the stack made what it is now told to use, and would drop it or let go of it; nothing was changed",
    ...own.map(({ key, what, name }) => `  the ${what} ${name} (flux-ami:${key})`),
    "to keep it the stack's:",
    ...own.map(({ key }) => `  pulumi config set -s ${stack} flux-ami:${key} false`),
    "to hand it over with all that is in it, while no load is at work (the state forgets it; rows and accounting stay):",
    ...own.map(({ urn }) => `  pulumi state delete -s ${stack} '${urn}' --target-dependents --force --yes`),
    `  make import STACK=${stack}`,
    `  pulumi up -s ${stack}`,
  ].join("\n");
}
