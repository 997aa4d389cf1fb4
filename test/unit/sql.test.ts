import fc from "fast-check";
import { identifier, literal, parseName, qualified, stageLocation } from "../../components/sql.ts";

/** Reads a quoted identifier as Snowflake does: what stands between the quotes, doubled ones once. */
function unquote(text: string) {
  const match = /^"((?:[^"]|"")*)"$/.exec(text);
  if (!match) throw new Error(`not one quoted identifier: ${text}`);
  return (match[1] as string).replaceAll('""', '"');
}
const anyName = fc
  .string({ minLength: 1, maxLength: 255, unit: "grapheme" })
  .filter((s) => !s.includes("\0") && [...s].length <= 255);

test("an identifier is kept as it is, whatever it holds", () => {
  fc.assert(fc.property(anyName, (name) => unquote(identifier(name)) === name));
});

test("a name of several parts reads back as its parts", () => {
  fc.assert(
    fc.property(anyName, anyName, anyName, (...parts) => {
      expect(parseName(qualified(...parts), 3)).toEqual(parts);
    }),
  );
});

test("a literal reads back as its text", () => {
  const read = (text: string) => text.slice(1, -1).replace(/''|\\(.)/gs, (two, escaped) => escaped ?? two[0]);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const quoted = literal(text);
      expect(/^'(?:[^'\\]|''|\\.)*'$/s.test(quoted)).toBe(true);
      expect(read(quoted)).toBe(text);
    }),
  );
});

test.each([
  ["", "is empty"],
  ["a\0b", "NUL"],
  ["x".repeat(256), "255"],
])("an impossible identifier is refused: %p", (name, why) => {
  expect(() => identifier(name)).toThrow(why);
});

test("unquoted parts turn to upper case, quoted ones stay", () => {
  expect(parseName('flux.Production."My Meters"', 3)).toEqual(["FLUX", "PRODUCTION", "My Meters"]);
});

test.each(["A.B", "A.B.C.D", "A..C", "A.B.", ".B.C", "A B.C.D", '"A.B.C', ""])(
  "%p is no name of three parts",
  (text) => {
    expect(() => parseName(text, 3)).toThrow("DATABASE.SCHEMA.OBJECT");
  },
);

test("a stage's location is quoted as a whole only where its path needs it", () => {
  expect(stageLocation(["DB", "S", "ST"], "ami/")).toBe('@"DB"."S"."ST"/ami/');
  expect(stageLocation(["DB", "S", "ST"])).toBe('@"DB"."S"."ST"/');
  expect(stageLocation(["DB", "S", "ST"], "it's here/")).toBe(`'@"DB"."S"."ST"/it''s here/'`);
});
