import { type Matcher, parseDocument, type Statement } from "../../policies/iam-document.ts";
import { documentsOf, type World } from "./world.ts";

/** The actions that are tried; each is one real request. */
const ACTIONS = [
  "s3:GetObject",
  "s3:GetObjectVersion",
  "s3:PutObject",
  "s3:DeleteObject",
  "s3:ListBucket",
  "s3:GetBucketLocation",
  "s3:GetBucketPolicy",
  "sts:AssumeRole",
] as const;
export type Action = (typeof ACTIONS)[number];

/** Keys whose values the requests vary; a condition on another key cannot be tried here. */
const VARIED_KEYS = ["s3:prefix", "aws:securetransport", "sts:externalid"];

/** What has to be asked of two worlds to find every difference that requests can show. */
export interface Questions {
  /** ARNs or account numbers that the documents name. */
  readonly principals: readonly string[];
  /** Key prefixes to look under, `""` the bucket's root among them; each is `""` or ends with a slash. */
  readonly prefixes: readonly string[];
  /** External IDs that the documents name. */
  readonly externalIds: readonly string[];
}

/** A part of a document that no request here can decide; different parts before and after are told to the reader. */
export interface Undecidable {
  readonly what: string;
  readonly part: string;
}

/** Reads all documents of both worlds and collects what to ask. */
export function questionsFor(worlds: readonly World[]): Questions {
  const principals = new Set<string>();
  const prefixes = new Set<string>([""]);
  const externalIds = new Set<string>();
  for (const { text } of worlds.flatMap(documentsOf)) {
    for (const statement of parseDocument(text)) {
      for (const { type, id } of statement.principals?.list ?? []) {
        if (type === "AWS" && id !== "*") principals.add(id);
      }
      for (const arn of statement.resources?.patterns ?? []) addAncestors(prefixes, keyOf(arn));
      for (const { key, values } of statement.conditions) {
        for (const value of values) {
          if (key === "sts:externalid") externalIds.add(value);
          if (key === "s3:prefix") addAncestors(prefixes, value);
        }
      }
    }
  }
  return {
    principals: [...principals].sort(),
    prefixes: [...prefixes].sort(),
    externalIds: [...externalIds].sort(),
  };
}

/** The key part of an object ARN, or "" for a bucket's. */
function keyOf(arn: string): string {
  return /^arn:[^:]*:s3:[^:]*:[^:]*:(?:accesspoint\/[^/]+\/object\/|[^/]+\/)(.*)$/s.exec(arn)?.[1] ?? "";
}

/** Adds the folder that a pattern starts with, and every folder above it. */
function addAncestors(prefixes: Set<string>, pattern: string): void {
  const literal = pattern.replace(/[*?].*$/s, "");
  const folders = literal.split("/").slice(0, -1);
  for (const index of folders.keys()) prefixes.add(`${folders.slice(0, index + 1).join("/")}/`);
}

/** The parts of a world's documents that requests cannot decide. */
export function undecidableParts(world: World): Undecidable[] {
  return documentsOf(world).flatMap(({ what, text }) =>
    parseDocument(text).flatMap((statement) => partsOf(statement).map((part) => ({ what, part }))),
  );
}

function partsOf(statement: Statement): string[] {
  const { effect, actions, principals, conditions } = statement;
  const parts: string[] = [];
  if (principals?.not) parts.push(`${effect} with NotPrincipal`);
  for (const { type, id } of principals?.list ?? []) {
    if (type !== "AWS") parts.push(`${effect} ${actionText(actions)} for ${type} ${id}`);
  }
  const untried = actions.patterns.filter(
    (pattern) => !ACTIONS.some((action) => action.toLowerCase() === pattern.toLowerCase()),
  );
  // A Deny of everything is tried through the actions there are.
  if (effect === "Allow")
    parts.push(...untried.map((pattern) => `${effect} ${actions.not ? "all but " : ""}${pattern}`));
  for (const { operator, key, values } of conditions.filter(({ key }) => !VARIED_KEYS.includes(key))) {
    parts.push(`${effect} ${actionText(actions)} if ${operator} ${key} ${values.join(", ")}`);
  }
  return parts;
}

function actionText({ not, patterns }: Matcher): string {
  return `${not ? "all but " : ""}${patterns.join(", ")}`;
}
