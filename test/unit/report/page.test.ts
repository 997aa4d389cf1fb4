/** The page as a text: markup, policy, hostile names, the JSON beside it. */
import { readFileSync } from "node:fs";
import { HtmlValidate } from "html-validate";
import { page } from "../../../report/page.tsx";
import { reportSchema, SCHEMA_FILE, schemaText } from "../../../report/schema.ts";
import { verdict } from "../../../report/words.ts";
import { CHECK_NAMES, HOSTILE, hostileReport, sampleReport } from "./sample.ts";

const assets = { style: "body{}", script: "void 0" };

test("the schema beside the page is the one that reports are declared by, and they satisfy it", () => {
  expect(readFileSync(SCHEMA_FILE, "utf8")).toBe(schemaText());
  for (const outcome of ["published", "refused", "dry run", "publishing"] as const)
    expect(reportSchema.safeParse(sampleReport({ days: 3, files: 2, outcome })).error).toBeUndefined();
});

test("the markup is valid", async () => {
  const validate = new HtmlValidate({
    extends: ["html-validate:recommended"],
    rules: {
      "no-inline-style": "error",
      "long-title": "off",
      "void-style": ["error", { style: "selfclose" }],
    },
  });
  for (const report of [
    sampleReport({ days: 40, files: 60 }),
    sampleReport({ days: 1, files: 0, faults: false }),
    hostileReport(),
  ]) {
    const { results } = await validate.validateString(page(report, assets));
    expect(
      results.flatMap(({ messages }) =>
        messages.map(({ ruleId, message, selector }) => `${ruleId}: ${message} (${selector})`),
      ),
    ).toEqual([]);
  }
});

test("names and values with markup in them stay text", () => {
  const html = page(hostileReport(), assets);
  for (const [index] of HOSTILE.entries()) expect(html.includes(`<img src=x id=hostile${index}`)).toBe(false);
  expect(html.match(/<script/g)).toHaveLength(2);
  expect(html.match(/<\/script/g)).toHaveLength(2);
  const data = html.slice(html.indexOf('id="data"')).split("</script>")[0] ?? "";
  expect(data.length).toBeGreaterThan(100_000);
  expect(/[\u2028\u2029]|<(?!$)/.test(data)).toBe(false);
  expect(/<[^>]* (style|on\w+)=/.test(html.replaceAll(/"[^"]*"/g, ""))).toBe(false);
});

test.each([
  ["published", false, "good", /^Verified and published: /],
  ["published", true, "warn", /^Verified and published: /],
  ["refused", true, "bad", /^Refused, nothing published: rejectedRows, continuity failed; /],
  ["dry run", false, "open", /nothing was published/],
  ["publishing", false, "warn", /not on record/],
] as const)("the verdict of a load that is %s (faults: %s) is %s", (outcome, faults, tone, text) => {
  const found = verdict(sampleReport({ days: 2, files: 1, outcome, faults }));
  expect(found).toMatchObject({ tone, text: expect.stringMatching(text) });
  expect(found.more).toContain("not looked at: referentialIntegrity");
});

test("each check is in the table of checks, and a failed one has its cure on the first screen", () => {
  const html = page(sampleReport({ days: 2, files: 1, outcome: "refused" }), assets);
  for (const name of CHECK_NAMES) expect(html).toContain(`<td class="code">${name}</td>`);
  const first = html.slice(0, html.indexOf('id="coverage"'));
  expect(first).toMatch(
    /class="status bad">failed<\/span> <strong>continuity<\/strong>.*Cure: have the missing readings delivered/,
  );
});
