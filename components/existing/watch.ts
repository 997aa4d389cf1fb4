import { appendFileSync } from "node:fs";
import { getRole } from "@pulumi/aws/iam/getRole.js";
import { getBucket } from "@pulumi/aws/s3/getBucket.js";
import * as pulumi from "@pulumi/pulumi";
import { readConnection } from "../snowflake/connection.ts";
import type { Session } from "../snowflake/session.ts";
import { identifier } from "../sql.ts";
import {
  AWS_ROLE,
  BUCKET,
  EXISTING_FILE,
  type Existing,
  isListed,
  KINDS,
  RANDOM_ID,
  randomIdOf,
  type Wanted,
} from "./kinds.ts";
import { resourcesInState } from "./state.ts";

export interface WatchArgs {
  /** Role of the Snowflake session that looks. @default that of the login */
  readonly deployerRoleName?: string;
  /** Where the external ID is, which the stack made once and the other side still holds. */
  readonly externalIdOf?: { readonly integration: string } | { readonly role: string };
}

/**
 * Refuses to make what stands in the account already: the state was lost, an update was killed between making something
 * and noting it, or a destroy kept it. A preview names all of it at once, an update each before it would be made, instead
 * of "already exists" when half of the stack is there. The engine alone knows what its state holds, so it is asked: its
 * hook runs before something is created. Where nothing is to be created, nothing is looked for.
 * To be called before the first resource.
 * @example watchForExisting({ deployerRoleName, externalIdOf: { integration: "FLUX_DEV_S3" } })
 */
export function watchForExisting(args: WatchArgs): { refuse(): Promise<void> } {
  const found: Existing[] = [];
  const watched: pulumi.Resource[] = [];
  const look = onceOpened(args);
  const hook = new pulumi.ResourceHook(
    "exists-already",
    async ({ urn, type, newInputs }) => {
      // A courtesy: where nobody can look, making it says what is wrong.
      const existing = await look(type, newInputs ?? {}).catch((error: Error) => {
        pulumi.log.warn(`could not look whether it exists already: ${error.message}`);
        return undefined;
      });
      if (existing === undefined) return;
      // What the state holds under its name is replaced, not unknown: the engine's hook does not tell the two apart.
      // Who cannot ask is told of it once more than needed.
      const held = await resourcesInState().catch(() => []);
      if (held.some((one) => one.urn === urn)) return;
      found.push({ urn, ...existing });
      if (!pulumi.runtime.isDryRun()) throw new Error(briefly(existing.what));
    },
    { onDryRun: true },
  );
  pulumi.runtime.registerStackTransformation(({ resource, type, props, opts }) => {
    if (KINDS[type] === undefined && type !== RANDOM_ID) return undefined;
    watched.push(resource);
    return { props, opts: pulumi.mergeOptions(opts, { hooks: { beforeCreate: [hook] } }) };
  });
  return {
    async refuse() {
      if (!pulumi.runtime.isDryRun()) return;
      await Promise.all(watched.map(({ urn }) => new Promise((resolve) => urn.apply(resolve))));
      const file = process.env[EXISTING_FILE];
      if (file !== undefined) appendFileSync(file, found.map((one) => `${JSON.stringify(one)}\n`).join(""));
      else if (found.length > 0) throw new pulumi.RunError(refusal(found.map(({ what }) => what)));
    },
  };
}

function refusal(objects: readonly string[]): string {
  const stack = pulumi.getStack();
  return [
    `stack ${stack} does not know what exists already (its state was lost, an update was killed, or a destroy kept it):`,
    ...[...objects].sort().map((what) => `  ${what}`),
    `  to take over what exists, rows and accounting untouched: make import STACK=${stack}`,
    "  to leave it alone and make another: set flux-ami:environment, or the names, to something else",
    "Nothing of this was changed.",
  ].join("\n");
}

type Look = (
  type: string,
  inputs: Record<string, unknown>,
) => Promise<Pick<Existing, "what" | "id"> | undefined>;

/** For the midst of an update that was not previewed, where each object fails by itself. */
function briefly(what: string) {
  const stack = pulumi.getStack();
  return `${what} exists already, and stack ${stack} does not know it; to take it over: make import STACK=${stack} (\`pulumi preview -s ${stack}\` names all that exists)`;
}

/** Looks by one session, which is opened when it is needed. */
function onceOpened(args: WatchArgs): Look {
  let opened: Promise<Session> | undefined;
  const session = () => {
    opened ??= open(args);
    return opened;
  };
  return async (type, inputs) => {
    if (type === RANDOM_ID) return externalIdHeld(args, session);
    const wanted = KINDS[type]?.(inputs);
    if (wanted === undefined) return undefined;
    const there =
      wanted.listed === undefined ? await isInAws(type, wanted) : await isListed(await session(), wanted);
    return there ? wanted : undefined;
  };
}

async function open({ deployerRoleName }: WatchArgs): Promise<Session> {
  const { openSession } = await import("../snowflake/session.ts");
  const config = (key: string) => pulumi.runtime.getConfig(key);
  const role = deployerRoleName ?? config("snowflake:role") ?? process.env.SNOWFLAKE_ROLE;
  return openSession(readConnection(config), {
    tag: "flux-ami existing",
    setup: role ? [`USE ROLE ${identifier(role)}`] : [],
  });
}

/** What cannot be looked at is taken for missing: making it then says what is wrong. */
async function isInAws(type: string, { id }: Wanted): Promise<boolean> {
  const asked: Promise<unknown> =
    type === AWS_ROLE
      ? getRole({ name: id })
      : type === BUCKET
        ? getBucket({ bucket: id })
        : Promise.reject(new Error(`nobody knows how to look for a ${type}`));
  return asked.then(
    () => true,
    () => false,
  );
}

/** The external ID is of the stack's own making and lives in its state alone; the other side still holds it. */
async function externalIdHeld(
  { externalIdOf }: WatchArgs,
  session: () => Promise<Session>,
): Promise<Pick<Existing, "what" | "id"> | undefined> {
  if (externalIdOf === undefined) return undefined;
  const held =
    "integration" in externalIdOf
      ? await externalIdOfIntegration(await session(), externalIdOf.integration)
      : await externalIdOfRole(externalIdOf.role);
  const id = randomIdOf(held ?? "");
  return id === undefined ? undefined : { what: `external ID ${held}`, id };
}

async function externalIdOfIntegration(session: Session, integration: string): Promise<string | undefined> {
  const { heldBy } = await import("../readiness/probe.ts");
  return (await heldBy(session, integration))?.externalId;
}

async function externalIdOfRole(name: string): Promise<string | undefined> {
  const policy = await getRole({ name }).then(
    ({ assumeRolePolicy }) => assumeRolePolicy,
    () => "",
  );
  return /"sts:ExternalId"\s*:\s*"([^"]+)"/.exec(policy)?.[1];
}
