/**
 * A proof, small and conservative, that a policy document gives no more than another: every Allow of the new one is
 * covered by one Allow of the old one, and every Deny of the old one by one Deny of the new one. Covered means that
 * principals, actions and resources are contained as globs, and that conditions are the same or more. What is not
 * proved is not therefore wider: somebody has to read it.
 */
import { contains } from "./glob.ts";
import { type Condition, lower, type Matcher, type Principal, type Statement } from "./iam-document.ts";

/** A statement that could not be shown to be covered. */
export interface Unproved {
  readonly side: "added" | "removed";
  readonly statement: Statement;
}

/** What keeps `after` from being proved to give no more than `before`; empty when it is proved. */
export function unproved(before: readonly Statement[], after: readonly Statement[]): Unproved[] {
  const effect = (list: readonly Statement[], wanted: Statement["effect"]) =>
    list.filter((statement) => statement.effect === wanted);
  return [
    ...uncovered(effect(after, "Allow"), effect(before, "Allow")).map(
      (statement) => ({ side: "added", statement }) as const,
    ),
    ...uncovered(effect(before, "Deny"), effect(after, "Deny")).map(
      (statement) => ({ side: "removed", statement }) as const,
    ),
  ];
}

/** Those of `these` of which some part is covered by none of `those`, each narrowed to whom it is not covered for. */
function uncovered(these: readonly Statement[], those: readonly Statement[]): Statement[] {
  return these.flatMap((statement) => {
    const open = parts(statement).filter((part) => !those.some((by) => covers(by, part)));
    return open.length === 0 ? [] : [forWhom(statement, open)];
  });
}

/** A statement for the principals of these parts alone. */
function forWhom(statement: Statement, open: readonly Statement[]): Statement {
  const { principals } = statement;
  if (principals === undefined || principals.not) return statement;
  const unique = new Map(
    open.flatMap((part) => (part.principals?.list ?? []).map((one) => [JSON.stringify(one), one])),
  );
  const arns = new Set(open.flatMap((part) => namedBy(part)?.values ?? []));
  return {
    ...statement,
    principals: { not: false, list: [...unique.values()] },
    conditions: statement.conditions.map((condition) =>
      condition === namedBy(statement)
        ? { ...condition, values: condition.values.filter((arn) => arns.has(arn)) }
        : condition,
    ),
  };
}

/** The condition by which a statement for whole accounts means some of their roles and users, each by its ARN. */
function namedBy({ conditions, variables }: Statement): Condition | undefined {
  return conditions.find(
    ({ operator, key, values }) =>
      key === "aws:principalarn" &&
      /^(arnequals|arnlike|stringequals)$/.test(operator) &&
      values.length > 0 &&
      values.every((arn) => !/[*?]/.test(arn) && !(variables && arn.includes("${"))),
  );
}

/** Who is in an account: an ARN's, or the account itself. */
const accountOf = ({ id }: Principal) => /^(?:arn:[^:]+:iam::)?(\d{12})(?::.*)?$/.exec(id)?.[1];

/**
 * The statement for each of the roles and users that its condition means; as it is without one. A role is in its own account
 * alone, so a principal whose account is known to be another one lets nobody in by it.
 */
function byName(statement: Statement): Statement[] {
  const { principals } = statement;
  const named = namedBy(statement);
  if (named === undefined || principals === undefined || principals.not) return [statement];
  return named.values.flatMap((arn) =>
    principals.list
      .filter((principal) => mayMean(principal, arn))
      .map((principal) => ({
        ...statement,
        principals: { not: false, list: [principal] },
        conditions: statement.conditions.map((condition) =>
          condition === named ? { ...condition, values: [arn] } : condition,
        ),
      })),
  );
}

function mayMean(principal: Principal, arn: string): boolean {
  const [account, other] = [accountOf(principal), accountOf({ type: "AWS", id: arn })];
  return account === undefined || other === undefined || account === other;
}

/** The statement in pieces of one principal, one action and one resource each: what several cover is covered as well. */
function parts(whole: Statement): Statement[] {
  return byName(whole).flatMap(partsOf);
}

function partsOf(statement: Statement): Statement[] {
  const { principals, actions, resources } = statement;
  const each = <T extends Matcher | undefined>(matcher: T): T[] =>
    matcher === undefined || matcher.not
      ? [matcher]
      : matcher.patterns.map((pattern) => ({ not: false, patterns: [pattern] }) as unknown as T);
  const whom =
    principals === undefined || principals.not
      ? [principals]
      : principals.list.map((principal) => ({ not: false, list: [principal] }));
  return whom.flatMap((principals) =>
    each(actions).flatMap((actions) =>
      each(resources).map((resources) => ({
        ...statement,
        actions,
        ...(principals && { principals }),
        ...(resources && { resources }),
      })),
    ),
  );
}

/** True only when everything that `narrow` speaks of, `wide` speaks of too. */
function covers(wide: Statement, narrow: Statement): boolean {
  const inside = (outer: string, inner: string) => patternInside(outer, wide, inner, narrow);
  return (
    principalsInside(wide.principals, narrow) &&
    matcherInside(lowerCase(wide.actions), lowerCase(narrow.actions), inside) &&
    matcherInside(wide.resources, narrow.resources, inside) &&
    wide.conditions.every((condition) =>
      narrow.conditions.some((stricter) => implies(stricter, narrow, condition, wide)),
    )
  );
}

const lowerCase = ({ not, patterns }: Matcher): Matcher => ({
  not,
  patterns: patterns.map(lower),
});

