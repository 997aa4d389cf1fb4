/** The first screen: the verdict in a sentence, the four figures, and what has to be done. */
import { duration, number } from "../../components/format.ts";
import type { Report, ReportCheck } from "../schema.ts";
import { TONES, verdict } from "../words.ts";

const moment = (text: string) => (text === "" ? "none" : text.replace("T", " "));

export function Verdict({ report }: { report: Report }) {
  const { tone, text, more } = verdict(report);
  const { load, table, stack } = report;
  const seconds = (Date.parse(`${load.endedAt}Z`) - Date.parse(`${load.startedAt}Z`)) / 1000;
  return (
    <header>
      <p class="kind">
        Load of <code>{table}</code>, stack {stack}
        {!report.latest && " (not the latest load)"}
      </p>
      <h1>
        <span class={`status ${tone}`} />
        <span>{text}</span>
      </h1>
      <p class="more">{more}.</p>
      <p class="note">
        Load <code>{load.id}</code> by {load.owner}, {moment(load.startedAt)} to{" "}
        {moment(load.endedAt).slice(11)} UTC ({duration(seconds)}), version {load.version} of the readings.
        Drawn {moment(report.drawnAt)} UTC from what the load kept; the readings were not read again.
      </p>
    </header>
  );
}

export function Figures({ report: { figures } }: { report: Report }) {
  const [from, to] = [moment(figures.minTimestamp), moment(figures.maxTimestamp)];
  const list = [
    {
      name: "Rows in the table",
      id: "total-rows",
      value: number(figures.totalRows),
      small: `${number(figures.rowsLoaded)} of ${number(figures.filesLoaded)} files`,
    },
    { name: "First reading", id: "first", value: from.slice(0, 10), small: `${from.slice(11)} UTC` },
    { name: "Last reading", id: "last", value: to.slice(0, 10), small: `${to.slice(11)} UTC` },
    {
      name: "Unique meters",
      id: "meters",
      value: number(figures.uniqueMeters),
      small: `${number(figures.rowsRejected)} rows rejected in all`,
    },
  ];
  return (
    <dl class="figures">
      {list.map(({ name, id, value, small }) => (
        <div key={id}>
          <dt>{name}</dt>
          <dd id={id}>{value}</dd>
          <dd class="small">{small}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Checks that did not hold, each with its cure. */
export function Cures({ report: { checks } }: { report: Report }) {
  const odd = checks
    .filter(({ status }) => status === "failed" || status === "warned")
    .toSorted((one, other) => Number(one.status === "warned") - Number(other.status === "warned"));
  if (odd.length === 0) return null;
  return (
    <section class="cures wide" aria-labelledby="cures-finding">
      <h2 id="cures-finding">What has to be done</h2>
      <ul>
        {odd.map((check) => (
          <li key={check.name} class={TONES[check.status]}>
            <p>
              <Status check={check} /> <strong>{check.name}</strong>: {check.message}
            </p>
            {check.examples.length > 0 && <p class="note">{check.examples.join("; ")}</p>}
            <p>Cure: {check.cure}.</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Status({ check: { status } }: { check: ReportCheck }) {
  return <span class={`status ${TONES[status]}`}>{status}</span>;
}
