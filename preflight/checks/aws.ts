import { AWS_ROLE } from "../../components/existing/kinds.ts";
import { partnerRoleName } from "../../components/partner/partner-role.ts";
import { type Decision, isDenied } from "../aws.ts";
import { type Check, type Finding, fail, pass, unknown } from "../check.ts";
import { deployerRights, partnerRights } from "../rights/aws.ts";
import type { World } from "../world.ts";

/** The principal whose policies count: of a session, its role. Undefined when its ARN may not be looked up. */
async function policySource(world: World): Promise<string | undefined> {
  const aws = await world.aws();
  const { arn } = await world.identity();
  const assumed = /^arn:[^:]+:sts::\d{12}:assumed-role\/([^/]+)\//.exec(arn)?.[1];
  if (assumed === undefined) return arn;
  // The ARN of a session leaves out the role's path, so only IAM itself can say what the role is; most have none.
  return aws.roleArn(assumed).catch((error: unknown) => {
    if (!isDenied(error)) throw error;
    return arn.replace(/:sts::(\d+):assumed-role\/([^/]+)\/.*/, ":iam::$1:role/$2");
  });
}

/** What `up` may have to do, on a partner's stack to the role of that partner alone. */
async function wantedRights(world: World) {
  const config = await world.config();
  const environment = await world.environment();
  const rights =
    config.kind === "partner" ? partnerRights(environment, config.partner) : deployerRights(environment);
  return rights.filter(({ Sid }) => Sid !== "Doctor");
}

/**
 * A refusal is proved only where nothing was missing: conditions on the caller's address, region, tags or second factor hold
 * for requests, and a simulation has none of these.
 */
export function actionsFinding(
  principal: string,
  decisions: readonly (Decision & { readonly resource: string })[],
  cure: string,
): Finding {
  const of = (these: typeof decisions, say: (what: string, those: typeof decisions) => string) =>
    [...Map.groupBy(these, ({ resource }) => resource)].map(([resource, those]) =>
      say(`${those.map(({ action }) => action).join(", ")} on ${resource}`, those),
    );
  const keysOf = (these: typeof decisions) => [...new Set(these.flatMap(({ missing }) => missing))].sort();
  const others = decisions.filter(({ decision }) => decision !== "allowed");
  const refused = others.filter(({ missing }) => missing.length === 0);
  const open = others.filter(({ missing }) => missing.length > 0);
  const said = [
    ...of(refused, (what, those) => {
      const byDeny = those.some(({ decision }) => decision === "explicitly denied");
      return `${principal} may not ${what}${byDeny ? ", some by a Deny" : ""}`;
    }),
    ...of(open, (what, those) => `whether ${principal} may ${what} hangs on ${keysOf(those).join(", ")}`),
  ].join("; ");
  if (refused.length > 0) return fail(said, cure);
  const [first] = open;
  if (first)
    return unknown(
      `${said}: a request has that, IAM's simulation does not, and \`up\` goes on all the same`,
      `aws iam simulate-principal-policy --policy-source-arn ${principal} --action-names ${first.action} --resource-arns '${first.resource}' ` +
        `--context-entries ${first.missing.map((key) => `ContextKeyName=${key},ContextKeyType=string,ContextKeyValues=<what your requests have>`).join(" ")}`,
    );
  const apart = ["the bucket's own policy", ...keysOf(decisions)].join(", ");
  return pass(`${decisions.length} actions, as IAM simulates them (${apart} apart)`);
}

