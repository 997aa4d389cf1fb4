import { type BucketGuards, type BucketReader, usualGuards } from "../components/bucket-policy/statements.ts";
import { wayOf } from "../components/partner/let-in.ts";
import { noteEnvironment, notePolicySize } from "./cross-key-rules.ts";
import { type AccountNames, accountNames } from "./default-names.ts";
import { type EnvironmentValues, environmentFields } from "./environment.ts";
import { type Fields, flag, oneOf } from "./field.ts";
import { ConfigError, type Mistake } from "./mistakes.ts";
import type { Partition } from "./name-rules.ts";
import {
  type ConsumerValues,
  consumerFields,
  noteWay,
  type PartnerValues,
  partnerFields,
} from "./partner.ts";
import { notePartition, readRegion, readSnowflake, type SnowflakeAccount } from "./provider-keys.ts";
import { isUnset, noteUnknownKeys, type Raw, readFields } from "./read.ts";
import { type Neighbour, programSource, type Source, within } from "./source.ts";

/** What a stack is: it says so by `flux-ami:kind`. */
export type StackConfig = EnvironmentConfig | PartnerConfig | ConsumerConfig;

interface Deployed {
  /** Name of the stack. */
  readonly stack: string;
  /** AWS region and the partition it lies in. */
  readonly region: string;
  readonly partition: Partition;
  /** The Snowflake account deployed into. */
  readonly snowflake: SnowflakeAccount;
}

/** One environment: bucket, trust, stage, table, warehouse, load. */
export type EnvironmentConfig = Deployed &
  Omit<EnvironmentValues, keyof AccountNames | "environment" | "deployerRoleName" | "bucketGuards"> &
  AccountNames & {
    readonly kind: "environment";
    /** @default the stack's name */
    readonly environment: string;
    /** Role the deployment runs under, which gets the loader role. @default that of the Snowflake session */
    readonly deployerRoleName: string;
    /** @default "manage" for a bucket that the stack makes, "verify" for one that was there */
    readonly bucketGuards: BucketGuards;
    /** Partners whose config file, beside this stack's own, asks for access to the bucket. */
    readonly bucketReaders: readonly BucketReader[];
  };

/** Another account that is let in, one of three ways. */
export type PartnerConfig = Deployed &
  Omit<PartnerValues, "partner"> & {
    readonly kind: "partner";
    /** @default the stack's name */
    readonly partner: string;
    /** True after the last day on which they are let in. */
    readonly ended: boolean;
  };

/** A stack in the partner's own Snowflake account, which mounts the share. */
export type ConsumerConfig = Deployed & ConsumerValues & { readonly kind: "partner-consumer" };

const NAMESPACE = "flux-ami:";
/** The kinds of stack. */
export const STACK_KINDS = ["environment", "partner", "partner-consumer"] as const;
/** The keys that all stacks have. */
export const kindField = {
  kind: {
    ...oneOf(STACK_KINDS, "environment"),
    fallback: "environment",
    about: "What the stack is: environment, partner or partner-consumer",
  },
  pipeline: {
    ...flag(true),
    fallback: "false",
    about: "The pipeline previews, deploys and watches this stack; the program itself does not ask",
  },
} satisfies Fields;
/** Every key of each kind of stack. */
export const FIELDS = {
  environment: environmentFields,
  partner: partnerFields,
  "partner-consumer": consumerFields,
} as const;

/** Which clouds a stack deploys into, and so has to name; what a partner's does depends on the way. */
const CLOUDS = {
  environment: ["aws", "snowflake"],
  partner: [],
  "partner-consumer": ["snowflake"],
} as const;

/** Every key that some kind of stack knows, this kind's own first. */
const knownKeys = (kind: keyof typeof FIELDS) => [
  ...new Set([
    ...Object.keys(kindField),
    ...[FIELDS[kind], ...Object.values(FIELDS)].flatMap((fields) => Object.keys(fields)),
  ]),
];

/** Reads the running program's config. Throws a ConfigError that names every mistake in it. */
export function configOfProgram(): StackConfig {
  return readConfig(programSource());
}

/**
 * Reads the config of another environment of this project, from its file beside this stack's own. Undefined when there
 * is no such file, or when it is of another kind.
 */
export function neighbouringEnvironment(
  stack: string,
  source: Source = programSource(),
): EnvironmentConfig | undefined {
  const values = source.neighbours().find((neighbour) => neighbour.stack === stack)?.values;
  if (!values) return undefined;
  const config = readConfig({ ...source, stack, values, secretKeys: Object.keys(values), foreign: true });
  return config.kind === "environment" ? config : undefined;
}

/** Reads a stack's config from its source. Throws a ConfigError that names every mistake in it. */
export function readConfig(source: Source): StackConfig {
  const mistakes: Mistake[] = [];
  const config = interpret(source, mistakes);
  if (mistakes.length > 0) throw new ConfigError(source.stack, mistakes);
  return config;
}

function interpret(source: Source, mistakes: Mistake[]): StackConfig {
  const { stack } = source;
  const raw = within("flux-ami", source.values);
  const { kind } = readFields(kindField, raw, NAMESPACE, mistakes);
  noteUnknownKeys(knownKeys(kind ?? "environment"), raw, NAMESPACE, mistakes);
  // Which keys belong here follows from the kind; without it, more complaints would only mislead.
  if (kind === undefined) throw new ConfigError(stack, mistakes);
  noteKeysOfOtherKinds(kind, raw, mistakes);
  const clouds: readonly string[] = (kind === "partner" && wayOf(raw.way)?.clouds) || CLOUDS[kind];
  const deployed = {
    stack,
    ...readRegion(source, clouds.includes("aws"), mistakes),
    snowflake: readSnowflake(source, clouds.includes("snowflake"), mistakes),
  };
  if (kind === "environment") return environment(source, raw, deployed, mistakes);
  if (kind === "partner") return partner(source, raw, deployed, mistakes);
  const values = readFields(consumerFields, raw, NAMESPACE, mistakes);
  return { kind, ...deployed, ...(values as ConsumerValues) };
}

