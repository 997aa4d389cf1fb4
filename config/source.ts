import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as snowflake from "@pulumi/snowflake";
import { parse } from "yaml";
import { ConfigError } from "./mistakes.ts";
import type { Raw } from "./read.ts";

/** All that a stack's config is read from, gathered so that tests can say it all. */
export interface Source {
  /** Name of the stack. */
  readonly stack: string;
  /** Every config value with its full key, as text. */
  readonly values: Raw;
  /** Full keys of the values that are kept encrypted. */
  readonly secretKeys: readonly string[];
  /** The day in UTC, YYYY-MM-DD. */
  readonly today: string;
  /** The process's environment variables. */
  readonly environment: Raw;
  /** True for another stack's config, whose secrets cannot be read, and which logs in by itself. */
  readonly foreign?: true;
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
    today: new Date().toISOString().slice(0, 10),
    environment: process.env,
    neighbours: () => neighboursIn(process.cwd(), stack),
  };
}

/** Reads the stack config files of a folder, but for the stack's own. Throws a ConfigError when one cannot be read. */
export function neighboursIn(folder: string, stack: string): Neighbour[] {
  return readdirSync(folder)
    .map((file) => ({ file, stack: /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1] ?? "" }))
    .filter((found) => found.stack !== "" && found.stack !== stack && !found.stack.endsWith(".example"))
    .map(({ file, stack }) => {
      const content = contentOf(folder, file, stack);
      return { file, stack, values: Object.fromEntries(Object.entries(content?.config ?? {}).map(asText)) };
    })
    .sort((a, b) => (a.stack < b.stack ? -1 : 1));
}

function contentOf(folder: string, file: string, stack: string): { config?: Record<string, unknown> } | null {
  const bytes = readFileSync(join(folder, file));
  // Read as UTF-8 it would be a text without keys, and its partner would be let in, or not, without a word.
  if (bytes.includes(0))
    throw new ConfigError(stack, [
      {
        key: file,
        value: "a text in UTF-16, or no text",
        allowed: "YAML in UTF-8",
        cure: `write it anew in UTF-8, as by iconv -f UTF-16 -t UTF-8; an editor or PowerShell may have written UTF-16`,
      },
    ]);
  try {
    return parse(bytes.toString(), { intAsBigInt: true });
  } catch (error) {
    const [what = ""] = (error as Error).message.split("\n");
    throw new ConfigError(stack, [
      {
        key: file,
        value: what,
        allowed: "YAML, with each key once",
        cure: "mend that line, or move the file out of this folder",
      },
    ]);
  }
}

function asText([key, value]: [string, unknown]): [string, string] {
  // As texts, which every number is read from, whole numbers keep their digits, and what is no number is seen to be none.
  if (typeof value === "object" && value !== null)
    return [
      key,
      JSON.stringify(value, (_, member) =>
        typeof member === "bigint" || typeof member === "number" ? String(member) : member,
      ),
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
