import type { LocalServer } from "../../../sandbox/test/support/local-server.ts";
import { standaloneServer, TestSession } from "../../../sandbox/test/support/standalone-server.ts";

/**
 * A session of a local Snowflake with its server, which end with the file's tests.
 * @param setup statements that come first
 */
export function standaloneSession(...setup: string[]): () => TestSession {
  let server: LocalServer;
  let session: TestSession;
  beforeAll(async () => {
    server = standaloneServer();
    await server.start();
    session = await TestSession.open(server.login);
    for (const sql of setup) await session.run(sql);
  }, 60_000);
  afterAll(async () => {
    await session?.close();
    await server?.stop();
  });
  return () => session;
}
