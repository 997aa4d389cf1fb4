import { CreateRoleCommand, DeleteRoleCommand } from "@aws-sdk/client-iam";
import { allowAgain, deny, iam, type Sabotage } from "./means.ts";

export const aws: Sabotage[] = [
  {
    what: "a wrong AWS key",
    bend: { aws: "nobody" },
    check: "aws.identity",
    says: /no AWS login that works/,
  },
  {
    what: "another account's login",
    bend: { aws: "stranger" },
    check: "aws.identity",
    says: /of account 333333333333 .* is 111111111111/,
  },
  {
    what: "AWS out of reach",
    bend: { aws: "unreachable" },
    check: "aws.identity",
    says: /could not be reached/,
  },
  {
    what: "a login by a role that doctor does not follow",
    bend: { config: { "aws:assumeRoles": '[{"roleArn":"arn:aws:iam::111111111111:role/deployer"}]' } },
    check: "aws.identity",
    state: "unknown",
    says: /aws:assumeRoles/,
  },
  ...["iam:CreateRole", "iam:PutRolePolicy", "s3:PutBucketPolicy", "s3:GetBucketCORS"].map((action) => ({
    what: `no ${action}`,
    bend: deny([action]),
    undo: allowAgain,
    check: "aws.actions",
    says: new RegExp(`may not ${action} on`),
  })),
  {
    what: "several actions that are not allowed",
    bend: deny(["iam:TagRole", "iam:DeleteRole"]),
    undo: allowAgain,
    check: "aws.actions",
    says: /iam:DeleteRole, iam:TagRole/,
  },
  {
    what: "a Deny of all requests that come from elsewhere, which a simulation cannot tell",
    bend: deny(["iam:CreateRole"], "*", { NotIpAddress: { "aws:SourceIp": "127.0.0.0/8" } }),
    undo: allowAgain,
    check: "aws.actions",
    state: "unknown",
    says: /whether .*deployer may iam:CreateRole on .* hangs on aws:SourceIp/,
  },
  {
    what: "nobody may simulate policies",
    bend: deny(["iam:SimulatePrincipalPolicy"]),
    undo: allowAgain,
    check: "aws.actions",
    state: "unknown",
    says: /may not simulate/,
  },
  {
    what: "a role of that name",
    bend: async (project) => {
      await iam(project).send(
        new CreateRoleCommand({
          RoleName: "flux-dev-snowflake-raw-ami",
          Path: "/team/",
          AssumeRolePolicyDocument: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: { AWS: "111111111111" }, Action: "sts:AssumeRole" }],
          }),
        }),
      );
      return undefined;
    },
    undo: (project) => iam(project).send(new DeleteRoleCommand({ RoleName: "flux-dev-snowflake-raw-ami" })),
    check: "aws.role-name",
    says: /role\/team\/flux-dev-snowflake-raw-ami/,
  },
  {
    what: "a boundary that is not there",
    bend: { config: { "flux-ami:permissionsBoundary": "arn:aws:iam::111111111111:policy/gone" } },
    check: "aws.boundary",
    says: /policy\/gone/,
  },
];
