import { join } from "node:path";
import { neighboursIn } from "../config/source.ts";

/** Folder of Pulumi.yaml and the stacks' config files. */
const PROJECT = join(import.meta.dirname, "..");

/** Snowflake accounts, ORGANIZATION.ACCOUNT, that the partners' config files name. */
export function partnerAccounts(project: string = PROJECT): string[] {
  return neighboursIn(project, "").flatMap(({ values }) => values["flux-ami:partnerSnowflakeAccount"] ?? []);
}
