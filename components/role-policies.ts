import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Owns all policies of a role: these inline ones and no managed one. What somebody puts on it by hand a refresh sees and
 * the next `up` takes away. Beside it the role needs `forceDetachPolicies`, so that such a policy holds up no destroy.
 */
export function ownPolicies(
  name: string,
  role: aws.iam.Role,
  policies: readonly aws.iam.RolePolicy[],
  options: pulumi.CustomResourceOptions,
): void {
  const lasting = { ...options, deletedWith: role };
  new aws.iam.RolePoliciesExclusive(
    `${name}-policies`,
    { roleName: role.name, policyNames: policies.map((policy) => policy.name) },
    lasting,
  );
  new aws.iam.RolePolicyAttachmentsExclusive(
    `${name}-attachments`,
    { roleName: role.name, policyArns: [] },
    lasting,
  );
}
