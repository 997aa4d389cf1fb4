/**
 * Prints what the logins of a stack need, with the stack's own names; it changes nothing:
 *   node preflight/rights.ts --stack dev aws                  the IAM policy of who deploys
 *   node preflight/rights.ts --stack dev snowflake            role, grants and user of who deploys, as SQL
 *   node preflight/rights.ts --stack dev --viewer aws         the same for who only looks (preview, drift, doctor)
 *   node preflight/rights.ts --stack dev --loader snowflake   the user of who only loads; of AWS it asks for the state alone
 */
import { parseArgs } from "node:util";
import { deployerRights, policyText, viewerRights } from "./rights/aws.ts";
import { deployerSql, loaderSql, viewerSql } from "./rights/snowflake.ts";
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
const config = await world.environment();
if (cloud === "aws") console.log(policyText((values.viewer ? viewerRights : deployerRights)(config)));
else console.log((values.loader ? loaderSql : values.viewer ? viewerSql : deployerSql)(config));
