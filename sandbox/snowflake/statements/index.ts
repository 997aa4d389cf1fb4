import type { Handler } from "../context.ts";
import type { Statement } from "../sql/statement.ts";
import { query } from "./query.ts";

/** Who runs which kind of statement. */
export const handlers = { query } as unknown as Record<Statement["kind"], Handler>;
