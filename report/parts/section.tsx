/** A finding as a heading, the picture of it, and the table behind it. */
import type { ComponentChildren } from "preact";

interface Column<Row> {
  title: string;
  /** Numbers stand to the right. */
  number?: boolean;
  /** Names as machines have them. */
  code?: boolean;
  cell: (row: Row) => ComponentChildren;
}

/** Rows of a table behind a picture; the JSON beside the page has them all. */
const MOST_ROWS = 8;

interface SectionProps {
  id: string;
  /** What kind of thing this is, above the finding. */
  kind: string;
  finding: string;
  note?: ComponentChildren;
  wide?: boolean;
  children: ComponentChildren;
}

export function Section({ id, kind, finding, note, wide = false, children }: SectionProps) {
  return (
    <section id={id} class={wide ? "wide" : ""} aria-labelledby={`${id}-finding`}>
      <p class="kind">{kind}</p>
      <h2 id={`${id}-finding`}>{finding}</h2>
      {note && <p class="note">{note}</p>}
      {children}
    </section>
  );
}

interface ScrollProps {
  label: string;
  id?: string;
  children: ComponentChildren;
}

/** What is wider than a narrow screen scrolls within itself; the keyboard gets there, too. */
export function Scroll({ label, id, children }: ScrollProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without a focus the keyboard could not scroll it
    // biome-ignore lint/a11y/useSemanticElements: it groups no form fields
    <div id={id} class="scroll" tabIndex={0} role="group" aria-label={label}>
      {children}
    </div>
  );
}

interface BehindProps<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  most?: number;
}

/** The table behind a picture: the rows that have most to say first. */
export function Behind<Row>({ caption, columns, rows, most = MOST_ROWS }: BehindProps<Row>) {
  if (rows.length === 0) return null;
  const shown = rows.slice(0, most);
  const cut = shown.length < rows.length ? `, ${shown.length} of ${rows.length.toLocaleString("en-US")}` : "";
  return (
    <details class="behind">
      <summary>
        Table: {caption}
        {cut}
      </summary>
      <Scroll label={`${caption}, table`}>
        <Table columns={columns} rows={shown} />
      </Scroll>
    </details>
  );
}

export function Table<Row>({ columns, rows }: Pick<BehindProps<Row>, "columns" | "rows">) {
  return (
    <table>
      <thead>
        <tr>
          {columns.map(({ title, number }) => (
            <th key={title} scope="col" class={number ? "n" : undefined}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>
            {columns.map(({ title, number, code, cell }) => (
              <td key={title} class={number ? "n" : code ? "code" : undefined}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
