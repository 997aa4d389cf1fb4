import { READINGS_CLUSTER_BY, READINGS_COLUMNS } from "../../components/readings-columns.ts";
import type { Declared } from "./judge.ts";

const BUCKET = "flux-prod-raw-111122223333";
const ARN = `arn:aws:s3:::${BUCKET}`;
const PARTNER = "arn:aws:iam::444455556666:role/reader";
const SNOWFLAKE = "arn:aws:iam::777788889999:user/abc1-b-self1234";

/** Documents of the stack as objects, so that a test changes one thing and leaves the rest. */
export const documents = {
  bucket: () => ({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "RefusePlainHttp",
        Effect: "Deny",
        Principal: "*" as unknown,
        Action: "s3:*" as unknown,
        Resource: [ARN, `${ARN}/*`] as unknown,
        Condition: { Bool: { "aws:SecureTransport": "false" } } as unknown,
      },
      {
        Sid: "GridworksReads",
        Effect: "Allow",
        Principal: { AWS: PARTNER } as unknown,
        Action: ["s3:GetObject", "s3:GetObjectVersion"] as unknown,
        Resource: `${ARN}/raw/ami/*` as unknown,
        Condition: {} as unknown,
      },
      {
        Sid: "GridworksLists",
        Effect: "Allow",
        Principal: { AWS: [PARTNER] } as unknown,
        Action: "s3:ListBucket" as unknown,
        Resource: ARN as unknown,
        Condition: { StringLike: { "s3:prefix": ["raw/ami/*"] } } as unknown,
      },
    ],
  }),
  trust: () => ({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: SNOWFLAKE } as unknown,
        Action: "sts:AssumeRole" as unknown,
        Condition: { StringEquals: { "sts:ExternalId": "flux-7f3c9a1e5b2d4860" } } as unknown,
      },
    ],
  }),
  role: () => ({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["s3:GetObject"] as unknown, Resource: [`${ARN}/raw/ami/*`] as unknown },
      {
        Effect: "Allow",
        Action: ["s3:ListBucket", "s3:GetBucketLocation"] as unknown,
        Resource: ARN as unknown,
        Condition: { StringLike: { "s3:prefix": "raw/ami/*" } } as unknown,
      },
    ],
  }),
};

