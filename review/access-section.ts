import type { AccessChange } from "./access/diff.ts";
import type { SnowflakeAccess } from "./access/snowflake.ts";
import type { AccessReview, Review } from "./review.ts";
import type { Section } from "./section.ts";
import { code, inline } from "./text.ts";

export function accessSection({ access, first }: Review): Section {
  const lines: string[] = [];
  const { gains, losses, snowflake, undecided, unknown, problem } = access;
  lines.push(proofLine(access, first));
  if (problem !== undefined) lines.push(`No requests were made: ${inline(problem)}`);
  if (gains.length + losses.length > 0) {
    lines.push("", `| | Who | ${first ? "May" : "Action"} | Where | How |`, "|---|---|---|---|---|");
    lines.push(...accessRows("loses", losses), ...accessRows("gains", gains));
  }
  if (snowflake.gains.length + snowflake.losses.length > 0) {
    lines.push("", "| | Who in Snowflake | Privilege | On |", "|---|---|---|---|");
    lines.push(...snowflakeRows("loses", snowflake.losses), ...snowflakeRows("gains", snowflake.gains));
  }
  if (undecided.length > 0) {
    lines.push("", "Tried by no request, so read it:", "");
    lines.push(...undecided.map(({ side, what, part }) => `- ${side} in the ${inline(what)}: ${code(part)}`));
  }
  if (unknown.length > 0) {
    lines.push(
      "",
      `Not read, for its text is known only after ${code("up")} or kept secret: ${unknown.map(inline).join("; ")}.`,
    );
  }
  return { title: "Access", lines };
}

/** What the containment proof says, and what requests show of what it could not prove. */
function proofLine(
  { proof, sameMeaning, gains, problem, unknown, snowflake }: AccessReview,
  first: boolean,
): string {
  const { documents, open } = proof;
  if (first) return documents === 0 ? "No access document yet." : "All access is new.";
  if (open.length > 0) {
    const shown =
      gains.length > 0
        ? "what requests to the AWS emulator show of it is below"
        : "no request to the AWS emulator shows what it gives, which is an open question and no good news";
    return `Containment proof: ${open.length} ${open.length === 1 ? "statement is" : "statements are"} not covered by what was there; ${problem === undefined ? shown : "nobody tried what it gives"}.`;
  }
  if (documents === 0) return "No access document.";
  const read = unknown.length > 0 ? " of those that can be read" : "";
  const same = sameMeaning && snowflake.gains.length + snowflake.losses.length === 0 && unknown.length === 0;
  return `${same ? "No change of access. " : ""}Containment proof over ${documents} ${documents === 1 ? "document" : "documents"}${read}: every Allow is covered by one of before, and every Deny still stands.`;
}

/** The changes with the same key, in one; in the order of their keys. */
function grouped<T>(list: readonly T[], key: (item: T) => string): T[][] {
  const groups = Map.groupBy(list, key);
  return [...groups.keys()].sort().map((name) => groups.get(name) ?? []);
}

/** A row for everybody, place and way, with all actions in it. */
function accessRows(verb: string, list: readonly AccessChange[]): string[] {
  return grouped(list, ({ who, where, how }) => JSON.stringify([who, where, how])).map((group) => {
    const [{ who, where, how } = { who: "", where: "", how: "" }] = group;
    const actions = group
      .map(({ action }) => action)
      .sort()
      .map(code);
    return `| ${[verb, code(who), actions.join(", "), code(where), inline(how)].join(" | ")} |`;
  });
}

/** A row for everybody and every object, with all privileges in it. */
function snowflakeRows(verb: string, list: readonly SnowflakeAccess[]): string[] {
  return grouped(list, ({ who, on }) => JSON.stringify([who, on])).map((group) => {
    const [{ who, on } = { who: "", on: "" }] = group;
    const privileges = group.map(({ privilege }) => privilege).sort();
    return `| ${[verb, code(who), inline(privileges.join(", ")), code(on)].join(" | ")} |`;
  });
}
