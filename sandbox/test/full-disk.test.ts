/** A disk that fills up: statements fail with a Snowflake error, the server goes on, and starts again afterwards. */
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Journal } from "../snowflake/history/journal.ts";
import { standaloneServer, TestSession } from "./support/standalone-server.ts";

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "full-disk-"));
const flag = join(folder, "full");
const server = standaloneServer();
let session: TestSession;

const cannotWrite = {
  code: "000603",
  sqlState: "XX000",
  message: expect.stringContaining("cannot write to its disk (ENOSPC)"),
};

beforeAll(async () => {
  const preload = join(__dirname, "support", "full-disk.ts");
  await server.startWith({ FULL_DISK_WHILE: flag, NODE_OPTIONS: `--import=${preload}` });
  session = await TestSession.open(server.login);
});
afterAll(async () => {
  await session.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("while the disk is full statements fail as Snowflake's do, and nothing of them has happened", async () => {
  await session.run("CREATE WAREHOUSE WH");
  writeFileSync(flag, "");
  expect(await session.failure("SELECT 1")).toEqual(cannotWrite);
  expect(await session.failure("CREATE ROLE LOST")).toEqual(cannotWrite);
  rmSync(flag);
  expect(await session.rows("SHOW ROLES LIKE 'LOST'")).toEqual([]);
});

test("when it fills up during a query the query fails, while what has changed something has changed it", async () => {
  // Once it is submitted, the history has taken it.
  const query = await session.run("SELECT SYSTEM$WAIT(1)", { asyncExec: true });
  const change = await session.run("SET DONE = SYSTEM$WAIT(1)", { asyncExec: true });
  writeFileSync(flag, "");
  expect(await endOf(query.queryId)).toBe("FAILED_WITH_INCIDENT");
  expect(await endOf(change.queryId)).toBe("SUCCESS");
  rmSync(flag);
  expect(await session.value("SELECT $DONE")).toBe("waited 1 seconds");
});

test("what the server keeps is for its owner's eyes only", async () => {
  await session.run("CREATE DATABASE SECRETS");
  await session.run("CREATE TABLE SECRETS.PUBLIC.T AS SELECT 1 AS A");
  const files = readdirSync(server.directory, { recursive: true, encoding: "utf8" });
  expect(files).toEqual(expect.arrayContaining(["catalog.json", join("history", "queries.jsonl")]));
  // The test itself has made this one.
  const open = files.filter((file) => file !== "accounts.json" && isOpen(join(server.directory, file)));
  expect(open).toEqual([]);
});

const isOpen = (file: string): boolean => (statSync(file).mode & 0o077) !== 0;

/** The status of a statement once it has ended. */
async function endOf(queryId: string): Promise<string> {
  const status = await session.connection.getQueryStatus(queryId);
  return status === "RUNNING" ? await endOf(queryId) : status;
}

test("with room again everything works, and the server starts again on its files", async () => {
  await session.run("CREATE DATABASE KEPT");
  await server.kill();
  await server.startWith({});
  session = await TestSession.open(server.login);
  expect(await session.rows("SHOW DATABASES LIKE 'KEPT'")).toHaveLength(1);
});

describe("a journal", () => {
  const file = join(folder, "journal.jsonl");
  const journal = () => new Journal<{ n: number }>(file, () => [{ n: 1 }, { n: 3 }]);

  test("leaves torn lines out, wherever they are", () => {
    writeFileSync(file, '{"n":1}\n{"n":2{"n":3}\n{"n":4}\n{"n":');
    expect([...journal().read()]).toEqual([{ n: 1 }, { n: 4 }]);
  });

  test("is shortened to the latest of each thing", () => {
    const short = journal();
    short.shorten();
    short.append({ n: 5 });
    expect([...journal().read()]).toEqual([{ n: 1 }, { n: 3 }, { n: 5 }]);
  });

  test("reads files that are larger than a block, characters across its edge included", () => {
    const long = "ä".repeat(700_000);
    rmSync(file);
    const writer = new Journal<{ text: string }>(file, () => []);
    for (let n = 0; n < 3; n++) writer.append({ text: `${n}${long}` });
    expect([...writer.read()].map(({ text }) => text)).toEqual([`0${long}`, `1${long}`, `2${long}`]);
  });

  test("takes a line for later when there is a fault, and writes it with the next one", () => {
    const directory = join(folder, "absent", "journal.jsonl");
    const kept = new Journal<{ n: number }>(directory, () => []);
    rmSync(join(folder, "absent"), { recursive: true });
    kept.appendSoon({ n: 1 });
    expect(() => kept.append({ n: 2 })).toThrow(/cannot write to its disk \(ENOENT\)/);
    new Journal(directory, () => []);
    kept.append({ n: 3 });
    expect(readFileSync(directory, "utf8")).toBe('{"n":1}\n{"n":3}\n');
    appendFileSync(directory, "\n");
    expect([...kept.read()]).toEqual([{ n: 1 }, { n: 3 }]);
  });
});
