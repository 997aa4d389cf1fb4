/**
 * Which of the objects below the load's folder are data. Said here once: the load, previews and the review of a pull
 * request ask the same.
 */
import picomatch from "picomatch";

export interface Selection {
  /** Globs on the path below the folder, of which a file has to match one. */
  readonly include: readonly string[];
  /** Globs of which it must match none. */
  readonly exclude: readonly string[];
}

/** Why an object is no file to load. */
export type Left = "bookkeeping" | "excluded" | "not included";

export const EVERY_PARQUET_FILE: readonly string[] = ["**/*.parquet"];

const glob = (patterns: readonly string[]) =>
  patterns.length === 0
    ? () => false
    : picomatch([...patterns], { dot: true, nonegate: true, windows: false });

/**
 * Tells of a path below the folder why it is not taken; undefined for a file to load. What begins with "_" or "." is
 * bookkeeping of whoever writes the files (_SUCCESS, _temporary, _delta_log, checksums), whatever the globs say.
 */
export function selector({ include, exclude }: Selection): (path: string) => Left | undefined {
  const [included, excluded] = [glob(include), glob(exclude)];
  return (path) => {
    if (path.split("/").some((part) => /^[_.]/.test(part))) return "bookkeeping";
    if (excluded(path)) return "excluded";
    return included(path) ? undefined : "not included";
  };
}

/** Whether a text can be a glob on paths below the folder: those have no beginning slash, and do not leave it. */
export const isGlob = (text: unknown): text is string =>
  typeof text === "string" &&
  text !== "" &&
  text.length < 1000 &&
  !/[\\\n]/.test(text) &&
  !text.split("/").some((part, index) => part === ".." || (part === "" && index === 0));
