import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import * as access from "./access.ts";
import * as closedWorld from "./closed-world.ts";
import * as cost from "./cost.ts";
import * as data from "./data.ts";
import * as sharing from "./sharing.ts";
import * as stackWide from "./stack-wide.ts";
import { executesOnlyKnownStatements, stageIsRelinked } from "./statements.ts";
import { roleTrustHasExternalId, roleTrustNamesOnePrincipal } from "./trust.ts";

/** Every rule of the pack. */
export const RULES: (ResourceValidationPolicy | StackValidationPolicy)[] = [
  ...Object.values(closedWorld),
  ...Object.values(access),
  ...Object.values(stackWide),
  roleTrustHasExternalId,
  roleTrustNamesOnePrincipal,
  ...Object.values(sharing),
  executesOnlyKnownStatements,
  stageIsRelinked,
  ...Object.values(cost),
  ...Object.values(data),
];
