import { matches } from "../../policies/glob.ts";
import { DocumentError, type Matcher, parseDocument, type Statement } from "../../policies/iam-document.ts";
import { documentsOf, type World } from "./world.ts";

/** Actions on an object, on what a prefix lists, and on the bucket: each is one real request. */
export const OBJECT_ACTIONS = [
  "s3:GetObject",
  "s3:GetObjectVersion",
  "s3:GetObjectAcl",
  "s3:GetObjectTagging",
  "s3:PutObject",
  "s3:DeleteObject",
] as const;
export const LIST_ACTIONS = ["s3:ListBucket", "s3:ListBucketVersions"] as const;
export const BUCKET_ACTIONS = [
  "s3:GetBucketLocation",
  "s3:GetBucketPolicy",
  "s3:GetBucketAcl",
  "s3:GetBucketVersioning",
] as const;
const ASSUME = "sts:AssumeRole";

export type ObjectAction = (typeof OBJECT_ACTIONS)[number];
export type ListAction = (typeof LIST_ACTIONS)[number];
export type BucketAction = (typeof BUCKET_ACTIONS)[number];
export type Action = ObjectAction | ListAction | BucketAction | typeof ASSUME;

/** Asked about whether or not a document names them: a wildcard or a lost Deny may open them. */
const ALWAYS: readonly string[] = [
  "s3:GetObject",
  "s3:PutObject",
  "s3:DeleteObject",
  "s3:ListBucket",
  "s3:GetBucketPolicy",
];

/** By this key a statement for an account means some of its roles and users. */
export const PRINCIPAL_ARN = "aws:principalarn";

/** Keys whose values the requests vary; a condition on another key cannot be tried here. */
const VARIED_KEYS = ["s3:prefix", "aws:securetransport", "sts:externalid", PRINCIPAL_ARN];

/** A key or prefix to try, and how the report calls the place. */
interface Witness {
  readonly key: string;
  /** `raw/ami/*` for what stands for a whole folder, else the key itself. */
  readonly label: string;
}

/** What has to be asked of two worlds to find the differences that requests can show. */
export interface Questions {
  /** ARNs or account numbers that the documents name. */
  readonly principals: readonly string[];
  readonly keys: readonly Witness[];
  readonly prefixes: readonly Witness[];
  /** External IDs that the documents name. */
  readonly externalIds: readonly string[];
  readonly actions: ReadonlySet<string>;
  /** How many keys and prefixes are not tried, because there are too many. */
  readonly untried: number;
}

/** A part of a document that no request here can decide; a person has to read it. */
export interface Undecidable {
  readonly what: string;
  readonly part: string;
}

/** So many keys are tried at most; a document with more of them is not decided by requests. */
const MOST_KEYS = 60;

/** Statements of a document; none of one that cannot be read, which the containment proof reports. */
function statementsOf(text: string): Statement[] {
  try {
    return parseDocument(text);
  } catch (error) {
    if (error instanceof DocumentError) return [];
    throw error;
  }
}

/** Reads all documents of both worlds and collects what to ask. */
export function questionsFor(worlds: readonly World[]): Questions {
  const statements = worlds.flatMap(documentsOf).flatMap(({ text }) => statementsOf(text));
  const principals = new Set<string>();
  const keys = new Map<string, string>([["object", "*"]]);
  const prefixes = new Map<string, string>([["", "*"]]);
  const externalIds = new Set<string>();
  for (const { principals: whom, resources, conditions } of statements) {
    for (const { type, id } of whom?.list ?? []) if (type === "AWS" && id !== "*") principals.add(id);
    for (const arn of resources?.patterns ?? []) addWitnesses(keys, keyOf(arn), "object");
    for (const { key, values } of conditions) {
      for (const value of values) {
        if (key === "sts:externalid") externalIds.add(value);
        if (key === PRINCIPAL_ARN) principals.add(value);
        if (key !== "s3:prefix") continue;
        addWitnesses(prefixes, value, "");
        addWitnesses(keys, value, "object");
      }
    }
  }
  const named = [...OBJECT_ACTIONS, ...LIST_ACTIONS, ...BUCKET_ACTIONS].filter(
    (action) =>
      ALWAYS.includes(action) ||
      statements.some(
        ({ actions }) =>
          actions.not ||
          actions.patterns.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())),
      ),
  );
  const sorted = (map: ReadonlyMap<string, string>) =>
    [...map].map(([key, label]) => ({ key, label })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const [allKeys, allPrefixes] = [sorted(keys), sorted(prefixes)];
  const [tried, triedPrefixes] = [allKeys.slice(0, MOST_KEYS), allPrefixes.slice(0, MOST_KEYS)];
  return {
    principals: [...principals].sort(),
    keys: tried,
    prefixes: triedPrefixes,
    untried: allKeys.length - tried.length + allPrefixes.length - triedPrefixes.length,
    externalIds: [...externalIds].sort(),
    actions: new Set(named),
  };
}

