/** What every page holds beside its data: the style, and the script as one text for a browser. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

export interface Assets {
  style: string;
  script: string;
}

export function assets(): Assets {
  const built = buildSync({
    entryPoints: [join(import.meta.dirname, "browser", "main.ts")],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
  });
  return {
    style: readFileSync(join(import.meta.dirname, "style.css"), "utf8"),
    script: built.outputFiles[0]?.text ?? "",
  };
}
