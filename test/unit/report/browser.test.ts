/** The page in Chromium, opened from the disk as people do. */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { number } from "../../../components/format.ts";
import { HOSTILE, hostileReport, sampleReport } from "./sample.ts";
import { Pages } from "./support.ts";

jest.setTimeout(120_000);

let pages: Pages;
beforeAll(async () => {
  pages = await Pages.start();
});
afterAll(() => pages?.stop());

const rowsShown = (page: Page) => page.locator("#file-table tbody tr").count();
const large = sampleReport();

test("5,000 files and 400 days: small, quick, few elements, nothing asked of a network, nothing complained of", async () => {
  const { file, bytes } = pages.write(large);
  expect(large.days.list).toHaveLength(400);
  expect(large.files.list).toHaveLength(5000);
  expect(bytes).toBeLessThan(1_500_000);
  const { page, complaints, requests } = await pages.open(file);
  expect(await page.evaluate("document.querySelectorAll('*').length")).toBeLessThan(1400);
  expect(await page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")).toBeLessThan(
    2000,
  );
  expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
  await page.context().close();
});

test("however much is wrong, the page stays small", async () => {
  const report = hostileReport();
  const reasons = Array.from({ length: 60 }, (_, index) => ({
    reason: `COLUMN_${index}: does not convert`,
    rows: 1,
    examples: Array.from({ length: 20 }, (__, row) => ({ file: HOSTILE[0], row, record: HOSTILE[6] })),
  }));
  const worst = {
    ...report,
    days: large.days,
    usage: large.usage,
    voltage: large.voltage,
    rejected: { rows: 60, reasons },
  };
  const { page } = await pages.open(
    pages.write({ ...worst, checks: report.checks.map((check) => ({ ...check, status: "failed" })) }).file,
  );
  expect(await page.evaluate("document.querySelectorAll('*').length")).toBeLessThan(1400);
  await page.context().close();
});

test("files are found by name, reason and status, a page at a time", async () => {
  const { page } = await pages.open(pages.write(large).file);
  const shown = page.locator("#shown");
  expect(await shown.textContent()).toBe("1 to 20 of 5,000");
  await page.getByRole("button", { name: "Later" }).click();
  expect(await shown.textContent()).toBe("21 to 40 of 5,000");
  await page.getByLabel("Find").fill("PART-04321-");
  expect(await shown.textContent()).toBe("1 to 1 of 1 found among 5,000");
  expect(await page.locator("#file-table tbody td").first().textContent()).toBe(
    large.files.list.find(({ name }) => name.includes("part-04321-"))?.name,
  );
  await page.getByLabel("Find").fill("does not convert");
  expect(await rowsShown(page)).toBe(5);
  await page.getByLabel("Status").selectOption("LOADED");
  expect(await shown.textContent()).toBe("None of 5,000 files");
  await page.context().close();
});

test("the map is read out under the pointer and by the arrow keys", async () => {
  const { page } = await pages.open(pages.write(large).file);
  await page.locator("#map").focus();
  await page.keyboard.press("ArrowRight");
  const last = large.days.list.at(-1);
  await expect(page.locator("#readout").textContent()).resolves.toBe(
    `${last?.day} 00:00 to 01:00 UTC: 4,000 readings, of 1,000 meters; 4,000 due.`,
  );
  // The first of the days on which five hours lack.
  for (const key of [
    "Home",
    ...Array.from({ length: 20 }, () => "ArrowRight"),
    ...Array.from({ length: 8 }, () => "ArrowDown"),
  ])
    await page.keyboard.press(key);
  expect(await page.locator("#readout").textContent()).toMatch(
    /08:00 to 09:00 UTC: 0 readings, of 0 meters; 4,000 due, 4,000 missing[.]$/,
  );
  await page.locator("#map svg").hover({ position: { x: 100, y: 100 } });
  expect(await page.locator("#readout").textContent()).toMatch(/^2025-\d\d-\d\d 0[5-9]:00/);
  await page.context().close();
});

test("without scripts verdict, figures, pictures, tables and the first files are there", async () => {
  const { page } = await pages.open(pages.write(large).file, { javaScriptEnabled: false });
  expect(await page.locator("h1").textContent()).toContain("Verified and published");
  expect(await page.locator("#total-rows").textContent()).toBe(number(large.figures.totalRows));
  expect(await page.locator("svg.chart").count()).toBe(7);
  expect(await rowsShown(page)).toBe(20);
  expect(await page.locator(".controls").isVisible()).toBe(false);
  await page.context().close();
});

