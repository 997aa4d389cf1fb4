import type { Role } from "@pulumi/aws/iam/role.js";
import { RolePoliciesExclusive } from "@pulumi/aws/iam/rolePoliciesExclusive.js";
import type { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { RolePolicyAttachmentsExclusive } from "@pulumi/aws/iam/rolePolicyAttachmentsExclusive.js";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Owns all policies of a role: these inline ones and no managed one. What somebody puts on it by hand a refresh sees and
 * the next `up` takes away. Beside it the role needs `forceDetachPolicies`, so that such a policy holds up no destroy.
 */
export function ownPolicies(
  name: string,
  role: Role,
  policies: readonly RolePolicy[],
  options: pulumi.CustomResourceOptions,
): void {
  const lasting = { ...options, deletedWith: role };
  new RolePoliciesExclusive(
    `${name}-policies`,
    { roleName: role.name, policyNames: policies.map((policy) => policy.name) },
    lasting,
  );
  new RolePolicyAttachmentsExclusive(`${name}-attachments`, { roleName: role.name, policyArns: [] }, lasting);
}
