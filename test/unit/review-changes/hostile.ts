import { AWS_DOCUMENTS } from "./aws.ts";
import { AWS_ROLES } from "./aws-roles.ts";
import type { Change } from "./change.ts";
import { DOCUMENTS } from "./documents.ts";
import { ENGINE } from "./engine.ts";
import { OTHERS } from "./others.ts";
import { PLUGINS } from "./plugins.ts";
import { ROLES } from "./roles.ts";
import { SNOWFLAKE } from "./snowflake.ts";
import { STACK } from "./stack.ts";

/** All hostile changes, numbered. */
export const HOSTILE: readonly (readonly [string, Change, RegExp, Change | undefined])[] = [
  ...AWS_DOCUMENTS,
  ...AWS_ROLES,
  ...SNOWFLAKE,
  ...DOCUMENTS,
  ...ROLES,
  ...OTHERS,
  ...STACK,
  ...ENGINE,
  ...PLUGINS,
].map(([what, change, names, start], index) => [`${index + 1}. ${what}`, change, names, start]);
