import { isDeepStrictEqual } from "node:util";
import { LOAD_TYPE } from "../components/verified-load/args.ts";
import type { ResourceChange } from "./engine-plan.ts";

/**
 * Changes that an update would make and that nobody has reviewed. What was reviewed and is done already is no change any
 * more; files that arrived meanwhile are the load's day's work, and are loaded without another review.
 * @param reviewed changes of the reviewed preview, as its JSON report holds them
 */
export function unreviewed(
  reviewed: readonly ResourceChange[],
  now: readonly ResourceChange[],
): ResourceChange[] {
  const known = new Map(reviewed.map((change) => [change.urn, told(change)]));
  return now.filter((change) => !arrivals(change) && !isDeepStrictEqual(known.get(change.urn), told(change)));
}

/** A load that does something though nobody told it anything new: there are files that it has not loaded. */
function arrivals({ type, operation, properties, hidden, otherwise, recoded }: ResourceChange): boolean {
  const nothingNew = properties.length === 0 && hidden.length === 0 && !otherwise && !recoded;
  return type === LOAD_TYPE && operation === "update" && nothingNew;
}

/** What a reviewer was told of a change, as JSON holds it. */
function told({ after, ...change }: ResourceChange): unknown {
  const { operation, replacedBy, properties, hidden, otherwise, recoded, wasType } = change;
  const inputs = operation === "create" ? after?.inputs : undefined;
  const differs = { operation, replacedBy, properties, hidden, otherwise, recoded, wasType };
  return JSON.parse(JSON.stringify({ ...differs, inputs, login: after?.login }));
}
