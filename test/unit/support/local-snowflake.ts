import type { Session } from "../../../components/snowflake/session.ts";
import { parse } from "../../../sandbox/snowflake/grammar/parse.ts";
import type { Statement } from "../../../sandbox/snowflake/grammar/statement.ts";
import { CatalogCloud } from "../../../sandbox/test/support/catalog-cloud.ts";
import { sessionOf } from "./session-of.ts";

/**
 * A local Snowflake without its server, which ends with the file's tests.
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