function environment(source: Source, raw: Raw, deployed: Deployed, mistakes: Mistake[]): EnvironmentConfig {
  const named = { environment: deployed.stack, ...dropEmpty(raw) };
  const values = readFields(environmentFields, named, NAMESPACE, mistakes);
  const { environment = "", awsAccountId = "" } = values;
  const deployerRoleName =
    values.deployerRoleName ??
    (source.values["snowflake:role"] || source.environment.SNOWFLAKE_ROLE || "ACCOUNTADMIN");
  const adoptBucket = values.adoptBucket || values.useBucket || false;
  const bucketGuards = values.bucketGuards ?? usualGuards(adoptBucket);
  const resolved = {
    ...accountNames(environment, awsAccountId),
    ...values,
    adoptBucket,
    bucketGuards,
    deployerRoleName,
  };
  noteEnvironment(values, resolved, deployed, NAMESPACE, mistakes);
  const prefix = values.prefix ?? "";
  const bucketReaders = source
    .neighbours()
    .flatMap((neighbour) => bucketReader(neighbour, deployed, prefix, source.today, mistakes));
  notePolicySize(bucketReaders, resolved, deployed.partition, NAMESPACE, mistakes);
  return {
    kind: "environment",
    ...deployed,
    ...(resolved as EnvironmentValues & AccountNames),
    environment,
    deployerRoleName,
    bucketGuards,
    bucketReaders,
  };
}

function partner(source: Source, raw: Raw, deployed: Deployed, mistakes: Mistake[]): PartnerConfig {
  const named = { partner: deployed.stack, ...dropEmpty(raw) };
  const values = readFields(partnerFields, named, NAMESPACE, mistakes);
  notePartner(values, raw, deployed, NAMESPACE, mistakes);
  const ended = isOver(values.partnerUntil, source.today);
  return { kind: "partner", ...deployed, ...(values as PartnerValues & { partner: string }), ended };
}

/** The reader that a neighbouring partner's file asks for, if it names this stack and a way by its bucket's policy. */
function bucketReader(
  { stack, file, values: all }: Neighbour,
  deployed: Deployed,
  ownPrefix: string,
  today: string,
  mistakes: Mistake[],
): BucketReader[] {
  const raw = within("flux-ami", all);
  if (raw.kind !== "partner" || raw.owner !== deployed.stack || !wayOf(raw.way)?.inBucketPolicy) return [];
  const namespace = `${file} → ${NAMESPACE}`;
  const found: Mistake[] = [];
  noteUnknownKeys([...Object.keys(kindField), ...Object.keys(partnerFields)], raw, namespace, found);
  const values = readFields(partnerFields, { partner: stack, ...dropEmpty(raw) }, namespace, found);
  notePartner(values, raw, deployed, namespace, found);
  const { partner, partnerPrincipal: principal, partnerPrefix: prefix = ownPrefix } = values;
  if (!prefix.startsWith(ownPrefix))
    found.push({
      key: `${namespace}partnerPrefix`,
      value: prefix,
      allowed: `a folder within ${ownPrefix}, the only one stack ${deployed.stack} shares`,
      cure: `begin it with ${ownPrefix}, or remove it to share all of that folder`,
    });
  mistakes.push(...found);
  if (isOver(values.partnerUntil, today)) return [];
  return found.length === 0 && partner && principal ? [{ partner, principal, prefix }] : [];
}

/** Whether a partner's last day has passed. Days sort as their texts do. */
const isOver = (until: string | undefined, today: string) => until !== undefined && until < today;

function notePartner(
  values: Partial<PartnerValues>,
  raw: Raw,
  { region, partition }: Deployed,
  namespace: string,
  mistakes: Mistake[],
): void {
  noteWay(values, raw, namespace, mistakes);
  if (region === "") return;
  notePartition(`${namespace}partnerPrincipal`, values.partnerPrincipal, partition, mistakes);
  notePartition(`${namespace}snowflakeIamUserArn`, values.snowflakeIamUserArn, partition, mistakes);
}

/** Pulumi.yaml's defaults reach stacks of every kind, so only values that differ from them are a person's. */
function noteKeysOfOtherKinds(kind: keyof typeof FIELDS, raw: Raw, mistakes: Mistake[]): void {
  const noted = new Set(Object.keys(FIELDS[kind]));
  for (const [other, fields] of Object.entries(FIELDS)) {
    for (const [name, field] of Object.entries(fields as Fields)) {
      const value = raw[name];
      const fallback = "fallback" in field ? field.fallback : undefined;
      if (noted.has(name) || isUnset(value) || value === fallback) continue;
      noted.add(name);
      mistakes.push({
        key: NAMESPACE + name,
        value,
        allowed: `only in a stack of kind ${other}; this one is of kind ${kind}`,
        cure: `remove it, or set ${NAMESPACE}kind to ${other}`,
      });
    }
  }
}

const dropEmpty = (raw: Raw) =>
  Object.fromEntries(Object.entries(raw).filter(([, value]) => !isUnset(value)));
