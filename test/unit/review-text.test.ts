import fc from "fast-check";
import { code, fenced, inline } from "../../review/text.ts";

/** The cells of a row, as GitHub's Markdown takes it apart: a backslash takes the sign behind it along, code or not. */
function cells(row: string): string[] {
  const found = [""];
  for (const [part] of row.matchAll(/\\[!-/:-@[-`{-~]|[\s\S]/g)) {
    if (part === "|") found.push("");
    else found[found.length - 1] += part;
  }
  return found.slice(1, -1);
}

/** Whatever somebody may have written, most of it signs that mean something. */
const anything = fc.string({
  unit: fc.oneof(
    fc.constantFrom("\\", "|", "`", "<", ">", "[", "]", "(", ")", "!", "@", "#", "*", "_", "~", "\n", "\r"),
    fc.constantFrom(
      "\u202e",
      "\u200b",
      "\u3164",
      "\u115f",
      "\ufe0f",
      "\u2028",
      "\u0007",
      "https://x.y",
      "a",
      " ",
    ),
    fc.string({ unit: "grapheme", maxLength: 1 }),
  ),
  maxLength: 30,
});

describe("text from anywhere", () => {
  test("stays within its cell, as code and as prose", () => {
    fc.assert(
      fc.property(anything, anything, (one, other) => {
        const row = `| ${code(one)} | ${inline(other)} |`;
        expect(cells(row)).toHaveLength(2);
        expect(row).not.toMatch(/[\r\n]/);
      }),
      { numRuns: 2_000 },
    );
  });

  test("shows whatever is in it", () => {
    fc.assert(
      fc.property(anything, (text) => {
        for (const written of [code(text), inline(text)])
          expect(written.replaceAll("\u200b", "")).not.toMatch(
            /\p{Cf}|\p{Cc}|\p{Default_Ignorable_Code_Point}/u,
          );
      }),
      { numRuns: 2_000 },
    );
  });

  test("closes no code that it is in", () => {
    fc.assert(
      fc.property(anything, (text) => {
        const [fence = ""] = /^`+/.exec(code(text)) ?? [];
        const inside = code(text).slice(fence.length, -fence.length);
        expect([...inside.matchAll(/`+/g)].every(([run]) => run.length !== fence.length)).toBe(true);
        const [open = "", ...lines] = fenced([text]).split("\n");
        const marks = open.replace("diff", "");
        expect(lines.slice(0, -1).some((line) => line.trim().startsWith(marks))).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  test("mentions nobody, links nowhere, begins no HTML", () => {
    fc.assert(
      fc.property(anything, (text) => {
        const prose = inline(text).replace(/`[^`]*`/g, "");
        expect(prose).not.toMatch(/@\w|<\w|:\/\/\w|\]\(|(?<!&)#\d/);
      }),
      { numRuns: 2_000 },
    );
  });
});
