/** The page's script. All that it writes into the page is text. */
import type { PageData } from "./data.ts";
import { startFiles } from "./files.ts";
import { startMap } from "./map.ts";

const data = JSON.parse(document.getElementById("data")?.textContent ?? "") as PageData;
startMap(data);
const files = startFiles(data);

/** Details that the reader had closed. */
let closed: HTMLDetailsElement[] = [];
addEventListener("beforeprint", () => {
  // Of the tables behind the pictures, paper has the pictures.
  closed = [...document.querySelectorAll<HTMLDetailsElement>("details:not([open], .behind)")];
  for (const one of closed) one.open = true;
  files.print(true);
});
addEventListener("afterprint", () => {
  for (const one of closed) one.open = false;
  files.print(false);
});
