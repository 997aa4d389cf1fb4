import fc from "fast-check";
import { unproved } from "../../policies/containment.ts";
import { contains, matches } from "../../policies/glob.ts";
import { parseDocument, type Statement } from "../../policies/iam-document.ts";

/** A variable, filled in from the request. */
const WHO = `\${who}`;

/** A tiny evaluator of one document, written from the manual's rules and not from the proof. */
interface Request {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | undefined>>;
}

function allowed(statements: readonly Statement[], request: Request): boolean {
  const meant = statements.filter((statement) => speaksOf(statement, request));
  return meant.some(({ effect }) => effect === "Allow") && meant.every(({ effect }) => effect === "Allow");
}

function speaksOf({ principals, actions, resources, conditions }: Statement, request: Request): boolean {
  const filled = (pattern: string) => pattern.replace(WHO, request.context.who ?? "");
  const among = (patterns: readonly string[], text: string) =>
    patterns.some((pattern) => matches(filled(pattern), text));
  const whom = principals?.list.some(({ id }) => id === "*" || id === request.principal) ?? true;
  return (
    whom !== (principals?.not ?? false) &&
    among(actions.patterns, request.action) !== actions.not &&
    (resources === undefined || among(resources.patterns, request.resource) !== resources.not) &&
    conditions.every(({ operator, key, values }) => {
      const value = request.context[key];
      const [, negated, base] = /^string(not)?(equals|like)/.exec(operator) ?? [];
      if (value === undefined) return operator.endsWith("ifexists") || negated !== undefined;
      const hit = values.some((wanted) =>
        base === "like" ? matches(filled(wanted), value) : filled(wanted) === value,
      );
      return hit !== (negated !== undefined);
    })
  );
}

const some = <T>(...values: T[]) => fc.constantFrom(...values);
const list = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 2 });
const key = some("raw/*", "raw/a*", "raw/ab", "raw/?b", "*", "*b", "raw/*/b", WHO, `raw/${WHO}`, "r*w/a?");
const text = some("raw/", "raw/a", "raw/ab", "raw/a/b", "raw/b", "b", "", "raw/x*", "rw/ab");
const matcher = (name: string, one: fc.Arbitrary<string>) =>
  fc.tuple(fc.boolean(), list(one)).map(([not, patterns]) => ({ [not ? `Not${name}` : name]: patterns }));
const condition = fc.option(
  fc
    .tuple(
      some("StringEquals", "StringLike", "StringNotEquals", "StringNotLike"),
      some("", "IfExists"),
      some("k", "l"),
      list(some("raw/a", "raw/*", "raw/ab", "*", "b", WHO)),
    )
    .map(([operator, suffix, key, values]) => ({
      Condition: { [`${operator}${suffix}`]: { [key]: values } },
    })),
  { nil: {} },
);
const statement = fc
  .tuple(
    some("Allow", "Allow", "Deny"),
    matcher("Principal", some("*", "alice", "bob")).map(({ Principal, NotPrincipal }) =>
      Principal ? { Principal: { AWS: Principal } } : { NotPrincipal: { AWS: NotPrincipal } },
    ),
    matcher("Action", some("s3:get*", "s3:getobject", "s3:put?", "*")),
    matcher("Resource", key),
    condition,
  )
  .map(([Effect, ...parts]) => Object.assign({ Effect }, ...parts) as object);
const document = fc.array(statement, { maxLength: 3 });
const request: fc.Arbitrary<Request> = fc.record({
  principal: some("alice", "bob", "carol"),
  action: some("s3:getobject", "s3:getacl", "s3:putx", "sts:x"),
  resource: text,
  context: fc.record({
    k: fc.option(text, { nil: undefined }),
    l: fc.option(text, { nil: undefined }),
    who: text,
  }),
});

const parse = (statements: readonly object[]) =>
  parseDocument({ Version: "2012-10-17", Statement: statements });

