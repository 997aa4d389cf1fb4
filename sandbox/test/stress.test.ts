import { readFileSync } from "node:fs";
import { standaloneServer } from "./support/standalone-server.ts";

/** Many sessions at once, each with statements of all kinds: all are answered, and the server's memory stays flat. */
const SESSIONS = 50;
/** Of each session; `make test-all` asks for 10,000 in all. */
const STATEMENTS = Number(process.env.STRESS_STATEMENTS ?? 40);
/** Megabytes by which the second half of the statements may add to what the first half took. */
const MOST_GROWTH = 150;

jest.setTimeout(5 * 3_600_000);

interface Answer {
  success: boolean;
  code: string | null;
  message: string | null;
  data: { token: string; rowset: (string | null)[][]; total: number };
}

const server = standaloneServer();

async function post(path: string, body: object, token?: string): Promise<Answer> {
  const headers = token === undefined ? {} : { authorization: `Snowflake Token="${token}"` };
  const url = `${server.login.accessUrl}${path}requestId=${crypto.randomUUID()}`;
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return (await response.json()) as Answer;
}

class Client {
  readonly #token: string;
  /** Rows that its temporary table has to have. */
  rows = 0;

  private constructor(token: string) {
    this.#token = token;
  }

  static async open(parameters = ""): Promise<Client> {
    const data = { ACCOUNT_NAME: "FLUX-OPERATIONS", LOGIN_NAME: "DEPLOYER", PASSWORD: server.login.password };
    return new Client((await post(`/session/v1/login-request?${parameters}`, { data })).data.token);
  }

  async run(sqlText: string): Promise<Answer> {
    return await post("/queries/v1/query-request?", { sqlText }, this.#token);
  }

  async rowset(sql: string): Promise<(string | null)[][]> {
    const answer = await this.run(sql);
    if (!answer.success) throw new Error(`${answer.code} ${answer.message}: ${sql}`);
    return answer.data.rowset;
  }

  async close(): Promise<void> {
    await post("/session?delete=true&", {}, this.#token);
  }
}

/** What sessions do, one after another. */
const steps: ((client: Client, n: number) => Promise<void>)[] = [
  async (client, n) => {
    await client.rowset(
      `INSERT INTO own SELECT SEQ4(), 'text ${n}', PARSE_JSON('{"n": ${n}}') FROM TABLE(GENERATOR(ROWCOUNT => 10))`,
    );
    client.rows += 10;
  },
  async (client) => {
    expect(await client.rowset("SELECT COUNT(*) FROM own")).toEqual([[String(client.rows)]]);
  },
  async (client, n) => {
    expect(await client.rowset(`SELECT ${n} + 1, CURRENT_TIMESTAMP()::DATE IS NOT NULL`)).toEqual([
      [String(n + 1), "1"],
    ]);
  },
  async (client) => {
    for (const sql of ["BEGIN", "UPDATE own SET t = UPPER(t)", "DELETE FROM own WHERE n < 5", "ROLLBACK"]) {
      await client.rowset(sql);
    }
  },
  async (client) => {
    expect((await client.run("SELECT nothing FROM own")).code).toBe("000904");
  },
  async (client) => {
    const { data } = await client.run(
      "SELECT SEQ4() AS n, REPEAT('x', 100) AS t FROM TABLE(GENERATOR(ROWCOUNT => 1500))",
    );
    expect(data.total).toBe(1_500);
  },
  async (client) => {
    expect(await client.rowset("SHOW TABLES LIKE 'own'")).toHaveLength(1);
  },
  async (client) => {
    await client.rowset("CREATE OR REPLACE TEMPORARY TABLE other AS SELECT * FROM own LIMIT 3");
  },
];

const resident = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1]) / 1_000;

afterAll(() => server.stop());

test(`${SESSIONS} sessions with ${STATEMENTS} statements each`, async () => {
  await server.start("--memory-mb", "512");
  const admin = await Client.open();
  for (const sql of ["CREATE WAREHOUSE wh", "CREATE DATABASE d"]) await admin.rowset(sql);
  const clients = await Promise.all(
    Array.from({ length: SESSIONS }, () => Client.open("databaseName=D&schemaName=PUBLIC&warehouse=WH&")),
  );
  await Promise.all(
    clients.map((client) => client.rowset("CREATE TEMPORARY TABLE own (n INT, t VARCHAR, v VARIANT)")),
  );
  const half = async (from: number, to: number) => {
    await Promise.all(
      clients.map(async (client, index) => {
        for (let n = from; n < to; n++) await steps[(n + index) % steps.length]?.(client, n);
      }),
    );
    return resident();
  };
  const middle = await half(0, STATEMENTS / 2);
  const end = await half(STATEMENTS / 2, STATEMENTS);
  expect(end - middle).toBeLessThan(MOST_GROWTH);

  await Promise.all(clients.map((client) => client.close()));
  expect(await admin.rowset("SHOW TABLES IN DATABASE d")).toEqual([]);
  expect(await admin.rowset("SELECT COUNT(*) FROM d.INFORMATION_SCHEMA.TABLES")).toEqual([["0"]]);
});
