/**
 * Which program a login's requests are made by: a plugin runs on the machine that deploys, with its rights. Whence it comes,
 * which one it is and which variables it is shown is kept in the login's `__internal`, and no provider calls that a change:
 * the engine says "same".
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { ResourceChange, ResourceState } from "../engine-plan.ts";
import { isLogin } from "../events.ts";
import type { Found } from "./danger.ts";

/** Versions of plugins that are meant, by package. */
export type Versions = Readonly<Record<string, string>>;

/** What the engine keeps of a login for itself; older ones kept nothing. */
export function internalsOf(state: ResourceState | undefined): Readonly<Record<string, unknown>> {
  const { __internal: kept = {} } = state?.inputs ?? {};
  return typeof kept === "object" ? { ...kept } : { __internal: kept };
}

/** Versions that a checkout's lockfile has: the SDK of a version asks for the plugin of the same one. Without one none is meant. */
export function lockedVersions(project: string): Versions {
  const file = join(project, "package-lock.json");
  if (!existsSync(file)) return {};
  const { packages } = JSON.parse(readFileSync(file, "utf8")) as {
    packages: Readonly<Record<string, { readonly version?: string }>>;
  };
  return Object.fromEntries(
    Object.entries(packages).flatMap(([path, { version }]) => {
      const [, name] = /^node_modules\/@pulumi\/([^/]+)$/.exec(path) ?? [];
      return name && version ? [[name, version]] : [];
    }),
  );
}

/** A plugin that is another one, also where the stack has nothing yet. */
export function pluginDangers(change: ResourceChange, locked: Versions): Found[] {
  const { type, name, operation, before, after, hidden } = change;
  if (!isLogin(type) || operation === "delete") return [];
  const plugin = type.slice(type.lastIndexOf(":") + 1);
  const [was, is] = [internalsOf(before), internalsOf(after)];
  const others = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (key) => !isDeepStrictEqual(was[key], is[key]),
  );
  const [from, to] = [before?.inputs.version, after?.inputs.version];
  const meant = locked[plugin];
  return [
    ...(others.length === 0 && hidden.includes("__internal") ? ["__internal"] : others).map((key) => ({
      what: `The login ${name} (${plugin}) has another ${key}, which the engine keeps.`,
      consequence:
        "Another program, or one that is shown another login, may run with the rights of whoever deploys.",
    })),
    ...(from !== to && to !== meant
      ? [
          {
            what: `The login ${name} (${plugin}) is made by version ${to ?? "unknown"} of the plugin${from === undefined ? "" : `, until now ${from}`}.`,
            consequence: `The lockfile has ${meant ?? "none"}: a program that nobody chose runs with the rights of whoever deploys.`,
          },
        ]
      : []),
  ];
}
