/**
 * The sandbox's stand-in for the aws plugin: the resource types that the stack uses, made by the calls that the
 * official plugin makes, with its names, inputs and outputs.
 */

import sdk from "@pulumi/aws/package.json" with { type: "json" };
import type { Plugin } from "../provider/methods.ts";
import { flag, list, map, object, text } from "../provider/schema.ts";
import { serve } from "../provider/serve.ts";
import { bucket } from "./bucket.ts";
import { bucketPolicy } from "./bucket-policy.ts";
import { encryption, ownership, publicAccessBlock, versioning } from "./bucket-settings.ts";
import { configure } from "./clients.ts";
import { functions } from "./functions.ts";
import { role } from "./role.ts";
import { rolePoliciesExclusive, rolePolicyAttachmentsExclusive } from "./role-policies-exclusive.ts";
import { rolePolicy } from "./role-policy.ts";

const plugin: Plugin = {
  name: "aws",
  version: sdk.version,
  config: {
    region: text(),
    accessKey: text(),
    secretKey: text(),
    token: text(),
    allowedAccountIds: list(text()),
    defaultTags: object({ tags: map(text()) }),
    endpoints: list(object({ iam: text(), s3: text(), sts: text() })),
    s3UsePathStyle: flag(),
    // These only spare the official plugin calls that this one never makes.
    skipCredentialsValidation: flag(),
    skipMetadataApiCheck: flag(),
    skipRegionValidation: flag(),
  },
  configure,
  resources: {
    "aws:s3/bucket:Bucket": bucket,
    "aws:s3/bucketPolicy:BucketPolicy": bucketPolicy,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": publicAccessBlock,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": encryption,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ownership,
    "aws:s3/bucketVersioning:BucketVersioning": versioning,
    "aws:iam/role:Role": role,
    "aws:iam/rolePolicy:RolePolicy": rolePolicy,
    "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive": rolePoliciesExclusive,
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": rolePolicyAttachmentsExclusive,
  },
  functions,
};

serve(plugin);
