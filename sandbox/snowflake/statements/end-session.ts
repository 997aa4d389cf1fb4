import { takeTemporary } from "../catalog/temporary.ts";
import type { Cloud, Session } from "../context.ts";
import { InternalStage } from "../storage/internal-stage.ts";
import { forgetGrants } from "./ddl.ts";
import { dropStoredTables } from "./table-storage.ts";

/**
 * Logs a session out: once what runs in it has ended, its transaction is rolled back and its temporary objects go
 * (docs: Working with temporary and transient tables).
 */
export async function endSession(cloud: Cloud, session: Session): Promise<void> {
  await cloud.transactions.close(session);
  if (session.running > 0) return;
  for (const { databaseId, ...objects } of takeTemporary(cloud, session)) {
    const all = Object.values(objects).flatMap((layer) => [...layer.values()]);
    forgetGrants({ cloud, session }, ...all.map(({ id }) => id));
    for (const { id } of objects.stages.values()) new InternalStage(cloud, { stage: id }).remove();
    await dropStoredTables({ cloud }, databaseId, objects.tables.values());
  }
}
