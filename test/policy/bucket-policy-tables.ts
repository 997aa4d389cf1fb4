/** What a condition lets in, what refuses plain HTTP, and what does not. */
export const OPEN: [string, object][] = [
  ["everybody but an organization", { StringNotEquals: { "aws:PrincipalOrgID": "o-1" } }],
  ["everybody with a browser of one kind", { StringEquals: { "aws:UserAgent": "curl" } }],
  [
    "everybody who says nothing of an organization",
    { StringEqualsIfExists: { "aws:PrincipalOrgID": "o-1" } },
  ],
  ["all who have no value at all", { "ForAllValues:StringEquals": { "aws:PrincipalOrgID": "o-1" } }],
  ["an account that is a number", { NumericEquals: { "aws:PrincipalAccount": "111122223333" } }],
  ["no value", { StringEquals: { "aws:PrincipalOrgID": [] } }],
  ["a wildcard beside a value", { StringLike: { "aws:PrincipalOrgID": ["o-1", "*"] } }],
  ["any sign", { StringLike: { "aws:PrincipalAccount": "????????????" } }],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM
  ["a variable, which the caller fills in", { StringLike: { "aws:userid": "A${aws:username}" } }],
  ["a role of any account", { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/reader" } }],
  [
    "a role of any account, by two wildcards",
    { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*?:role/reader" } },
  ],
  ["anything of AWS", { ArnLike: { "aws:PrincipalArn": "arn:aws:*" } }],
  ["anything of AWS in China", { ArnLike: { "aws:PrincipalArn": "arn:aws-cn:?am::1:role/reader" } }],
  ["every address", { IpAddress: { "aws:SourceIp": "0.0.0.0/0" } }],
  [
    "half of a network and half of the world",
    { IpAddress: { "aws:SourceIp": ["192.0.2.0/24", "0.0.0.0/1"] } },
  ],
  ["more than a /8", { IpAddress: { "aws:SourceIp": "10.0.0.0/7" } }],
  ["more than a /32 of IPv6", { IpAddress: { "aws:SourceIp": "2001:db8::/31" } }],
];

export const NARROW: [string, object][] = [
  ["an organization, in any case", { StringEqualsIgnoreCase: { "aws:PrincipalOrgID": "O-1" } }],
  ["a part of an organization", { "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-1/r-1/ou-1/*" } }],
  ["a bucket's own notices", { ArnLike: { "aws:SourceArn": "arn:aws:s3:::flux-*" } }],
  ["a role by its ARN", { ArnEquals: { "aws:PrincipalArn": "arn:aws:iam::444455556666:role/reader" } }],
  ["one address", { IpAddress: { "aws:SourceIp": "192.0.2.7" } }],
  ["a /8", { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }],
  ["a /32 of IPv6", { IpAddress: { "aws:SourceIp": "2001:db8::/32" } }],
  [
    "a second condition",
    { Bool: { "aws:SecureTransport": "true" }, StringEquals: { "aws:SourceVpc": "vpc-1" } },
  ],
];

export const BUCKET = "arn:aws:s3:::flux-prod-raw-111122223333";
export const NO_REFUSAL: [string, object][] = [
  ["that allows", { Effect: "Allow", Principal: { AWS: "arn:aws:iam::444455556666:root" } }],
  ["of one account", { Principal: { AWS: "arn:aws:iam::444455556666:root" } }],
  ["of all but one", { Principal: undefined, NotPrincipal: { AWS: "*" } }],
  ["of nobody", { Principal: undefined }],
  ["of reading only", { Action: "s3:GetObject" }],
  ["of all but everything", { Action: undefined, NotAction: "s3:*" }],
  ["of all but the bucket", { Resource: undefined, NotResource: [BUCKET, `${BUCKET}/*`] }],
  ["of nothing", { Resource: undefined }],
  ["of the bucket without its objects", { Resource: BUCKET }],
  ["without a condition", { Condition: undefined }],
  [
    "under a condition that compares texts",
    { Condition: { StringEquals: { "aws:SecureTransport": "false" } } },
  ],
  ["under an operator that is none", { Condition: { BoolIfExistsNot: { "aws:SecureTransport": "false" } } }],
  [
    "under an operator in front of that",
    { Condition: { "ForAllValues:Bool": { "aws:SecureTransport": "false" } } },
  ],
  ["of what came by a service", { Condition: { Bool: { "aws:ViaAWSService": "false" } } }],
  ["of TLS", { Condition: { Bool: { "aws:SecureTransport": "true" } } }],
  ["of both, one of which cannot be", { Condition: { Bool: { "aws:SecureTransport": ["false", "true"] } } }],
];

/** What the stack adds to a bucket that refuses nothing: it has to ask for TLS itself. */
export const NOT_OVER_TLS: [string, object][] = [
  ["compared as a text", { StringEquals: { "aws:SecureTransport": "true" } }],
  ["another key", { Bool: { "aws:ViaAWSService": "true" } }],
  ["no value", { Bool: { "aws:SecureTransport": [] } }],
  ["plain HTTP", { Bool: { "aws:SecureTransport": "false" } }],
  ["either", { Bool: { "aws:SecureTransport": ["true", "false"] } }],
];
