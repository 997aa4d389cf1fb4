/** The table of files: found by a part of the name or of the reason, by status, a page at a time. */
import { bytes, number } from "../../components/format.ts";
import type { PageData } from "./data.ts";

type File = PageData["files"][number];
const ON_PAPER = 50;

export function startFiles({ files, shown }: PageData): { print: (on: boolean) => void } {
  const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
  const find = element<HTMLInputElement>("find");
  const status = element<HTMLSelectElement>("status");
  const earlier = element<HTMLButtonElement>("earlier");
  const later = element<HTMLButtonElement>("later");
  const note = element("shown");
  const body = document.querySelector("#file-table tbody") as HTMLElement;
  const texts = files.map(([name, , , , , , why]) => `${name}\n${why}`.toLowerCase());
  let from = 0;
  let size = shown;

  const show = () => {
    const wanted = find.value.trim().toLowerCase();
    const found = files.filter(
      ([, state], index) => (status.value === "" || state === status.value) && texts[index]?.includes(wanted),
    );
    from = Math.max(0, Math.min(from, Math.floor((found.length - 1) / size) * size));
    const some = found.slice(from, from + size);
    body.replaceChildren(...some.map(row));
    earlier.disabled = from === 0;
    later.disabled = from + size >= found.length;
    note.textContent =
      found.length === 0
        ? `None of ${number(files.length)} files`
        : `${number(from + 1)} to ${number(from + some.length)} of ${number(found.length)}${found.length < files.length ? ` found among ${number(files.length)}` : ""}`;
  };
  const anew = () => {
    from = 0;
    show();
  };
  find.addEventListener("input", anew);
  status.addEventListener("change", anew);
  earlier.addEventListener("click", () => {
    from -= size;
    show();
  });
  later.addEventListener("click", () => {
    from += size;
    show();
  });
  if (files.length > shown) {
    (find.closest(".controls") as HTMLElement).hidden = false;
    show();
  }
  return {
    print: (on) => {
      size = on ? ON_PAPER : shown;
      if (files.length > shown) show();
    },
  };
}

function row([name, status, size, rows, rejected, at, why]: File): HTMLElement {
  const line = document.createElement("tr");
  const counted = (value: number | null, words: (value: number) => string) =>
    value === null ? "" : words(value);
  line.append(
    cell(name, "code"),
    cell(status),
    cell(counted(size, bytes), "n"),
    cell(counted(rows, number), "n"),
    cell(counted(rejected, number), "n"),
    cell(at.replace("T", " ")),
    cell(why),
  );
  return line;
}

function cell(content: string, className = ""): HTMLElement {
  const element = document.createElement("td");
  element.textContent = content;
  if (className) element.className = className;
  return element;
}