/** The resources of a production stack, by name; each call makes new ones, free to be changed. */
export function productionStack() {
  const stack = {
    bucket: {
      type: "aws:s3/bucket:Bucket",
      name: "raw",
      protect: true,
      props: { bucket: BUCKET, forceDestroy: false, tags: { project: "flux-ami" } },
    },
    publicAccess: {
      type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
      name: "raw-public-access",
      props: {
        bucket: BUCKET,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
    },
    ownership: {
      type: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
      name: "raw-ownership",
      props: { bucket: BUCKET, rule: { objectOwnership: "BucketOwnerEnforced" } },
    },
    encryption: {
      type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
      name: "raw-encryption",
      props: {
        bucket: BUCKET,
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
      },
    },
    bucketPolicy: {
      type: "pulumi-nodejs:dynamic/flux-ami:BucketPolicyStatements",
      name: "raw-policy",
      props: {
        bucket: BUCKET,
        policy: JSON.stringify(documents.bucket()),
        keepOthers: false,
        own: [],
        lasting: [],
      },
    },
    role: {
      type: "aws:iam/role:Role",
      name: "trust-role",
      protect: true,
      props: {
        name: "flux-prod-snowflake-raw-ami",
        assumeRolePolicy: JSON.stringify(documents.trust()),
        permissionsBoundary: "arn:aws:iam::111122223333:policy/bounds",
      },
    },
    rolePolicy: {
      type: "aws:iam/rolePolicy:RolePolicy",
      name: "trust-read",
      props: { role: "flux-prod-snowflake-raw-ami", policy: JSON.stringify(documents.role()) },
    },
    integration: {
      type: "snowflake:index/storageIntegration:StorageIntegration",
      name: "trust-integration",
      protect: true,
      props: {
        name: "FLUX_PROD_S3_INTEGRATION",
        type: "EXTERNAL_STAGE",
        storageProvider: "S3",
        enabled: true,
        storageAwsRoleArn: "arn:aws:iam::111122223333:role/flux-prod-snowflake-raw-ami",
        storageAllowedLocations: [`s3://${BUCKET}/raw/ami/`],
      },
    },
    externalId: {
      type: "random:index/randomId:RandomId",
      name: "trust-external-id",
      props: { byteLength: 16 },
    },
    pin: {
      type: "snowflake:index/execute:Execute",
      name: "trust-pinned-external-id",
      props: {
        execute: `ALTER STORAGE INTEGRATION "FLUX_PROD_S3_INTEGRATION" SET STORAGE_AWS_EXTERNAL_ID = 'flux-7f3c9a1e5b2d4860' -- of 2026-11-01 10:00:00.000 -0800 PST`,
        revert: "SELECT 1",
      },
    },
    stage: {
      type: "snowflake:index/stage:Stage",
      name: "stage",
      from: { storageIntegration: ["trust-integration"] },
      props: {
        database: "FLUX_PROD",
        schema: "PRODUCTION",
        name: "EXT_RAW_AMI",
        url: `s3://${BUCKET}/raw/ami/`,
        storageIntegration: "FLUX_PROD_S3_INTEGRATION",
        fileFormat: 'FORMAT_NAME = "FLUX_PROD"."PRODUCTION"."PARQUET_SNAPPY"',
      },
    },
    relink: {
      type: "snowflake:index/execute:Execute",
      name: "stage-relink",
      from: { execute: ["trust-integration"] },
      props: {
        execute: `ALTER STAGE "FLUX_PROD"."PRODUCTION"."EXT_RAW_AMI" SET STORAGE_INTEGRATION = "FLUX_PROD_S3_INTEGRATION"`,
        revert: "SELECT 1",
      },
    },
    fileFormat: {
      type: "snowflake:index/fileFormat:FileFormat",
      name: "file-format",
      props: {
        database: "FLUX_PROD",
        schema: "PRODUCTION",
        name: "PARQUET_SNAPPY",
        formatType: "PARQUET",
        compression: "SNAPPY",
      },
    },
    database: {
      type: "snowflake:index/database:Database",
      name: "readings-database",
      protect: true,
      props: { name: "FLUX_PROD", comment: "Smart-meter readings" },
    },
    schema: {
      type: "snowflake:index/schema:Schema",
      name: "readings-schema",
      protect: true,
      props: { database: "FLUX_PROD", name: "PRODUCTION" },
    },
    table: {
      type: "snowflake:index/table:Table",
      name: "readings",
      protect: true,
      props: {
        database: "FLUX_PROD",
        schema: "PRODUCTION",
        name: "AMI_INTERVAL_READINGS",
        columns: READINGS_COLUMNS.map(({ name, type }) => ({ name, type: type as string })),
        clusterBies: [...READINGS_CLUSTER_BY] as string[],
      },
    },
    monitor: {
      type: "snowflake:index/resourceMonitor:ResourceMonitor",
      name: "monitor",
      props: { name: "FLUX_PROD_MONITOR", creditQuota: 100, frequency: "MONTHLY", suspendTrigger: 100 },
    },
    warehouse: {
      type: "snowflake:index/warehouse:Warehouse",
      name: "warehouse",
      props: {
        name: "FLUX_PROD_LOAD_WH",
        warehouseSize: "MEDIUM",
        autoSuspend: 60,
        autoResume: "true",
        statementTimeoutInSeconds: 14_400,
        resourceMonitor: "FLUX_PROD_MONITOR",
      },
    },
    grant: {
      type: "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole",
      name: "loader-table",
      props: {
        accountRoleName: "FLUX_PROD_LOADER",
        privileges: ["INSERT", "SELECT"],
        onSchemaObject: {
          objectType: "TABLE",
          objectName: '"FLUX_PROD"."PRODUCTION"."AMI_INTERVAL_READINGS"',
        },
      },
    },
    loader: {
      type: "snowflake:index/accountRole:AccountRole",
      name: "loader-role",
      props: { name: "FLUX_PROD_LOADER", comment: "Loads and verifies meter readings" },
    },
    member: {
      type: "snowflake:index/grantAccountRole:GrantAccountRole",
      name: "loader-deployer",
      props: { roleName: "FLUX_PROD_LOADER", parentRoleName: "FLUX_PROD_DEPLOYER" },
    },
    share: {
      type: "snowflake:index/share:Share",
      name: "gridworks",
      props: { name: "FLUX_PROD_GRIDWORKS" },
    },
    opening: {
      type: "pulumi-nodejs:dynamic/flux-ami:ShareAccounts",
      name: "gridworks-accounts",
      props: { share: "FLUX_PROD_GRIDWORKS", accounts: ["PARTNERCO.ANALYTICS"] },
    },
    shareGrant: {
      type: "snowflake:index/grantPrivilegesToShare:GrantPrivilegesToShare",
      name: "gridworks-table",
      props: {
        toShare: "FLUX_PROD_GRIDWORKS",
        privileges: ["SELECT"],
        onTable: '"FLUX_PROD"."PRODUCTION"."AMI_INTERVAL_READINGS"',
      },
    },
    load: {
      type: "pulumi-nodejs:dynamic/flux-ami:VerifiedLoad",
      name: "load",
      props: {
        database: "FLUX_PROD",
        schema: "PRODUCTION",
        table: "AMI_INTERVAL_READINGS",
        stage: "EXT_RAW_AMI",
        stageUrl: `s3://${BUCKET}/raw/ami/`,
        path: "ami_interval_readings/",
        role: "FLUX_PROD_LOADER",
        warehouse: "FLUX_PROD_LOAD_WH",
        metersTable: "FLUX_REFERENCE.PRODUCTION.METER_INFRASTRUCTURE",
        expectedFrom: "2025-01-01",
        expectedTo: "2025-04-30",
        loadSize: "XLARGE",
        restSize: "MEDIUM",
        statementTimeoutSeconds: 14400,
        onDelete: "retain",
        quality: { voltage: { severity: "warn" } },
      },
    },
  };
  return stack satisfies Record<string, Declared> as { [K in keyof typeof stack]: Declared };
}

export type StackName = keyof ReturnType<typeof productionStack>;
