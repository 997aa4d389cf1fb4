import { conformance } from "./conformance/values.ts";
import { standaloneServer, TestSession } from "./support/standalone-server.ts";

const server = standaloneServer();
let session: TestSession;

beforeAll(async () => {
  await server.start();
  session = await TestSession.open(server.login);
  await session.run("ALTER SESSION SET TIMEZONE = 'UTC'");
}, 60_000);

afterAll(async () => {
  await session.close();
  await server.stop();
});

/** The driver's texts; it shows NULL as a word, and semi-structured values as objects. */
const cell = (value: unknown): string | null => {
  if (value === "NULL" || value === null || value === undefined) return null;
  if (typeof value === "object") return JSON.stringify(value);
  const text = String(value);
  return /^[[{]/.test(text) ? JSON.stringify(JSON.parse(text)) : text;
};

const fetchAsString = ["Number", "Date", "JSON", "Boolean", "Buffer"] as never;

test.each(conformance.map((example) => [example.page, example.sql, example] as const))(
  "%s: %s",
  async (_page, sql, { rows, error }) => {
    if (error !== undefined) {
      expect(await session.failure(sql)).toMatchObject({ code: error });
      return;
    }
    const answer = await session.run(sql, { fetchAsString });
    expect(answer.rows.map((row) => Object.values(row).map(cell))).toEqual(rows);
  },
);
