/** A local Snowflake that never talks to AWS, and what tests of its protocol ask of it. */
import snowflake from "snowflake-sdk";
import type { Switches } from "../../snowflake/switches.ts";
import { LocalServer } from "./local-server.ts";

export type Row = Record<string, unknown>;

export const standaloneServer = (switches: Partial<Switches> = {}) =>
  new LocalServer(
    {
      endpoint: "http://127.0.0.1:9",
      snowflakeUser: {
        arn: "arn:aws:iam::999999999999:user/none",
        accessKeyId: "none",
        secretAccessKey: "none",
      },
    },
    switches,
  );

export interface Answer {
  rows: Row[];
  columns: snowflake.Column[];
  queryId: string;
  statement: snowflake.RowStatement;
}

/** A driver's session that answers with rows and columns, or throws the driver's error. */
export class TestSession {
  readonly connection: snowflake.Connection;

  constructor(options: snowflake.ConnectionOptions) {
    snowflake.configure({ logLevel: "OFF", additionalLogToConsole: false });
    this.connection = snowflake.createConnection({ timeout: 20_000, ...options });
  }

  static async open(options: snowflake.ConnectionOptions): Promise<TestSession> {
    const session = new TestSession(options);
    // connectAsync resolves even when the login is refused.
    await new Promise<void>((resolve, reject) => {
      session.connection.connect((error) => (error ? reject(error) : resolve()));
    });
    return session;
  }

  run(sqlText: string, options: Partial<snowflake.StatementOption> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.connection.execute({
        sqlText,
        ...options,
        complete: (error, statement, rows) => {
          if (error) return reject(error);
          const answer = {
            rows: Array.isArray(rows) ? (rows as Row[]) : [],
            queryId: statement.getQueryId(),
            statement: statement as snowflake.RowStatement,
          };
          resolve({ ...answer, columns: options.asyncExec ? [] : (answer.statement.getColumns() ?? []) });
        },
      });
    });
  }

  async rows(sqlText: string, binds?: snowflake.Binds): Promise<Row[]> {
    return (await this.run(sqlText, binds ? { binds } : {})).rows;
  }

  /** The first cell of the first row. */
  async value(sqlText: string, binds?: snowflake.Binds): Promise<unknown> {
    const [row] = await this.rows(sqlText, binds);
    return Object.values(row ?? {})[0];
  }

  /** What a statement fails with. */
  async failure(sqlText: string): Promise<{ code: string; sqlState: string | undefined; message: string }> {
    try {
      await this.run(sqlText);
    } catch (error) {
      const { code, sqlState, message } = error as snowflake.SnowflakeError & { sqlState?: string };
      return { code: String(code), sqlState, message };
    }
    throw new Error(`no error from: ${sqlText}`);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.connection.destroy(() => resolve()));
  }
}

/**
 * A server for all tests of a file, with a session in which the setup has run; both end with the tests.
 * @param opened is told the session, before the first test
 */
export function serverWithSession(
  setup: readonly string[],
  opened: (session: TestSession) => void,
): LocalServer {
  const server = standaloneServer();
  let session: TestSession | undefined;
  beforeAll(async () => {
    await server.start();
    session = await TestSession.open(server.login);
    for (const sql of setup) await session.run(sql);
    opened(session);
  }, 60_000);
  afterAll(async () => {
    await session?.close();
    await server.stop();
  });
  return server;
}
