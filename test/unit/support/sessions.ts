/** Sessions for unit tests: answered by the test itself, or by a local Snowflake without its server. */
import type { Row, Session } from "../../../components/snowflake/session.ts";
import { parse } from "../../../sandbox/snowflake/sql/parse.ts";
import type { Statement } from "../../../sandbox/snowflake/sql/statement.ts";
import { CatalogCloud } from "../../../sandbox/test/support/catalog-cloud.ts";

/** A session that runs statements, all of which are answered alike; none goes on without its client. */
export function sessionOf(run: (sql: string) => Promise<Row[]>): Session {
  const refuse = () => Promise.reject(new Error("nothing goes on without its client here"));
  return { rows: run, once: run, start: refuse, status: refuse, result: refuse, close: async () => {} };
}

/**
 * A local Snowflake that ends with the file's tests.
 * @returns opens a session; `before` is waited for ahead of each statement
 */
export function localSnowflake(setup: readonly string[]) {
  let local: CatalogCloud;
  beforeAll(async () => {
    local = await CatalogCloud.open();
    await local.all(local.session(), ...setup);
  });
  afterAll(() => local.close());
  return (before: (statement: Statement) => Promise<void> = async () => {}): Session => {
    const session = local.session();
    return sessionOf(async (sql) => {
      await before(parse(sql));
      return local.rows(session, sql);
    });
  };
}
