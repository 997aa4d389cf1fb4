import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** The file that says from what, by its hash, something was made. */
export const stampOf = (file: string, hash: string) => ({
  holds: () => existsSync(file) && readFileSync(file, "utf8") === hash,
  write: () => writeFileSync(file, hash),
});
