/**
 * Types that the stack may not have, and what one of them would mean. Every type outside of
 * policies/resource-types.ts is a danger; the words here only help whoever reads it.
 */
const MEANINGS: readonly [RegExp, string][] = [
  [/^aws:iam\/accessKey:/, "An access key works from anywhere, for whoever holds it."],
  [
    /^aws:iam\/(user|group|sshKey|serviceSpecificCredential|signingCertificate|virtualMfa)/,
    "A person or program gets an identity in the account.",
  ],
  [/^aws:iam\/.*(Attachment|Exclusive)/, "It attaches policies whose text is not here, or takes others off."],
  [/^aws:iam\/(policy|userPolicy|groupPolicy):/, "It says what an identity may do, and no rule reads it."],
  [/^aws:iam\/(instanceProfile|serviceLinkedRole):/, "Machines or services get a role's rights."],
  [/^aws:iam\/(openIdConnectProvider|samlProvider):/, "Whoever that provider vouches for can take on roles."],
  [/^aws:rolesanywhere|^aws:identitystore|^aws:ssoadmin/, "Somebody outside can take on roles."],
  [
    /^aws:s3\/bucketObject|^aws:s3\/objectCopy/,
    "It writes an object, maybe with an ACL of its own, where readings are loaded from.",
  ],
  [/^aws:s3\/bucketAcl|^aws:s3\/bucketAclV2/, "An ACL lets others read or write, beside the bucket policy."],
  [/^aws:s3\/bucketWebsite|^aws:s3\/bucketCors/, "The bucket is served to browsers."],
  [
    /^aws:s3\/bucketReplication|^aws:s3control\/.*[rR]eplication/,
    "Every object is copied to another bucket, whose policy nobody here reads.",
  ],
  [/^aws:s3\/bucketLifecycle/, "Objects expire: raw readings are deleted, without anybody deleting them."],
  [
    /^aws:s3\/bucketVersioning|^aws:s3\/bucketObjectLock/,
    "Overwritten and deleted objects are kept or not kept any more.",
  ],
  [
    /^aws:s3\/(inventory|analytics)|^aws:s3\/bucketLogging|^aws:s3\/bucketNotification|^aws:s3\/bucketMetadata/,
    "Names of objects, or events about them, go somewhere else.",
  ],
  [/^aws:s3\/accessPoint|^aws:s3control\//, "An access point has a policy of its own, beside the bucket's."],
  [/^aws:kms\//, "Keys and grants on them decide who can read what is encrypted."],
  [
    /^aws:(lambda|ec2|ecs|sns|sqs|cloudwatch|scheduler|codebuild|glue|transfer|datasync)/,
    "It runs or sends something under rights that nobody here reads.",
  ],
  [/^aws:organizations|^aws:account|^aws:ram/, "It changes or shares the account itself."],
  [/^snowflake:index\/(user|serviceUser|legacyServiceUser|userPublicKeys)/, "Somebody can log in."],
  [/^snowflake:index\/grant/, "Somebody gains privileges or a role, in a way that no rule reads."],
  [
    /^snowflake:index\/.*(networkPolicy|networkRule|authenticationPolicy|passwordPolicy|PolicyAttachment)/i,
    "From where, and how, one can log in changes.",
  ],
  [
    /^snowflake:index\/.*(Oauth|saml2|scim|apiAuthentication|Integration)/i,
    "An integration lets somebody in, or data out.",
  ],
  [
    /^snowflake:index\/(task|procedure|function|externalFunction|alert|pipe|streamlit|dynamicTable|cortexSearch)/,
    "It runs code, maybe with its owner's rights.",
  ],
  [
    /^snowflake:index\/(maskingPolicy|rowAccessPolicy|tableColumnMasking|tag)/,
    "What consumers see of rows and columns changes.",
  ],
  [
    /^snowflake:index\/(failoverGroup|secondary|primaryConnection|managedAccount|account)/,
    "Data or the account itself goes to another account, or its settings change.",
  ],
  [
    /^snowflake:index\/(view|materializedView|externalTable|stream)/,
    "It shows data to whoever is granted it.",
  ],
  [/^snowflake:index\/secret/, "It keeps a secret that code can use."],
  [
    /^(command|docker|docker-build|kubernetes|null|local):/,
    "It runs commands on the machine that deploys, with its rights.",
  ],
  [
    /^pulumi-nodejs:dynamic|^pulumi-python:dynamic/,
    "It is code of its own, which runs on the machine that deploys, with its rights.",
  ],
];

/** What a type outside of the known ones means. */
export function meaningOf(type: string): string {
  const known = MEANINGS.find(([pattern]) => pattern.test(type))?.[1];
  return `${known ? `${known} ` : ""}No judge knows this type, so nobody has looked what it gives, costs or deletes.`;
}
