import fc from "fast-check";
import { unproved } from "../../policies/containment.ts";
import { contains, matches } from "../../policies/glob.ts";
import { parseDocument, type Statement } from "../../policies/iam-document.ts";
import { allow, byArn, cases, deny, identity, WHO } from "./review-containment-cases.ts";

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
