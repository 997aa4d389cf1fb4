/**
 * Prints what the logins of a stack need, with the stack's own names; it changes nothing:
 *   node preflight/rights.ts --stack dev aws                  the IAM policy of who deploys
 *   node preflight/rights.ts --stack dev snowflake            role, grants and user of who deploys, as SQL
 *   node preflight/rights.ts --stack dev --viewer aws         the same for who only looks (preview, drift, doctor)
 *   node preflight/rights.ts --stack dev --loader snowflake   the user of who only loads; of AWS it asks for the state alone
 * Of a partner's stack it is what the logins of its owner need beside what they have.
 */
import { parseArgs } from "node:util";
import { wayOf } from "../components/partner/let-in.ts";
import type { EnvironmentConfig, StackConfig } from "../config/index.ts";
import {
  deployerRights,
  partnerRights,
  partnerViewerRights,
  policyText,
  viewerRights,
} from "./rights/aws.ts";
import { consumerSql, deployerSql, loaderSql, partnerSql, viewerSql } from "./rights/snowflake.ts";
import { surroundings, World } from "./world.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    stack: { type: "string" },
    viewer: { type: "boolean", default: false },
    loader: { type: "boolean", default: false },
  },
});
const [cloud] = positionals;
if (!values.stack || (cloud !== "snowflake" && (cloud !== "aws" || values.loader)))
  throw new Error(
    "usage: node preflight/rights.ts --stack dev [--viewer] aws | [--viewer | --loader] snowflake",
  );
// The login is yet to be made: its rights hang on names alone.
const anyLogin = { SNOWFLAKE_USER: "anybody", SNOWFLAKE_AUTHENTICATOR: "EXTERNALBROWSER" };
const here = surroundings(values.stack);
const world = new World({ ...here, environment: { ...anyLogin, ...here.environment } });

function ofEnvironment(config: EnvironmentConfig): string {
  if (cloud === "aws") return policyText((values.viewer ? viewerRights : deployerRights)(config));
  return (values.loader ? loaderSql : values.viewer ? viewerSql : deployerSql)(config);
}

/** Throws for what is nobody's to have. */
async function text(config: StackConfig): Promise<string> {
  if (config.kind === "environment") return ofEnvironment(config);
  const { kind, stack } = config;
  const clouds: readonly string[] = kind === "partner" ? (wayOf(config.way)?.clouds ?? []) : ["snowflake"];
  if (!clouds.includes(cloud as string))
    throw new Error(
      clouds.length === 0
        ? `stack ${stack} makes nothing: ask for the rights of the stack that flux-ami:owner names`
        : `stack ${stack} makes nothing in ${cloud}: ask for ${clouds.join(", ")}`,
    );
  if (values.loader) throw new Error(`stack ${stack} loads nothing`);
  if (kind === "partner-consumer") {
    if (values.viewer)
      throw new Error(
        `what is shared is seen by flux-ami:readerRoles of stack ${stack}: take one of them to look`,
      );
    return consumerSql(config.databaseName);
  }
  const owner = await world.environment();
  // docs: Access control privileges: a share has none but to own it.
  if (cloud === "snowflake" && values.viewer)
    throw new Error(
      `there is no privilege to look at a share: previews of ${stack} take what who looks at ${owner.stack} has, ` +
        `and a refresh takes who deploys ${stack}`,
    );
  if (cloud === "snowflake") return partnerSql(owner);
  return policyText((values.viewer ? partnerViewerRights : partnerRights)(owner));
}

console.log(await text(await world.config()));
