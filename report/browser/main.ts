/** The page's script. All that it writes into the page is text. */
import type { PageData } from "./data.ts";
import { startFiles } from "./files.ts";
import { startMap } from "./map.ts";

const data = JSON.parse(document.getElementById("data")?.textContent ?? "") as PageData;
startMap(data);
const files = startFiles(data);

// Of the tables behind the pictures, paper has the pictures.
addEventListener("beforeprint", () => files.print(true));
addEventListener("afterprint", () => files.print(false));
