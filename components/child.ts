import type * as pulumi from "@pulumi/pulumi";

/**
 * Escape hatch of a component's child: takes what the component would create it with, returns what to create it with.
 * For what the component has no argument for; documents and names the component relies on should stay as they are.
 *
 * @example (args, options) => [{ ...args, comment: "owned by team X" }, options]
 */
export type Transform<Args> = (
  args: Args,
  options: pulumi.CustomResourceOptions,
) => readonly [Args, pulumi.CustomResourceOptions];

/** A child's args and options, after the user's transform if there is one. */
export function child<Args>(
  transform: Transform<Args> | undefined,
  args: Args,
  options: pulumi.CustomResourceOptions,
): readonly [Args, pulumi.CustomResourceOptions] {
  return transform ? transform(args, options) : [args, options];
}

/**
 * Options of a child that keeps its name as long as it lives, whatever the config says: kept-names.ts tells what another
 * one would take.
 * @param within inputs that name what it lies in, which it keeps as well
 */
export function keepsName(
  options: pulumi.CustomResourceOptions,
  ...within: readonly string[]
): pulumi.CustomResourceOptions {
  return { ...options, ignoreChanges: ["name", ...within] };
}

/** Options of a child that holds data or trust: neither destroyed nor deleted by mistake, unless the stack may go. */
export function stateful(
  parent: pulumi.Resource,
  protect: boolean,
  options: pulumi.CustomResourceOptions = {},
): pulumi.CustomResourceOptions {
  return { parent, protect, retainOnDelete: protect, ...options };
}
