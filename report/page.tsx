/** The page: one file that needs nothing else. */
import { createHash } from "node:crypto";
import { renderToString } from "preact-render-to-string";
import type { Assets } from "./assets.ts";
import type { PageData } from "./browser/data.ts";
import { Coverage, DAYS, MAP } from "./charts/coverage.tsx";
import { Days } from "./charts/days.tsx";
import { Nulls } from "./charts/nulls.tsx";
import { Steps } from "./charts/steps.tsx";
import { Trend } from "./charts/trend.tsx";
import { Usage } from "./charts/usage.tsx";
import { Voltage } from "./charts/voltage.tsx";
import { Checks, Cost, FILES_SHOWN, Files, MOST_FILES, Rejected } from "./parts/tables.tsx";
import { Cures, Figures, Verdict } from "./parts/verdict.tsx";
import type { Report } from "./schema.ts";
import { GLYPHS, verdict } from "./words.ts";

const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

export function page(report: Report, { style, script }: Assets): string {
  // Nothing is fetched, nothing runs but this one script: whatever a file is called, it stays text.
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const html = renderToString(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${GLYPHS[verdict(report).tone]} ${report.load.outcome}: load ${report.load.id} of ${report.table}`}</title>
        <link rel="icon" href="data:," />
        <style dangerouslySetInnerHTML={{ __html: style }} />
      </head>
      <body>
        <svg class="patterns" width="0" height="0" aria-hidden="true">
          <defs>
            <pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse">
              <path class="hatch-ground" d="M0 0h4v4h-4z" />
              <path class="hatch-line" d="M0 0h4v2h-4z" />
            </pattern>
            <pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">
              <path class="dot" d="M2 2h2v2h-2z" />
            </pattern>
          </defs>
        </svg>
        <main>
          <Verdict report={report} />
          <Figures report={report} />
          <Cures report={report} />
          <Coverage report={report} />
          <Days report={report} />
          <Voltage report={report} />
          <Usage report={report} />
          <div class="stack">
            <Nulls report={report} />
            <Cost report={report} />
          </div>
          <Steps report={report} />
          <Trend report={report} />
          <Checks report={report} />
          <Rejected report={report} />
          <Files report={report} />
        </main>
        <script
          type="application/json"
          id="data"
          dangerouslySetInnerHTML={{ __html: inScript(dataOf(report)) }}
        />
        <script dangerouslySetInnerHTML={{ __html: script }} />
      </body>
    </html>,
  );
  return `<!DOCTYPE html>\n${html}\n`;
}

/** JSON that no HTML parser, and no JavaScript, reads as anything else. */
function inScript(data: PageData): string {
  return JSON.stringify(data).replace(
    /[<\u2028\u2029]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function dataOf({ days, files }: Report): PageData {
  return {
    map: { ...MAP, left: DAYS.left, width: DAYS.width - DAYS.left - DAYS.right, whole: DAYS.width },
    days: days.list.map(({ day, hours }) => [
      day,
      hours.map(({ readings }) => readings),
      hours.map(({ readings, due }) => (due === null ? null : due - readings)),
      hours.some(({ meters }) => meters !== null) ? hours.map(({ meters }) => meters) : 0,
    ]),
    shown: FILES_SHOWN,
    files: files.list
      .slice(0, MOST_FILES)
      .map(({ name, status, bytes, rows, rejected, at, why }) => [
        name,
        status,
        bytes,
        rows,
        rejected,
        at,
        why,
      ]),
  };
}
