/** Once this is imported, Node reads modules of JSX: it strips types by itself, but knows no JSX. */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";

registerHooks({
  load: (url, context, next) =>
    url.endsWith(".tsx")
      ? {
          format: "module",
          shortCircuit: true,
          source: transformSync(readFileSync(fileURLToPath(url), "utf8"), {
            loader: "tsx",
            jsx: "automatic",
            jsxImportSource: "preact",
          }).code,
        }
      : next(url, context),
});
