import * as pulumi from "@pulumi/pulumi";
import { onStack } from "../components/on-stack.ts";

/** One wrong thing in a stack's config. */
export interface Mistake {
  /** Full key, as in the file: `flux-ami:warehouseSize`. */
  readonly key: string;
  /** The value found, as text; undefined when the key is missing. */
  readonly value?: string | undefined;
  /** What the value may be. */
  readonly allowed: string;
  /** What to do about it: one sentence or command. */
  readonly cure: string;
}

/** Thrown once for all mistakes of a stack's config, before anything is created. Pulumi shows it without a stack trace. */
export class ConfigError extends pulumi.RunError {
  readonly mistakes: readonly Mistake[];

  constructor(stack: string, found: readonly Mistake[]) {
    const mistakes = found.map((one) => ({ ...one, cure: forStack(one.cure, one.key, stack) }));
    const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
    super(
      `${count} in the config of stack ${stack}; nothing was changed\n${mistakes.map(describe).join("\n")}`,
    );
    this.mistakes = mistakes;
  }
}

function describe({ key, value, allowed, cure }: Mistake): string {
  const found = value === undefined ? "is missing" : `is ${JSON.stringify(value)}`;
  return `  ${key} ${found}\n      allowed: ${allowed}\n      cure: ${cure}`;
}

/** Commands work on the stack whose file the key is in, whichever stack is selected. */
function forStack(cure: string, key: string, stack: string): string {
  const file = /^(Pulumi\.(.+)\.ya?ml → )/.exec(key);
  return onStack(cure.replaceAll(file?.[1] ?? "\0", ""), file?.[2] ?? stack);
}