/** An account's number and its root's ARN name the same principal. */
function normal({ type, id }: Principal): string {
  const account = /^(?:arn:[^:]+:iam::)?(\d{12})(?::root)?$/.exec(id)?.[1];
  return type === "AWS" && account !== undefined ? `AWS account ${account}` : `${type} ${id}`;
}

function principalsInside(wide: Statement["principals"], of: Statement): boolean {
  const narrow = of.principals;
  if (wide === undefined || narrow === undefined) return wide === narrow;
  const [outer, inner] = [wide.list.map(normal), narrow.list.map(normal)];
  if (wide.not || narrow.not) {
    // What NotPrincipal leaves over hangs on accounts and sessions as well, so only the same list will do.
    return (
      wide.not &&
      narrow.not &&
      new Set([...outer, ...inner]).size === new Set(outer).size &&
      new Set(outer).size === new Set(inner).size
    );
  }
  // Who is meant by a condition on an ARN may be let in by that ARN.
  const meant = namedBy(of)?.values ?? [];
  if (
    meant.length > 0 &&
    narrow.list.every(({ type }) => type === "AWS") &&
    meant.every((arn) => outer.includes(`AWS ${arn}`))
  )
    return true;
  return inner.every((who) => outer.includes(who) || (outer.includes("AWS *") && who.startsWith("AWS ")));
}

type Inside = (outer: string, inner: string) => boolean;

function matcherInside(wide: Matcher | undefined, narrow: Matcher | undefined, inside: Inside): boolean {
  if (wide === undefined || narrow === undefined) return wide === narrow;
  const all = (inner: Matcher, outer: Matcher) =>
    inner.patterns.every((pattern) => outer.patterns.some((by) => inside(by, pattern)));
  // Everything but a and b lies within everything but a.
  if (wide.not && narrow.not)
    return wide.patterns.every((pattern) => narrow.patterns.some((by) => inside(by, pattern)));
  return !wide.not && !narrow.not && all(narrow, wide);
}

const VARIABLE = /\$\{[^}]*\}/g;

/** Containment of patterns. ARNs are compared segment by segment too: a wildcard may or may not reach over a colon. */
function patternInside(outer: string, wide: Statement, inner: string, narrow: Statement): boolean {
  if (outer === inner) return wide.variables === narrow.variables || !outer.includes("${");
  // A variable stands for any text on the inside, and for nothing that could be known on the outside.
  if (outer.includes("${")) return false;
  const filled = inner.replace(VARIABLE, "*");
  if (outer === "*") return true;
  const [outerSegments, innerSegments] = [segments(outer), segments(filled)];
  return (
    outerSegments.length === innerSegments.length &&
    outerSegments.every((segment, index) => contains(segment, innerSegments[index] ?? ""))
  );
}

/** The six parts of an ARN, the last one with all its colons; anything else is one part. */
function segments(text: string): string[] {
  const split = text.split(":");
  return split[0] === "arn" && split.length >= 6 ? [...split.slice(0, 5), split.slice(5).join(":")] : [text];
}

/** Operators of which one of the values has to match, so that fewer values mean more. */
const ANY_OF_VALUES =
  /^(forallvalues:|foranyvalue:)?(stringequals|stringequalsignorecase|stringlike|arnequals|arnlike|ipaddress|numericequals|dateequals|binaryequals|bool)(ifexists)?$/;
/** Operators of which none of the values may match, so that more values mean more. */
const NONE_OF_VALUES =
  /^(stringnotequals|stringnotequalsignorecase|stringnotlike|arnnotequals|arnnotlike|notipaddress|numericnotequals|datenotequals)(ifexists)?$/;

/** ArnEquals and ArnLike do the same (docs, IAM: JSON policy elements: condition operators). */
const plainly = (operator: string) => operator.replace(/^((?:for\w+:)?arn(?:not)?)equals/, "$1like");

/** True only when whatever satisfies `stricter` satisfies `condition`. */
function implies(stricter: Condition, of: Statement, condition: Condition, by: Statement): boolean {
  if (stricter.key !== condition.key) return false;
  const known = (list: readonly string[]) => list.length > 0;
  if (!known(stricter.values) || !known(condition.values)) return false;
  const same = (outer: string, inner: string) =>
    outer === inner && (of.variables === by.variables || !inner.includes("${"));
  const subset = (inner: readonly string[], outer: readonly string[], inside: Inside = same) =>
    inner.every((value) => outer.some((candidate) => inside(candidate, value)));
  const operator = plainly(stricter.operator);
  const asked = plainly(condition.operator);
  // The same test, or the same test but for a key that is missing.
  const relaxed = asked === operator || asked === `${operator}ifexists`;
  if (!relaxed) {
    return (
      operator === "stringequals" &&
      /^stringlike(ifexists)?$/.test(asked) &&
      subset(
        stricter.values,
        condition.values,
        (outer, inner) => !/[*?$]/.test(inner) && !outer.includes("${") && contains(outer, inner),
      )
    );
  }
  if (ANY_OF_VALUES.test(operator)) {
    const like = /stringlike(ifexists)?$/.test(operator);
    return subset(stricter.values, condition.values, (outer, inner) =>
      like ? valueInside(outer, by, inner, of) : same(outer, inner),
    );
  }
  if (NONE_OF_VALUES.test(operator)) return subset(condition.values, stricter.values);
  return (
    asked === operator &&
    subset(stricter.values, condition.values) &&
    subset(condition.values, stricter.values)
  );
}

function valueInside(outer: string, wide: Statement, inner: string, narrow: Statement): boolean {
  if (outer === inner) return wide.variables === narrow.variables || !outer.includes("${");
  return !outer.includes("${") && contains(outer, inner.replace(VARIABLE, "*"));
}