export const awsChecks: Check[] = [
  {
    id: "aws.identity",
    title: "the AWS login is of the stack's account",
    service: "aws",
    needs: ["config.valid"],
    kinds: ["environment", "partner"],
    run: async (world) => {
      const { awsAccountId } = await world.environment();
      const { unfollowed } = await world.aws();
      if (unfollowed.length > 0)
        return unknown(
          `the provider logs in by ${unfollowed.join(", ")}, which doctor does not follow`,
          "assume that role in the shell (`export AWS_PROFILE=<profile>`) and ask again",
        );
      try {
        const { account, arn } = await world.identity();
        return account === awsAccountId
          ? pass(arn)
          : fail(
              `the AWS login is of account ${account} (${arn}); flux-ami:awsAccountId is ${awsAccountId}`,
              `export AWS_PROFILE=<a profile of account ${awsAccountId}>`,
            );
      } catch (error) {
        const { name, message } = error as Error;
        if (
          /ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|TimeoutError|NetworkingError/.test(`${name} ${message}`)
        )
          return fail(
            `AWS could not be reached: ${message}`,
            "see whether this machine may reach sts.amazonaws.com, or needs a proxy (HTTPS_PROXY)",
          );
        return fail(
          `there is no AWS login that works: ${name}: ${message}`,
          "aws sso login && aws sts get-caller-identity   # or export AWS_PROFILE=<profile>",
        );
      }
    },
  },
  {
    id: "aws.actions",
    title: "the login may do what `up` does",
    service: "aws",
    needs: ["aws.identity"],
    kinds: ["environment", "partner"],
    beforeUp: true,
    run: async (world) => {
      const aws = await world.aws();
      const cure = `node preflight/rights.ts --stack ${world.at.stack} aws   # prints the policy to attach`;
      try {
        const principal = await policySource(world);
        if (principal === undefined)
          return unknown("the role of this session is not there any more", "log in again");
        if (principal.endsWith(":root")) return pass("the account's root may do everything");
        const asked = await wantedRights(world);
        const answers = await Promise.all(
          asked.map(async ({ Action, Resource, Condition }) => {
            const context = Object.values(Condition ?? {})[0] as Record<string, string> | undefined;
            const decisions = await aws.simulated(principal, Action, Resource, context);
            return decisions.map((one) => ({ ...one, resource: Resource }));
          }),
        );
        return actionsFinding(principal, answers.flat(), cure);
      } catch (error) {
        if (!isDenied(error)) throw error;
        return unknown(
          "this login may not simulate its policies (iam:SimulatePrincipalPolicy), so what it may do is not known",
          cure,
        );
      }
    },
  },
  {
    id: "aws.role-name",
    title: "the name of the IAM role is free, or the stack's",
    service: "aws",
    essential: false,
    needs: ["aws.identity"],
    kinds: ["environment", "partner"],
    run: async (world) => {
      const config = await world.config();
      const { environment, roleName: own, useIntegration } = await world.environment();
      const [key, roleName] =
        config.kind === "partner"
          ? (["partner", partnerRoleName(environment, config.partner)] as const)
          : (["roleName", own] as const);
      if (key === "roleName" && useIntegration)
        return pass("the integration that is used has a role already");
      if (await world.made(AWS_ROLE, roleName)) return pass(`${roleName} is the stack's`);
      const found = await (await world.aws()).roleArn(roleName).catch((error: unknown) => {
        if (!isDenied(error)) throw error;
        return null;
      });
      // Where no role has the name, IAM asks about the ARN without a path, which a login for one path may not look at.
      if (found === null)
        return unknown(`this login may not look whether IAM has a role ${roleName} on another path`);
      return found === undefined
        ? pass(`${roleName} is free`)
        : fail(
            `IAM has a role ${roleName} already (${found}), and it is not this stack's`,
            `pulumi config set -s ${world.at.stack} flux-ami:${key} <another name>`,
          );
    },
  },
  {
    id: "aws.boundary",
    title: "the permissions boundary is there",
    service: "aws",
    needs: ["aws.identity"],
    kinds: ["environment", "partner"],
    beforeUp: true,
    run: async (world) => {
      const { stack, permissionsBoundary } = await world.environment();
      if (!permissionsBoundary) return pass("none is wanted");
      return (await (await world.aws()).policyExists(permissionsBoundary))
        ? pass(permissionsBoundary)
        : fail(
            `there is no policy ${permissionsBoundary}, which flux-ami:permissionsBoundary names`,
            `pulumi config set -s ${stack} flux-ami:permissionsBoundary <ARN of a policy that is there>`,
          );
    },
  },
];