/** The key part of an object ARN, or "" for a bucket's. */
function keyOf(arn: string): string {
  return /^arn:[^:]*:s3:[^:]*:[^:]*:[^/]+\/(.*)$/s.exec(arn)?.[1] ?? "";
}

/**
 * Texts that a pattern stands for, and neighbours that it should not: the pattern filled in, with nothing and with
 * something; what a wildcard without a slash before it lets in beside (`raw/ami/eu*` opens `raw/ami/eu-secret/`); and the
 * folders above.
 * @param within what to put into a folder to stand for what lies in it
 */
function addWitnesses(witnesses: Map<string, string>, pattern: string, within: string): void {
  const text = pattern.replace(/\$\{[^}]*\}/g, "x");
  const literal = text.replace(/[*?].*$/s, "");
  const folders = literal.split("/").slice(0, -1);
  for (const index of folders.keys()) {
    const folder = `${folders.slice(0, index + 1).join("/")}/`;
    witnesses.set(`${folder}${within}`, `${folder}*`);
  }
  // All of a folder, which its own witness stands for.
  if (text === `${literal}*` && literal.endsWith("/")) return;
  const filled = [text.replace(/\?/g, "x").replace(/\*/g, ""), text.replace(/[*?]/g, "x")];
  if (/[*?]/.test(text) && !literal.endsWith("/")) filled.push(`${literal}-secret/${within}`);
  for (const key of filled)
    if (key !== "" && !key.endsWith("/") && !witnesses.has(key)) witnesses.set(key, key);
}

/** The parts of a world's documents that requests cannot decide. */
export function undecidableParts(world: World): Undecidable[] {
  return documentsOf(world).flatMap(({ what, text }) =>
    statementsOf(text).flatMap((statement) => partsOf(statement).map((part) => ({ what, part }))),
  );
}

/** Principals that are played: accounts, users and roles by name, and everybody. */
const PLAYED = /^(\*|\d{12}|arn:[^:]+:iam::\d{12}:(root|(user|role)\/[^*?]+))$/;

function partsOf({ effect, actions, principals, conditions }: Statement): string[] {
  const parts: string[] = [];
  if (principals?.not) parts.push(`${effect} with NotPrincipal`);
  for (const { type, id } of principals?.list ?? []) {
    if (type !== "AWS" || !PLAYED.test(id)) parts.push(`${effect} ${actionText(actions)} for ${type} ${id}`);
  }
  const tried: readonly string[] = [...OBJECT_ACTIONS, ...LIST_ACTIONS, ...BUCKET_ACTIONS, ASSUME];
  const untried = actions.patterns.filter(
    (pattern) => !tried.some((action) => action.toLowerCase() === pattern.toLowerCase()),
  );
  // A Deny of everything is tried through the actions there are.
  if (effect === "Allow")
    parts.push(...untried.map((pattern) => `${effect} ${actions.not ? "all but " : ""}${pattern}`));
  const open = conditions.filter(
    ({ operator, key, values }) =>
      !VARIED_KEYS.includes(key) ||
      (key === PRINCIPAL_ARN &&
        !(/^(arn|string)(equals|like)$/.test(operator) && values.every((id) => PLAYED.test(id)))),
  );
  for (const { operator, key, values } of open) {
    parts.push(`${effect} ${actionText(actions)} if ${operator} ${key} ${values.join(", ")}`);
  }
  return parts;
}

function actionText({ not, patterns }: Matcher): string {
  return `${not ? "all but " : ""}${patterns.join(", ")}`;
}