test("names and values with markup in them do nothing", async () => {
  const { page, complaints, requests } = await pages.open(pages.write(hostileReport()).file);
  await page.getByLabel("Find").fill("hostile");
  for (let turn = 0; turn < 5; turn++)
    await page.getByRole("button", { name: "Later" }).click({ force: true });
  expect(
    await page.evaluate("document.querySelectorAll('img, iframe, [onerror], [onload], script').length"),
  ).toBe(2);
  expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
  const names = await page.locator("#file-table tbody td:first-child").allTextContents();
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(HOSTILE).toContain(name);
  await page.context().close();
});

test("a script that somebody put into the file does not run", async () => {
  const { page, complaints } = await pages.open(pages.write(sampleReport({ days: 2, files: 1 })).file);
  await page.evaluate(
    "document.body.append(Object.assign(document.createElement('script'), { textContent: 'document.title = 1' }))",
  );
  expect(await page.title()).not.toBe("1");
  expect(complaints.join()).toMatch(/Content Security Policy/);
  await page.context().close();
});

test.each([
  ["light", sampleReport({ days: 21, files: 30 })],
  ["dark", sampleReport({ days: 21, files: 30, outcome: "refused" })],
] as const)("a checker of accessibility finds nothing (%s)", async (colorScheme, report) => {
  const { page } = await pages.open(pages.write(report).file, { colorScheme });
  await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 100)).join(" ")}`),
  ).toEqual([]);
  await page.context().close();
});

test.each([
  ["5,000 files, 400 days", large],
  ["refused", sampleReport({ days: 21, files: 60, outcome: "refused" })],
])("prints on three pages at most, light even where the screen is dark: %s", async (_name, report) => {
  const { page } = await pages.open(pages.write(report).file, { colorScheme: "dark" });
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  expect(pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length).toBeLessThanOrEqual(3);
  await page.emulateMedia({ media: "print" });
  expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
  await page.evaluate("dispatchEvent(new Event('beforeprint'))");
  expect(await rowsShown(page)).toBe(Math.min(50, report.files.list.length));
  await page.evaluate("dispatchEvent(new Event('afterprint'))");
  expect(await rowsShown(page)).toBe(20);
  await page.context().close();
});

test("on a narrow screen nothing but pictures and tables scrolls sideways", async () => {
  const { page } = await pages.open(pages.write(large).file, { viewport: { width: 390, height: 800 } });
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
  await page.context().close();
});

test("every table behind a picture has the report's own figures", async () => {
  const report = sampleReport({ days: 3, files: 5 });
  const { page } = await pages.open(pages.write(report).file);
  const figures = (section: string, ...columns: string[]) =>
    page.evaluate(
      ([id, titles]) => {
        const table = document.querySelector(`#${id} table`);
        const at = [...(table?.querySelectorAll("th") ?? [])].map(({ textContent }) => textContent);
        return [...(table?.querySelectorAll("tbody tr") ?? [])].map((row) =>
          titles.map((title) => row.children[at.indexOf(title)]?.textContent?.replaceAll(/[,%]/g, "")),
        );
      },
      [section, columns] as const,
    );
  const significant = (value: number) => String(Number(value.toPrecision(3)));
  expect(await figures("usage", "Lower quartile", "Median", "Upper quartile", "kWh", "Rows")).toEqual(
    report.usage.map(({ lower, median, upper, kwh, rows }) => [
      ...[lower, median, upper].map(significant),
      String(Math.round(kwh)),
      String(rows),
    ]),
  );
  expect(await figures("nulls", "Column", "Rows")).toEqual(
    report.nulls.columns.map(({ column, rows }) => [column, String(rows)]),
  );
  expect(await figures("trend", "Load", "Outcome", "Rows in the table", "Rejected", "Credits")).toEqual(
    report.trend
      .toReversed()
      .slice(0, 8)
      .map((run) => [run.id, run.outcome, run.totalRows, run.rowsRejected, run.credits].map(String)),
  );
  expect(await figures("steps", "Step", "Began (UTC)", "Warehouse")).toEqual(
    report.steps.map(({ step, startedAt, warehouseSize }) => [step, startedAt.slice(11, 19), warehouseSize]),
  );
  expect(await figures("checks", "Check", "Finding")).toEqual(
    report.checks.map(({ name }) => [name, expect.any(String)]),
  );
  expect(await figures("files", "File", "Size", "Rows", "Rejected")).toEqual(
    report.files.list.map(({ name, rows, rejected }) => [
      name,
      expect.any(String),
      String(rows),
      String(rejected),
    ]),
  );
  expect(await figures("cost", "Expected", "Used")).toContainEqual(
    [report.cost.estimatedCredits, report.cost.credits].map(String),
  );
  await page.context().close();
});
