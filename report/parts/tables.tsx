/** What is told in tables: checks, cost, rejected rows, files. */
import { bytes, duration, number, percent } from "../../components/format.ts";
import type { Report, ReportCheck, ReportFile } from "../schema.ts";
import { costWords, filesWords, rejectedWords } from "../words.ts";
import { Scroll, Section, Table } from "./section.tsx";
import { Status } from "./verdict.tsx";

export function Checks({ report: { checks } }: { report: Report }) {
  const of = (status: ReportCheck["status"]) => checks.filter((check) => check.status === status).length;
  const parts = (["failed", "warned", "passed", "skipped"] as const)
    .filter((status) => of(status) > 0)
    .map((status) => `${of(status)} ${status}`);
  return (
    <Section id="checks" kind="Checks" finding={`${number(checks.length)} checks: ${parts.join(", ")}`} wide>
      <Scroll label="Checks, table">
        <Table
          rows={checks}
          columns={[
            { title: "Verdict", cell: (check) => <Status check={check} /> },
            { title: "Check", code: true, cell: ({ name }) => name },
            { title: "Figure", number: true, cell: (check) => amount(check, check.figure) },
            { title: "Threshold", number: true, cell: (check) => amount(check, check.threshold) },
            {
              title: "Finding",
              cell: ({ message, examples, meaning, status }) =>
                `${status === "skipped" ? `${message} (${meaning})` : message}${examples.length > 0 ? `: ${examples.join("; ")}` : ""}`,
            },
          ]}
        />
      </Scroll>
    </Section>
  );
}

/** Checks whose figure is a share. */
const SHARES: readonly string[] = ["keyNulls", "nullShares", "voltage"];
const amount = ({ name, status }: ReportCheck, value: number) =>
  status === "skipped" ? "–" : SHARES.includes(name) ? percent(value) : number(value);

export function Cost({ report }: { report: Report }) {
  const { cost } = report;
  const rows = [
    { what: "Credits", expected: String(cost.estimatedCredits), used: String(cost.credits) },
    { what: "Time", expected: duration(cost.estimatedSeconds), used: duration(cost.seconds) },
    { what: "Files", expected: number(cost.files), used: "" },
    { what: "Bytes", expected: bytes(cost.bytes), used: "" },
  ];
  return (
    <Section
      id="cost"
      kind="Cost"
      finding={costWords(report)}
      note={
        "Credits are computed from seconds and the warehouse's size and generation." +
        (cost.meteredCredits === undefined
          ? ""
          : ` Until the load ended the metering had seen ${cost.meteredCredits} of all that ran on the warehouse.`) +
        (cost.estimatedBy === undefined ? "" : ` What was expected is by ${cost.estimatedBy}.`)
      }
    >
      <Table
        rows={rows}
        columns={[
          { title: "What", cell: ({ what }) => what },
          { title: "Expected", number: true, cell: ({ expected }) => expected },
          { title: "Used", number: true, cell: ({ used }) => used },
        ]}
      />
    </Section>
  );
}

const MOST_REASONS = 20;
const MOST_EXAMPLES = 5;
const MOST_CHARACTERS = 200;

export function Rejected({ report }: { report: Report }) {
  const { rows, reasons } = report.rejected;
  const shown = reasons.slice(0, MOST_REASONS);
  const lines = shown.flatMap((one) =>
    (one.examples.length > 0 ? one.examples : [undefined])
      .slice(0, shown.length > 3 ? 1 : MOST_EXAMPLES)
      .map((example, index) => ({ ...one, example, first: index === 0 })),
  );
  const more =
    reasons.length > shown.length ? ` ${shown.length} of ${number(reasons.length)} reasons shown.` : "";
  return (
    <Section
      id="rejected"
      kind="Rejected rows"
      finding={rejectedWords(report)}
      note={
        rows > 0
          ? `The first rows of each reason. All are kept with file, row number, reason and raw record, in the table ending in _REJECTED, once the load is published.${more}`
          : undefined
      }
      wide
    >
      {rows > 0 && (
        <Scroll label="Rejected rows, table">
          <Table
            rows={lines}
            columns={[
              { title: "Rows", number: true, cell: (line) => (line.first ? number(line.rows) : "") },
              { title: "Reason", cell: ({ first, reason }) => (first ? reason : "") },
              {
                title: "For example",
                cell: ({ example }) => (example ? `row ${number(example.row)} of ${example.file}` : ""),
              },
              { title: "Raw record", code: true, cell: ({ example }) => shortened(example?.record ?? "") },
            ]}
          />
        </Scroll>
      )}
    </Section>
  );
}

const shortened = (text: string) =>
  text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;

/** Written into the page; the script shows the others, which lie in its data. */
export const FILES_SHOWN = 20;
/** In the page at all; the JSON beside it has them all. */
export const MOST_FILES = 6000;

export function Files({ report }: { report: Report }) {
  const { list } = report.files;
  const statuses = [...new Set(list.map(({ status }) => status))];
  return (
    <Section id="files" kind="Files" finding={filesWords(report)} wide>
      <p class="controls screen" hidden>
        <label>
          Find <input id="find" type="search" autocomplete="off" spellcheck={false} />
        </label>
        <label>
          Status{" "}
          <select id="status">
            <option value="">any</option>
            {statuses.map((status) => (
              <option key={status}>{status}</option>
            ))}
          </select>
        </label>
        <button id="earlier" type="button">
          Earlier
        </button>
        <button id="later" type="button">
          Later
        </button>
      </p>
      <p class="note" id="shown" role="status">
        {shownWords(Math.min(FILES_SHOWN, list.length), list.length)}
      </p>
      <Scroll id="file-table" label="Files, table">
        <Table
          rows={list.slice(0, FILES_SHOWN)}
          columns={[
            { title: "File", code: true, cell: ({ name }) => name },
            { title: "Status", cell: ({ status }) => status },
            { title: "Size", number: true, cell: ({ bytes: size }) => maybe(size, bytes) },
            { title: "Rows", number: true, cell: ({ rows }) => maybe(rows, number) },
            { title: "Rejected", number: true, cell: ({ rejected }) => maybe(rejected, number) },
            { title: "Published (UTC)", cell: ({ at }) => at.replace("T", " ") },
            { title: "Why", cell: ({ why }) => why },
          ]}
        />
      </Scroll>
    </Section>
  );
}

const maybe = (value: ReportFile["bytes"], words: (value: number) => string) =>
  value === null ? "" : words(value);
const shownWords = (shown: number, all: number) =>
  `${number(shown)} of ${number(all)} shown, those with something to say first.`;
