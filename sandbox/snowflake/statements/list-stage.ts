import type { Handler } from "../context.ts";
import type { ListStage } from "../grammar/load-statements.ts";
import { fixed, text } from "../result.ts";
import { listStage, nameInListing, openStage } from "../storage/stage.ts";

/** LIST @stage[/path] [PATTERN = '…'] (docs: LIST). Needs no warehouse. */
export const list: Handler<ListStage> = async (statement, execution) => {
  const stage = await openStage(execution, statement.location);
  try {
    const files = await listStage(stage, statement.pattern);
    return {
      columns: [text("name"), fixed("size"), text("md5"), text("last_modified")],
      rows: files.map((file) => [
        nameInListing(stage, file),
        String(file.size),
        file.etag,
        file.lastModified.toUTCString(),
      ]),
    };
  } finally {
    stage.close();
  }
};
