import { Role, type RoleArgs } from "@pulumi/aws/iam/role.js";
import { RolePolicy, type RolePolicyArgs } from "@pulumi/aws/iam/rolePolicy.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { child, keepsName, type Transform } from "../child.ts";
import { decryptObjects } from "../kms.ts";
import { assumeWithExternalId, nobodyAssumes, policyJson, readFolder } from "../policy-document.ts";
import { ownPolicies } from "../role-policies.ts";
import { type Partition, storageUrl } from "../storage-location.ts";

export interface PartnerRoleArgs {
  /** The partner's name; names the role. @example "gridworks" */
  readonly partner: string;
  /** Name of the environment that lets them in; names the role. @example "prod" */
  readonly owner: string;
  /** Partition of the bucket's account. @default "aws" */
  readonly partition?: Partition;
  /** Bucket they may read. @example "flux-prod-raw-111111111111" */
  readonly bucketName: string;
  /** The folder they may read, and no other; with its closing slash. @example "raw/ami/" */
  readonly prefix: string;
  /** Keys of KMS that the files are encrypted with. @default none */
  readonly kmsKeyArns?: readonly string[];
  /** IAM user of their Snowflake account, as their integration shows it. @default nobody may assume the role yet */
  readonly snowflakeIamUserArn?: string;
  /** External ID, at least 16 characters. @default a random one, made once and kept */
  readonly externalId?: string;
  /** Policy that bounds what the role may ever do. @default none */
  readonly permissionsBoundary?: string;
  /** Tags of the role. */
  readonly tags?: Record<string, string>;
  /** Escape hatch for each child. */
  readonly transform?: {
    readonly role?: Transform<RoleArgs>;
    readonly readPolicy?: Transform<RolePolicyArgs>;
  };
}

/**
 * A role of the partner's own, in the bucket's account, for the storage integration in their Snowflake account. Their
 * integration must name the role before it tells its IAM user, so the role is first made for nobody and opened later.
 * Deleting it ends their access at once; no other partner's role is touched.
 * @example new PartnerRole("gridworks", { partner: "gridworks", owner: "prod", bucketName, prefix: "raw/ami/" })
 */
export class PartnerRole extends pulumi.ComponentResource {
  readonly roleArn: pulumi.Output<string>;
  readonly externalId: pulumi.Output<string>;
  /** Folder they may read. @example "s3://bucket/raw/ami/" */
  readonly url: string;

  constructor(name: string, args: PartnerRoleArgs, options?: pulumi.ComponentResourceOptions) {
    super("flux-ami:index:PartnerRole", name, {}, options);
    const { partner, owner, partition = "aws", bucketName, prefix, transform = {} } = args;
    const roleName = partnerRoleName(owner, partner);
    this.url = storageUrl(partition, bucketName, prefix);
    this.externalId = args.externalId
      ? pulumi.output(args.externalId)
      : new random.RandomId(`${name}-external-id`, { byteLength: 16 }, { parent: this }).hex;

    const role = new Role(
      `${name}-role`,
      ...child(
        transform.role,
        {
          name: roleName,
          description: `Partner ${partner} reads ${this.url} from their own Snowflake account`,
          assumeRolePolicy: policyJson([
            args.snowflakeIamUserArn
              ? assumeWithExternalId(args.snowflakeIamUserArn, this.externalId)
              : nobodyAssumes(),
          ]),
          forceDetachPolicies: true,
          ...(args.permissionsBoundary && { permissionsBoundary: args.permissionsBoundary }),
          ...(args.tags && { tags: args.tags }),
        },
        keepsName({ parent: this, deleteBeforeReplace: true }),
      ),
    );
    // It stays what it is also when its partner or its owner is called otherwise: the partner's integration names it.
    this.roleArn = role.arn;
    const readPolicy = new RolePolicy(
      `${name}-read-policy`,
      ...child(
        transform.readPolicy,
        {
          name: "read-raw-readings",
          role: role.name,
          policy: policyJson([
            ...readFolder({ bucketArn: `arn:${partition}:s3:::${bucketName}`, prefix }),
            ...decryptObjects(args.kmsKeyArns ?? []),
          ]),
        },
        { parent: this },
      ),
    );
    ownPolicies(name, role, [readPolicy], { parent: this });
    this.registerOutputs();
  }
}

/** Carries owner and partner, so that no two of them meet in one account. */
export function partnerRoleName(owner: string, partner: string): string {
  const roleName = `flux-${owner}-partner-${partner}`;
  if (roleName.length <= 64) return roleName;
  throw new pulumi.RunError(
    `the partner's role would be called ${roleName}, which has ${roleName.length} characters; IAM takes 64; ` +
      "set flux-ami:partner to a shorter name",
  );
}
