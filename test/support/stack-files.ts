import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const { files } = JSON.parse(readFileSync(join(resolve(__dirname, "../.."), "package.json"), "utf8"));

/** Files and folders that the stack is made of, from the project's root: what a copy of it needs beside node_modules. */
export const STACK_FILES: readonly string[] = [...files, "package.json", "package-lock.json"];
