/** Reads the map's figures out, where the pointer is or the arrow keys went: cells are places, not elements. */
import { number } from "../../components/format.ts";
import type { PageData } from "./data.ts";

export function startMap({ map, days }: PageData): void {
  const holder = document.getElementById("map") as HTMLElement;
  const picture = holder.querySelector("svg") as SVGSVGElement;
  const cursor = document.getElementById("cursor") as unknown as SVGRectElement;
  const readout = document.getElementById("readout") as HTMLElement;
  if (days.length === 0) return;
  const width = map.width / days.length;
  let at: [day: number, hour: number] | undefined;

  const go = (day: number, hour: number) => {
    const within = (value: number, most: number) => Math.max(0, Math.min(most, value));
    at = [within(day, days.length - 1), within(hour, 23)];
    cursor.setAttribute("x", String(map.left + at[0] * width));
    cursor.setAttribute("y", String(map.top + at[1] * map.row));
    readout.textContent = words(days[at[0]] as PageData["days"][number], at[1]);
  };
  picture.addEventListener("pointermove", (event) => {
    const { left, top, width: wide } = picture.getBoundingClientRect();
    const scale = map.whole / wide;
    const [x, y] = [(event.clientX - left) * scale - map.left, (event.clientY - top) * scale - map.top];
    if (x < 0 || x >= map.width || y < 0 || y >= 24 * map.row) return;
    go(Math.floor(x / width), Math.floor(y / map.row));
  });
  const moves: Record<string, [days: number, hours: number]> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
    PageUp: [-30, 0],
    PageDown: [30, 0],
    Home: [-days.length, 0],
    End: [days.length, 0],
  };
  holder.addEventListener("keydown", (event) => {
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const [day, hour] = at ?? [days.length - 1 - move[0], -move[1]];
    go(day + move[0], hour + move[1]);
  });
}

function words([day, readings, lacking, meters]: PageData["days"][number], hour: number): string {
  const there = readings[hour] ?? 0;
  const less = lacking[hour] ?? null;
  const due = less === null ? "not on record how many were due" : `${number(there + less)} due`;
  const few =
    less === null || less === 0 ? "" : less > 0 ? `, ${number(less)} missing` : `, ${number(-less)} too many`;
  const by = meters === 0 ? "" : `, of ${number(meters[hour] ?? 0)} meters`;
  const clock = (of: number) => `${String(of).padStart(2, "0")}:00`;
  return `${day} ${clock(hour)} to ${clock(hour + 1)} UTC: ${number(there)} readings${by}; ${due}${few}.`;
}
