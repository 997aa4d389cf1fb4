/**
 * A bucket's policy as several people write it: each names their own statements, and leaves the others' alone. Works on the
 * JSON text as S3 has it; what it does not change stays as somebody wrote it.
 */

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Statement = { [key: string]: Json };

interface Document {
  readonly rest: { readonly [key: string]: Json };
  readonly statements: readonly Statement[];
}

/** Reads a policy; an empty text is a bucket without one. */
function documentOf(policy: string): Document {
  if (policy === "") return { rest: { Version: "2012-10-17" }, statements: [] };
  const { Statement, ...rest } = JSON.parse(policy) as { [key: string]: Json };
  return { rest, statements: (Array.isArray(Statement) ? Statement : [Statement]) as Statement[] };
}

/** The statements of a policy that have these IDs, as a JSON list. */
export const statementsOf = (policy: string, ids: readonly string[]): string =>
  JSON.stringify(documentOf(policy).statements.filter(({ Sid }) => ids.includes(String(Sid))));

/** The IDs of a policy's statements. */
export const idsIn = (policy: string): string[] =>
  documentOf(policy).statements.flatMap(({ Sid }) => (Sid ? [String(Sid)] : []));

/**
 * The policy with the stack's statements as they should be: those that it finds are changed in their place, others added at
 * the end. An empty text when nothing is left to say.
 * @param policy what is there
 * @param mine the stack's statements, JSON
 * @param former IDs of statements that were the stack's, and go unless they are still
 * @param keepOthers false where nobody else has a say
 */
export function edited(policy: string, mine: string, former: readonly string[], keepOthers: boolean): string {
  const { rest, statements } = documentOf(policy);
  const own = new Map((JSON.parse(mine) as Statement[]).map((one) => [String(one.Sid), one]));
  const placed = new Set<string>();
  const kept = statements.flatMap((statement) => {
    const id = String(statement.Sid ?? "");
    const now = own.get(id);
    if (now) {
      if (placed.has(id)) return [];
      placed.add(id);
      return [same(statement, now) ? statement : now];
    }
    return former.includes(id) || !keepOthers ? [] : [statement];
  });
  const all = [...kept, ...[...own].filter(([id]) => !placed.has(id)).map(([, statement]) => statement)];
  return all.length === 0 ? "" : JSON.stringify({ ...rest, Statement: all });
}

/** Whether two policies mean the same. */
export const sameMeaning = (a: string, b: string): boolean => canonical(a) === canonical(b);

/** A policy in one spelling: S3 may hand back another than it was given. */
export function canonical(policy: string): string {
  if (policy === "") return "";
  const { rest, statements } = documentOf(policy);
  return JSON.stringify({ ...rest, Statement: statements.map(spelt) });
}

/** What differs between the statements that are not the stack's, in words. */
export function othersChanged(before: string, now: string, own: readonly string[]): string[] {
  const others = (policy: string) =>
    new Map(
      documentOf(policy)
        .statements.filter(({ Sid }) => !own.includes(String(Sid)))
        .map((statement) => [JSON.stringify(spelt(statement)), nameOf(statement)] as const),
    );
  const [then, today] = [others(before), others(now)];
  return [
    ...[...today].filter(([text]) => !then.has(text)).map(([, name]) => `${name} is new`),
    ...[...then].filter(([text]) => !today.has(text)).map(([, name]) => `${name} is gone`),
  ];
}

const nameOf = ({ Sid, Effect, Action, NotAction }: Statement) =>
  Sid ? `statement "${Sid}"` : `the statement ${Effect} ${[Action ?? NotAction].flat().join(", ")}`;

const same = (a: Statement, b: Statement) => JSON.stringify(spelt(a)) === JSON.stringify(spelt(b));

/** Elements in one order, lists sorted, one value written as itself, an account's root by its number. */
function spelt(statement: Statement): Json {
  const order = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
  ];
  const keys = Object.keys(statement).sort((a, b) => rank(order, a) - rank(order, b) || (a < b ? -1 : 1));
  return Object.fromEntries(keys.map((key) => [key, deep(statement[key] as Json)]));
}

const rank = (order: readonly string[], key: string) =>
  order.includes(key) ? order.indexOf(key) : order.length;

function deep(value: Json): Json {
  if (Array.isArray(value)) {
    const list = [...new Set(value.map((one) => short(one)))].sort();
    return list.length === 1 ? (list[0] as string) : list;
  }
  if (typeof value !== "object" || value === null) return short(value);
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, deep(value[key] as Json)]),
  );
}

const short = (value: Json) => String(value).replace(/^arn:[^:]+:iam::(\d{12}):root$/, "$1");
