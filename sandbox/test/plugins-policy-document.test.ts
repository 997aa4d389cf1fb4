import fc from "fast-check";
import { samePolicy } from "../plugins/aws/policy-document.ts";

const policy = (statement: object): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });

describe("two policies are the same", () => {
  it.each([
    ["one action alone or in a list", { Action: "s3:Get*" }, { Action: ["s3:Get*"] }],
    ["actions in another order", { Action: ["s3:A", "s3:B"] }, { Action: ["s3:B", "s3:A"] }],
    ["actions in another case", { Action: "S3:getobject" }, { Action: "s3:GetObject" }],
    ["resources in another order", { Resource: ["a", "b"] }, { Resource: ["b", "a"] }],
    ["anybody", { Principal: "*" }, { Principal: { AWS: "*" } }],
    [
      "an account and its root",
      { Principal: { AWS: "111111111111" } },
      { Principal: { AWS: ["arn:aws:iam::111111111111:root"] } },
    ],
    [
      "conditions whose keys differ in case, and values in kind",
      { Condition: { Bool: { "aws:SecureTransport": false } } },
      { Condition: { Bool: { "aws:securetransport": ["false"] } } },
    ],
  ])("%s", (_name, a, b) => {
    expect(samePolicy(policy(a), policy(b))).toBe(true);
  });

  it("one statement alone or in a list", () => {
    const statement = { Effect: "Allow", Action: "s3:*", Resource: "*" };
    expect(
      samePolicy(JSON.stringify({ Statement: statement }), JSON.stringify({ Statement: [statement] })),
    ).toBe(true);
  });

  it("whatever the order of keys and the spaces between", () => {
    const json = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.array(fc.string())));
    fc.assert(
      fc.property(json, json, (condition, other) => {
        const statement = {
          Effect: "Allow",
          Action: ["b", "a"],
          Resource: "*",
          Condition: { A: condition, B: other },
        };
        const turned = Object.fromEntries(Object.entries(statement).reverse());
        return samePolicy(
          JSON.stringify({ Statement: [statement] }),
          JSON.stringify({ Statement: [turned] }, null, 2),
        );
      }),
    );
  });
});

describe("two policies differ", () => {
  it.each([
    ["by effect", { Effect: "Allow" }, { Effect: "Deny" }],
    ["by an action more", { Action: ["s3:A"] }, { Action: ["s3:A", "s3:B"] }],
    ["by a resource's case", { Resource: "arn:aws:s3:::b/Raw" }, { Resource: "arn:aws:s3:::b/raw" }],
    [
      "by principal kind",
      { Principal: { AWS: "111111111111" } },
      { Principal: { CanonicalUser: "111111111111" } },
    ],
    [
      "by external ID's case",
      { Condition: { StringEquals: { "sts:ExternalId": "a" } } },
      { Condition: { StringEquals: { "sts:ExternalId": "A" } } },
    ],
    ["by a condition that is missing", { Condition: { Bool: { x: "true" } } }, {}],
  ])("%s", (_name, a, b) => {
    expect(samePolicy(policy(a), policy(b))).toBe(false);
  });

  it("when one of them is no JSON", () => {
    expect(samePolicy("{", policy({}))).toBe(false);
  });
});
