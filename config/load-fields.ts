/** Keys of the load that are lists or maps; what they may be is the load's to say. */
import { isClusterKey } from "../components/readings-columns.ts";
import {
  CONTRACT,
  CONTRACT_KINDS,
  CONTRACT_SEVERITIES,
  type ContractKind,
  type ContractSeverity,
} from "../components/verified-load/write/contract.ts";
import { isGlob } from "../components/verified-load/write/selection.ts";
import { type Field, type Group, group, listThat, oneOf } from "./field.ts";

/** A list of globs. */
export const globs = (example: string) =>
  listThat((texts) => texts.every(isGlob), {
    allowed: "a list of globs on paths below the folder, without a slash at the beginning",
    example,
  });

/** Expressions of CLUSTER BY. */
export const clusterBy = listThat(isClusterKey, {
  allowed:
    "a list of expressions on columns of the readings: a column, DATE_TRUNC('<part>', TIMESTAMP), TO_DATE(TIMESTAMP) or SUBSTR(<column>, <from>, <length>); one of TIMESTAMP first",
  example: `["DATE_TRUNC('day', TIMESTAMP)"]`,
});

/** What happens to each kind of difference between the files' columns and the readings'. */
export const schemaContract = group(
  Object.fromEntries(
    CONTRACT_KINDS.map((kind) => [kind, oneOf(CONTRACT_SEVERITIES, CONTRACT[kind].severity)]),
  ),
) as Group<{ [K in ContractKind]: Field<ContractSeverity> }>;
