import { readdirSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as snowflake from "@pulumi/snowflake";
import { parse } from "yaml";
import type { Raw } from "./read.ts";

/** All that a stack's config is read from, gathered so that tests can say it all. */
export interface Source {
  /** Name of the stack. */
  readonly stack: string;
  /** Every config value with its full key, as text. */
  readonly values: Raw;
  /** Full keys of the values that are kept encrypted. */
  readonly secretKeys: readonly string[];
  /** The process's environment variables. */
  readonly environment: Raw;
  /** Other stacks' config files in the same folder. */
  readonly neighbours: () => readonly Neighbour[];
}

/** A stack config file beside the stack's own. */
export interface Neighbour {
  /** Name of its stack. */
  readonly stack: string;
  /** File name, for messages. */
  readonly file: string;
  /** Every config value with its full key, as text. */
  readonly values: Raw;
}

/** The running program's own source. */
export function programSource(): Source {
  const stack = pulumi.getStack();
  return {
    stack,
    values: pulumi.runtime.allConfig(),
    secretKeys: JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS || "[]") as string[],
    environment: process.env,
    neighbours: () => neighboursIn(process.cwd(), stack),
  };
}

/** Reads the stack config files of a folder, but for the stack's own. Throws when one is not YAML. */
export function neighboursIn(folder: string, stack: string): Neighbour[] {
  return readdirSync(folder)
    .map((file) => ({ file, stack: /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1] ?? "" }))
    .filter((found) => found.stack !== "" && found.stack !== stack && !found.stack.endsWith(".example"))
    .map(({ file, stack }) => {
      const content = parse(readFileSync(`${folder}/${file}`, "utf8"), { intAsBigInt: true }) as {
        config?: Record<string, unknown>;
      } | null;
      return { file, stack, values: Object.fromEntries(Object.entries(content?.config ?? {}).map(asText)) };
    })
    .sort((a, b) => (a.stack < b.stack ? -1 : 1));
}

function asText([key, value]: [string, unknown]): [string, string] {
  // Whole numbers keep all their digits as texts, which is what every number is read from.
  if (typeof value === "object" && value !== null)
    return [
      key,
      JSON.stringify(value, (_, member) => (typeof member === "bigint" ? String(member) : member)),
    ];
  return [key, value === null || value === undefined ? "" : String(value)];
}

/** The keys of a namespace, without it. */
export function within(namespace: string, values: Raw): Record<string, string> {
  const start = `${namespace}:`;
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) =>
      key.startsWith(start) && value !== undefined ? [[key.slice(start.length), value]] : [],
    ),
  );
}

/** Keys that the Snowflake provider knows. */
export const SNOWFLAKE_KEYS: readonly string[] = Object.keys(snowflake.config);

/** Those of them that must be kept encrypted. */
export const SNOWFLAKE_SECRETS = [
  "password",
  "privateKey",
  "privateKeyPassphrase",
  "token",
  "passcode",
] as const;