/** A document and one that came of it by leaving out, repeating, reordering and adding statements, so that proofs succeed. */
const pair = fc.tuple(document, document, fc.infiniteStream(fc.nat(9))).map(([before, fresh, dice]) => {
  const roll = () => dice.next().value as number;
  const kept = before.filter((one) => roll() > 1 || (one as { Effect: string }).Effect === "Deny");
  const narrowed = kept.map((one) =>
    roll() > 5
      ? { ...one, Condition: { StringEquals: { k: "raw/a" }, ...(one as { Condition?: object }).Condition } }
      : one,
  );
  const added = fresh.filter((one) => (one as { Effect: string }).Effect === "Deny" || roll() > 7);
  return [before, roll() > 4 ? [...narrowed, ...added].reverse() : [...narrowed, ...added]] as const;
});

describe("the containment proof", () => {
  test("what it claims to be contained, no request contradicts", () => {
    let proved = 0;
    fc.assert(
      fc.property(pair, fc.array(request, { minLength: 20, maxLength: 20 }), ([old, now], requests) => {
        const [before, after] = [parse(old), parse(now)];
        if (unproved(before, after).length > 0) return;
        proved += 1;
        for (const one of requests) if (allowed(after, one)) expect(allowed(before, one)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
    // A proof that never succeeds would hold as well.
    expect(proved).toBeGreaterThan(500);
  });

  test("a pattern that contains another matches all that the other matches", () => {
    const pattern = fc.string({ unit: some("a", "b", "*", "?"), maxLength: 6 });
    const plain = fc.string({ unit: some("a", "b", "c"), maxLength: 8 });
    fc.assert(
      fc.property(
        pattern,
        pattern,
        fc.array(plain, { minLength: 10, maxLength: 10 }),
        (wide, narrow, texts) => {
          if (!contains(wide, narrow)) return;
          for (const one of texts) if (matches(narrow, one)) expect(matches(wide, one)).toBe(true);
        },
      ),
      { numRuns: 5_000 },
    );
    fc.assert(fc.property(pattern, (same) => expect(contains(same, same)).toBe(true)));
  });

  const allow = {
    Effect: "Allow",
    Principal: { AWS: "arn:aws:iam::111122223333:role/r" },
    Action: "s3:GetObject",
    Resource: "arn:aws:s3:::b/raw/*",
  };
  /** Roles of an account by the condition that means them. */
  const byArn = (...names: string[]) => ({
    ...allow,
    Principal: { AWS: "111122223333" },
    Condition: {
      ArnEquals: { "aws:PrincipalArn": names.map((name) => `arn:aws:iam::111122223333:role/${name}`) },
    },
  });
  const deny = {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: "arn:aws:s3:::b/*",
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
  const { Principal: _nobody, ...identity } = allow;
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
  const cases: [string, object[], object[], boolean][] = [
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
    [
      "a user of an account that is let in",
      [{ ...allow, Principal: { AWS: "111122223333" } }],
      [allow],
      false,
    ],
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
  test("what is not covered is told, for whom it is not alone", () => {
    const [added, ...more] = unproved(parse([byArn("r")]), parse([byArn("r", "s")]));
    expect(more).toEqual([]);
    expect(added).toMatchObject({
      side: "added",
      statement: {
        principals: { not: false, list: [{ type: "AWS", id: "111122223333" }] },
        conditions: [{ key: "aws:principalarn", values: ["arn:aws:iam::111122223333:role/s"] }],
      },
    });
    const other = { ...allow, Principal: { AWS: ["444455556666", "111122223333"] } };
    expect(unproved(parse([{ ...allow, Principal: { AWS: "444455556666" } }]), parse([other]))).toMatchObject(
      [{ side: "added", statement: { principals: { list: [{ id: "111122223333" }] } } }],
    );
    expect(unproved(parse([allow, deny]), parse([allow]))).toMatchObject([
      { side: "removed", statement: { effect: "Deny" } },
    ]);
    expect(unproved(parse([]), parse([identity]))).toMatchObject([
      { side: "added", statement: { effect: "Allow" } },
    ]);
  });

  test.each(cases)("%s", (_what, before, after, proved) => {
    expect(unproved(parse(before), parse(after)).length === 0).toBe(proved);
  });

  test("a variable that is plain text in an older version is not the same", () => {
    const variable = { ...allow, Resource: `arn:aws:s3:::b/${"$"}{aws:username}/*` };
    expect(
      unproved(parse([variable]), parseDocument({ Version: "2008-10-17", Statement: [variable] })),
    ).toHaveLength(1);
  });
});
