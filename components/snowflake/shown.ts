/** What SHOW and DESC tell of one object. */
import { identifier, literal } from "../sql.ts";
import type { Row, Session } from "./session.ts";

/**
 * The row of the object of just this name; undefined when there is none, or it may not be seen. LIKE takes any case, and an
 * underscore for any character.
 * @param objects as SHOW calls them. @example "WAREHOUSES"
 * @param within where they lie. @example `DATABASE "FLUX"`
 */
export async function shown(
  session: Session,
  objects: string,
  name: string,
  within?: string,
): Promise<Row | undefined> {
  const rows = await session.rows(
    `SHOW ${objects} LIKE ${literal(name)}${within === undefined ? "" : ` IN ${within}`}`,
  );
  return rows.find((row) => row.name === name);
}

/** The properties of a storage integration; an empty text for one that it does not have. */
export async function integrationProperties(
  session: Session,
  integration: string,
): Promise<(property: string) => string> {
  const rows = await session.rows(`DESC STORAGE INTEGRATION ${identifier(integration)}`);
  return (property) => String(rows.find((row) => row.property === property)?.property_value ?? "");
}
