/** Pairs of documents, and whether the second can be proved to give no more than the first. */

/** A variable, filled in from the request. */
export const WHO = `\${who}`;

export const allow = {
  Effect: "Allow",
  Principal: { AWS: "arn:aws:iam::111122223333:role/r" },
  Action: "s3:GetObject",
  Resource: "arn:aws:s3:::b/raw/*",
};
/** Roles of an account by the condition that means them. */
export const byArn = (...names: string[]) => ({
  ...allow,
  Principal: { AWS: "111122223333" },
  Condition: {
    ArnEquals: { "aws:PrincipalArn": names.map((name) => `arn:aws:iam::111122223333:role/${name}`) },
  },
});
export const deny = {
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: "arn:aws:s3:::b/*",
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};
const { Principal: _nobody, ...nobodys } = allow;
export const identity = nobodys;
const assume = { Effect: "Allow", Principal: { AWS: "111122223333" }, Action: "sts:AssumeRole" };
const own = `arn:aws:s3:::b/${WHO}/*`;
const when = (operator: string, ...values: string[]) => ({
  ...allow,
  Condition: { [operator]: { k: values } },
});
const everybodyBut = (...roles: string[]) => ({
  ...deny,
  Principal: undefined,
  NotPrincipal: { AWS: roles.map((role) => `arn:aws:iam::111122223333:role/${role}`) },
});
export const cases: [string, object[], object[], boolean][] = [
  ["the same", [allow], [allow], true],
  [
    "a statement in two",
    [{ ...allow, Action: ["s3:GetObject", "s3:GetObjectVersion"] }],
    [allow, { ...allow, Action: "s3:GetObjectVersion" }],
    true,
  ],
  [
    "two statements in one",
    [allow, { ...allow, Action: "s3:GetObjectVersion" }],
    [{ ...allow, Action: ["s3:GetObjectVersion", "s3:GetObject"] }],
    true,
  ],
  [
    "an account's number for its root",
    [{ ...allow, Principal: { AWS: "111122223333" } }],
    [{ ...allow, Principal: { AWS: "arn:aws:iam::111122223333:root" } }],
    true,
  ],
  ["a user of an account that is let in", [{ ...allow, Principal: { AWS: "111122223333" } }], [allow], false],
  ["a role by condition for that role", [allow], [byArn("r")], true],
  ["that role for the same by condition", [byArn("r")], [allow], false],
  ["one of several by condition", [byArn("r", "s")], [byArn("s")], true],
  ["one more by condition", [byArn("r")], [byArn("r", "s")], false],
  [
    "a role by condition for its account",
    [{ ...allow, Principal: { AWS: "111122223333" } }],
    [byArn("r")],
    true,
  ],
  [
    "its account for a role by condition",
    [byArn("r")],
    [{ ...allow, Principal: { AWS: "111122223333" } }],
    false,
  ],
  ["a pattern by condition for a role", [allow], [byArn("r*")], false],
  [
    "an ARN by condition in an account that is not let in",
    [allow],
    [{ ...byArn("s"), Principal: { AWS: "444455556666" } }],
    true,
  ],
  ["a folder below", [allow], [{ ...allow, Resource: "arn:aws:s3:::b/raw/x/*" }], true],
  ["a folder beside", [allow], [{ ...allow, Resource: "arn:aws:s3:::b/raw*" }], false],
  [
    "a wildcard over a colon",
    [{ ...allow, Resource: "arn:aws:*" }],
    [{ ...allow, Resource: "arn:aws:s3:::b/raw/*" }],
    false,
  ],
  ["a condition more", [allow], [{ ...allow, Condition: { StringEquals: { k: "v" } } }], true],
  ["a condition fewer", [{ ...allow, Condition: { StringEquals: { k: "v" } } }], [allow], false],
  [
    "a value more",
    [{ ...allow, Condition: { StringEquals: { k: "v" } } }],
    [{ ...allow, Condition: { StringEquals: { k: ["v", "w"] } } }],
    false,
  ],
  [
    "a value more that it must not be",
    [{ ...allow, Condition: { StringNotEquals: { k: "v" } } }],
    [{ ...allow, Condition: { StringNotEquals: { k: ["v", "w"] } } }],
    true,
  ],
  [
    "an exact value for a pattern",
    [{ ...allow, Condition: { StringLike: { k: "v*" } } }],
    [{ ...allow, Condition: { StringEquals: { k: "vx" } } }],
    true,
  ],
  [
    "a key that need not be there",
    [{ ...allow, Condition: { StringEquals: { k: "v" } } }],
    [{ ...allow, Condition: { StringEqualsIfExists: { k: "v" } } }],
    false,
  ],
  ["a Deny gone", [allow, deny], [allow], false],
  ["a Deny that says more", [allow, deny], [allow, { ...deny, Resource: "*" }], true],
  [
    "a Deny under a condition more",
    [allow, deny],
    [allow, { ...deny, Condition: { ...deny.Condition, StringEquals: { k: "v" } } }],
    false,
  ],
  [
    "a Deny with no value",
    [allow, deny],
    [allow, { ...deny, Condition: { Bool: { "aws:SecureTransport": [] } } }],
    false,
  ],
  ["one role for everybody", [{ ...allow, Principal: "*" }], [allow], true],
  [
    "a service, which is nobody of AWS",
    [{ ...allow, Principal: "*" }],
    [{ ...allow, Principal: { Service: "logging.s3.amazonaws.com" } }],
    false,
  ],
  ["an action in other letters", [allow], [{ ...allow, Action: "S3:getobject" }], true],
  ["the same of nobody in particular", [identity], [identity], true],
  ["somebody's for nobody's in particular", [identity], [allow], false],
  ["nobody's in particular for somebody's", [allow], [identity], false],
  ["the same without a resource", [assume], [assume], true],
  ["a resource where there was none", [assume], [{ ...assume, Resource: "*" }], false],
  ["none where there was a resource", [{ ...assume, Resource: "*" }], [assume], false],
  [
    "fewer actions by one exception more",
    [{ ...identity, Action: undefined, NotAction: "s3:Delete*" }],
    [{ ...identity, Action: undefined, NotAction: ["s3:Put*", "s3:Delete*"] }],
    true,
  ],
  [
    "more actions by an exception fewer",
    [{ ...identity, Action: undefined, NotAction: ["s3:Put*", "s3:Delete*"] }],
    [{ ...identity, Action: undefined, NotAction: "s3:Delete*" }],
    false,
  ],
  [
    "an action among all but one",
    [{ ...identity, Action: undefined, NotAction: "s3:Put*" }],
    [identity],
    false,
  ],
  ["all but the same", [everybodyBut("a", "b")], [everybodyBut("b", "a")], true],
  ["all but one fewer", [everybodyBut("a", "b")], [everybodyBut("a")], false],
  ["all but one more", [everybodyBut("a")], [everybodyBut("a", "b")], false],
  ["all but one for all", [everybodyBut("a")], [{ ...deny, Condition: undefined }], false],
  ["the same by a variable", [{ ...allow, Resource: own }], [{ ...allow, Resource: own }], true],
  ["everything for a variable", [{ ...allow, Resource: "*" }], [{ ...allow, Resource: own }], true],
  [
    "a variable for what it may be",
    [{ ...allow, Resource: own }],
    [{ ...allow, Resource: own.replace(/\$.*/, "x/*") }],
    false,
  ],
  [
    "an ARN by another name of the operator",
    [when("ArnLike", "arn:aws:s3:::b")],
    [when("ArnEquals", "arn:aws:s3:::b")],
    true,
  ],
  [
    "one of several ARNs",
    [when("ForAnyValue:ArnEquals", "a:b", "a:c")],
    [when("ForAnyValue:ArnLike", "a:c")],
    true,
  ],
  [
    "an ARN more that it must not be",
    [when("ArnNotEquals", "a:b")],
    [when("ArnNotLike", "a:b", "a:c")],
    true,
  ],
  [
    "an ARN fewer that it must not be",
    [when("ArnNotEquals", "a:b", "a:c")],
    [when("ArnNotLike", "a:b")],
    false,
  ],
  ["a key that has to be there", [when("StringEqualsIfExists", "v")], [when("StringEquals", "v")], true],
  [
    "an exact value for a pattern, if there is one",
    [when("StringLikeIfExists", "v*")],
    [when("StringEquals", "vx")],
    true,
  ],
  ["an exact value beside a pattern", [when("StringLike", "v*")], [when("StringEquals", "vx", "w")], false],
  ["an exact value with a star in it", [when("StringLike", "v*")], [when("StringEquals", "v*x")], false],
  ["a pattern within a pattern", [when("StringLike", "v*")], [when("StringLike", "vx*")], true],
  ["a pattern around a pattern", [when("StringLike", "vx*")], [when("StringLike", "v*")], false],
  ["a pattern's own text", [when("StringEquals", "v*")], [when("StringLike", "v*")], false],
  ["the same variable", [when("StringLike", WHO)], [when("StringLike", WHO)], true],
  ["a variable within a pattern", [when("StringLike", "v*")], [when("StringLike", `v${WHO}`)], true],
  ["a text for a variable", [when("StringLike", WHO)], [when("StringLike", "v")], false],
  [
    "the same of an operator that has an order",
    [when("NumericLessThan", "5")],
    [when("NumericLessThan", "5")],
    true,
  ],
  [
    "a value fewer of such an operator",
    [when("NumericLessThan", "5", "6")],
    [when("NumericLessThan", "5")],
    false,
  ],
  [
    "a value more of such an operator",
    [when("NumericLessThan", "5")],
    [when("NumericLessThan", "5", "6")],
    false,
  ],
  [
    "such an operator for a key that need not be there",
    [when("NumericLessThanIfExists", "5")],
    [when("NumericLessThan", "5")],
    false,
  ],
  [
    "another key",
    [when("StringEquals", "v")],
    [{ ...allow, Condition: { StringEquals: { other: "v" } } }],
    false,
  ],
  ["another operator", [when("StringEquals", "v")], [when("StringNotEquals", "v")], false],
];
