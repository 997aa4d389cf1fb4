/**
 * Takes README's picture: the first screen of a report.
 *   node report/picture.ts PAGE.html docs/report.png
 */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { chromiumLaunch } from "./chromium.ts";

const [page, picture] = process.argv.slice(2);
if (page === undefined || picture === undefined)
  throw new Error("usage: node report/picture.ts PAGE.html PICTURE.png");
const browser = await chromium.launch(await chromiumLaunch(join(import.meta.dirname, "..")));
try {
  const tab = await browser.newPage({ viewport: { width: 1248, height: 930 }, deviceScaleFactor: 1.25 });
  await tab.goto(pathToFileURL(resolve(page)).href);
  writeFileSync(picture, await tab.screenshot());
} finally {
  await browser.close();
}
console.log(picture);
