/** Pages in a real browser. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { assets } from "../../../report/assets.ts";
import type { Launch } from "../../../report/chromium.ts";
import { page as pageOf } from "../../../report/page.tsx";
import type { Report } from "../../../report/schema.ts";

const root = join(__dirname, "../../..");

export class Pages {
  private readonly browser: Browser;
  private readonly folder = mkdtempSync(join(tmpdir(), "report-pages-"));
  private files = 0;

  private constructor(browser: Browser) {
    this.browser = browser;
  }

  static async start(): Promise<Pages> {
    const launch = JSON.parse(
      execFileSync(process.execPath, [join(root, "report", "chromium.ts")], { encoding: "utf8" }),
    );
    return new Pages(await chromium.launch(launch as Launch));
  }

  async stop(): Promise<void> {
    await this.browser.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Writes a page as people get it. */
  write(report: Report): { file: string; bytes: number } {
    const file = join(this.folder, `${++this.files}.html`);
    writeFileSync(file, pageOf(report, assets()));
    return { file, bytes: statSync(file).size };
  }

  /** Opens it from the disk. Whatever it complains of, or asks the network for, is kept. */
  async open(
    file: string,
    options: BrowserContextOptions = {},
  ): Promise<{ page: Page; complaints: string[]; requests: string[] }> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => {
      complaints.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    return { page, complaints, requests: requests.filter((url) => url !== pathToFileURL(file).href) };
  }
}
