/** What a check is, and what can come of it. */
import type { StackConfig } from "../config/index.ts";
import type { World } from "./world.ts";

export const GROUPS = ["machine", "pulumi", "config", "aws", "bucket", "snowflake", "load"] as const;
export type Group = (typeof GROUPS)[number];

/** What a check waits for, which decides about its time-out and about how many run at once. */
export type Service = "local" | "pulumi" | "aws" | "snowflake";

export interface Finding {
  readonly state: "pass" | "fail" | "advice" | "unknown";
  /** What was found, and what was expected: one sentence. Never holds a secret. */
  readonly said: string;
  /** One command to paste, or one sentence that names who has to act. */
  readonly cure?: string;
}

export interface Check {
  /** Stable, and never given to another check. */
  readonly id: `${Group}.${string}`;
  /** What holds when it passes, in a few words. */
  readonly title: string;
  readonly service: Service;
  /** Checks without whose pass this one cannot be asked. @default none */
  readonly needs?: readonly string[];
  /** False where the stack works without it: not knowing it is then no reason for exit code 3. @default true */
  readonly essential?: boolean;
  /** True for what would make `up` stop half-way: `up` asks it first. @default false */
  readonly beforeUp?: boolean;
  /** Kinds of stack that need it. @default environment */
  readonly kinds?: readonly StackConfig["kind"][];
  /** Looks, and changes nothing. What it throws is told as unknown. */
  readonly run: (world: World) => Promise<Finding>;
}

export const pass = (said: string): Finding => ({ state: "pass", said });
export const fail = (said: string, cure: string): Finding => ({ state: "fail", said, cure });
export const advice = (said: string, cure: string): Finding => ({ state: "advice", said, cure });
export const unknown = (said: string, cure?: string): Finding => ({
  state: "unknown",
  said,
  ...(cure && { cure }),
});

export const groupOf = ({ id }: Pick<Check, "id">): Group => id.slice(0, id.indexOf(".")) as Group;
