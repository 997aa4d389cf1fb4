/** What the logins of a stack may do in AWS, and nothing else: for who deploys, and for who only looks. */
import { usualGuards } from "../../components/bucket-policy/statements.ts";
import { partnerRoleName } from "../../components/partner/partner-role.ts";
import type { Statement } from "../../components/policy-document.ts";
import type { EnvironmentConfig } from "../../config/index.ts";

type Names = Pick<
  EnvironmentConfig,
  | "awsAccountId"
  | "partition"
  | "bucketName"
  | "adoptBucket"
  | "deleteRawData"
  | "roleName"
  | "rolePath"
  | "permissionsBoundary"
  | "prefix"
  | "readingsPath"
> &
  Partial<Pick<EnvironmentConfig, "bucketGuards" | "useIntegration">>;

type RoleNames = Pick<Names, "awsAccountId" | "partition" | "roleName" | "rolePath">;

/** A statement whose actions all work on one resource. */
interface Right {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: string;
  readonly Condition?: Statement["Condition"];
}

/** What looking at a bucket takes: the provider reads all of its settings at once, whichever of them the stack sets. */
const LOOK_AT_BUCKET = [
  "s3:GetAccelerateConfiguration",
  "s3:GetBucketAcl",
  "s3:GetBucketCORS",
  "s3:GetBucketLogging",
  "s3:GetBucketObjectLockConfiguration",
  "s3:GetBucketOwnershipControls",
  "s3:GetBucketPolicy",
  "s3:GetBucketPublicAccessBlock",
  "s3:GetBucketRequestPayment",
  "s3:GetBucketTagging",
  "s3:GetBucketVersioning",
  "s3:GetBucketWebsite",
  "s3:GetEncryptionConfiguration",
  "s3:GetLifecycleConfiguration",
  "s3:GetReplicationConfiguration",
  "s3:ListBucket",
];
const SET_POLICY = ["s3:DeleteBucketPolicy", "s3:PutBucketPolicy"];
const SET_GUARDS = [
  "s3:PutBucketOwnershipControls",
  "s3:PutBucketPublicAccessBlock",
  "s3:PutEncryptionConfiguration",
];
const MAKE_BUCKET = ["s3:CreateBucket", "s3:PutBucketTagging"];
const DELETE_BUCKET = ["s3:DeleteBucket", "s3:ListBucketVersions"];
const DELETE_FILES = ["s3:DeleteObject", "s3:DeleteObjectVersion"];
const LOOK_AT_ROLE = [
  "iam:GetRole",
  "iam:GetRolePolicy",
  "iam:ListAttachedRolePolicies",
  "iam:ListRolePolicies",
];
const SET_UP_ROLE = [
  "iam:DeleteRole",
  "iam:DeleteRolePolicy",
  "iam:ListInstanceProfilesForRole",
  "iam:PutRolePolicy",
  "iam:TagRole",
  "iam:UntagRole",
  "iam:UpdateAssumeRolePolicy",
  "iam:UpdateRoleDescription",
];
/** To see that it is there, before anything is made. */
const lookAtBoundary = (boundary: string | undefined) =>
  boundary ? [right("Boundary", ["iam:GetPolicy"], boundary)] : [];
/** To ask about rights is no right that a stack needs. */
const DOCTOR = right("Doctor", ["iam:SimulatePrincipalPolicy"], "*");
/** A boundary holds only if nobody can make the role without it, nor take it away. */
const BOUND_ROLE = ["iam:CreateRole", "iam:PutRolePermissionsBoundary"];

const bucketArn = ({ partition, bucketName }: Names) => `arn:${partition}:s3:::${bucketName}`;
const roleArn = ({ partition, awsAccountId, rolePath, roleName }: RoleNames) =>
  `arn:${partition}:iam::${awsAccountId}:role${rolePath}${roleName}`;

function right(
  Sid: string,
  Action: readonly string[],
  Resource: string,
  Condition?: Right["Condition"],
): Right {
  return { Sid, Effect: "Allow", Action: [...Action].sort(), Resource, ...(Condition && { Condition }) };
}

/** The rights as a policy to attach. */
export const policyText = (rights: readonly Right[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: rights }, null, 2);

/** For `up`, `refresh` and `destroy`. */
export function deployerRights(names: Names): Right[] {
  const boundary = names.permissionsBoundary;
  const { bucketGuards = usualGuards(names.adoptBucket) } = names;
  const folder = `${bucketArn(names)}/${names.prefix}${names.readingsPath}*`;
  return [
    right(
      "Bucket",
      [
        ...LOOK_AT_BUCKET,
        ...SET_POLICY,
        ...(bucketGuards === "manage" ? SET_GUARDS : []),
        ...(names.adoptBucket ? [] : MAKE_BUCKET),
        ...(names.deleteRawData ? DELETE_BUCKET : []),
      ],
      bucketArn(names),
    ),
    // How a file is encrypted is told to who may read it. Who deploys makes a role that reads it as well.
    right("Readings", ["s3:GetObject"], folder),
    ...(names.deleteRawData ? [right("Files", DELETE_FILES, `${bucketArn(names)}/*`)] : []),
    ...(names.useIntegration ? [] : [...roleRights(names, boundary), ...lookAtBoundary(boundary)]),
    DOCTOR,
  ];
}

/** A role that Snowflake assumes. */
function roleRights(names: RoleNames, boundary: string | undefined): Right[] {
  return [
    // Asked about a name that no role has, IAM does not know on which path it would lie.
    ...(names.rolePath === "/"
      ? []
      : [right("RoleName", ["iam:GetRole"], roleArn({ ...names, rolePath: "/" }))]),
    right("Role", [...LOOK_AT_ROLE, ...SET_UP_ROLE, ...(boundary ? [] : ["iam:CreateRole"])], roleArn(names)),
    ...(boundary
      ? [
          right("BoundRole", BOUND_ROLE, roleArn(names), {
            StringEquals: { "iam:PermissionsBoundary": boundary },
          }),
        ]
      : []),
  ];
}

/** What names the roles of partners who come by a storage integration of their own. */
type PartnerNames = Pick<
  EnvironmentConfig,
  "awsAccountId" | "environment" | "partition" | "permissionsBoundary"
>;

/** Of one partner, or of all whom the environment lets in: who deploys may then let in another without an administrator. */
const partnerRole = (names: PartnerNames, partner = "*") => ({
  ...names,
  roleName: partnerRoleName(names.environment, partner),
  rolePath: "/",
});

/** What partners' stacks take beside the rights of who deploys the environment. */
export const partnerRights = (names: PartnerNames, partner?: string): Right[] => [
  ...roleRights(partnerRole(names, partner), names.permissionsBoundary),
  ...lookAtBoundary(names.permissionsBoundary),
  DOCTOR,
];

/** The same for who only looks. */
export const partnerViewerRights = (names: PartnerNames): Right[] => [
  right("Role", LOOK_AT_ROLE, roleArn(partnerRole(names))),
  ...lookAtBoundary(names.permissionsBoundary),
  DOCTOR,
];

/** For `preview`, drift and doctor. */
export function viewerRights(names: Names): Right[] {
  return [
    right("Bucket", LOOK_AT_BUCKET, bucketArn(names)),
    ...(names.useIntegration
      ? []
      : [right("Role", LOOK_AT_ROLE, roleArn(names)), ...lookAtBoundary(names.permissionsBoundary)]),
    DOCTOR,
  ];
}
