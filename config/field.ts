import { distance } from "fastest-levenshtein";
import { z } from "zod";

/**
 * One key of the stack config: how its text is read, and what to tell a person whose value is refused.
 * Pulumi hands every value over as text (objects and lists as JSON), so a field reads text.
 */
export interface Field<T> {
  /** Reads and normalises the text. */
  readonly schema: z.ZodType<T, string>;
  /** What the value may be, as the end of the sentence "allowed: …". */
  readonly allowed: string;
  /** A value that would be right, for the cure. */
  readonly example: string;
  /** Text used when the key is not set; a field without it may stay unset unless it is required. */
  readonly fallback?: string;
  /** True when the stack cannot do without. */
  readonly required?: true;
  /** The value that a misspelling was most likely meant to be, if one is near enough to be named. */
  readonly meant?: (value: string) => string | undefined;
  /** What the key is for and what holds when it is not set, for Pulumi.yaml and the documentation. */
  readonly about?: string;
}

/** A key whose value is an object with keys of its own. */
export interface Group<F extends Fields = Fields> {
  readonly members: F;
  readonly about?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a table of fields of any type; each keeps its own through Values
export type Fields = Readonly<{ [key: string]: Field<any> | Group }>;

/** What a table of fields reads to: keys that are required or fall back to something are always there. */
export type Values<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Settled ? K : never]: Read<F[K]>;
} & {
  readonly [K in keyof F as F[K] extends Settled ? never : K]?: Read<F[K]>;
};
type Settled = { required: true } | { fallback: string };
type Read<F> = F extends Field<infer T> ? T : F extends Group<infer M> ? Values<M> : never;

type Explained = { allowed: string; example: string };

/** Text that matches the pattern. */
export const text = (pattern: RegExp, explained: Explained) => ({
  schema: z.string().regex(pattern) as z.ZodType<string, string>,
  ...explained,
});

/** Text that the test accepts. */
export const textThat = (accepts: (value: string) => boolean, explained: Explained) => ({
  schema: z.string().refine(accepts) as z.ZodType<string, string>,
  ...explained,
});

/** A whole number within limits, both included. */
export const whole = (minimum: number, maximum: number, unit: string, example: number) => ({
  schema: z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum)) as z.ZodType<number, string>,
  allowed: `a whole number of ${unit} from ${minimum} to ${maximum}`,
  example: String(example),
});

/** A number within limits, both included. */
export const number = (minimum: number, maximum: number, unit: string, example: number) => ({
  schema: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum)) as z.ZodType<number, string>,
  allowed: `a number${unit && ` of ${unit}`} from ${minimum} to ${maximum}`,
  example: String(example),
});

/** true or false. */
export const flag = (example: boolean) => ({
  schema: z.enum(["true", "false"]).transform((value) => value === "true") as z.ZodType<boolean, string>,
  allowed: "true or false",
  example: String(example),
});

/** One of a closed set, in any case and with or without dashes and underscores. */
export function oneOf<const C extends string>(choices: readonly C[], example: C) {
  const bare = (value: string) => value.replace(/[-_\s]/g, "").toLowerCase();
  return choiceOf(
    choices,
    example,
    (value) => choices.find((choice) => bare(choice) === bare(value)),
    (value) => nearest(value, choices),
  );
}

/** One of a closed set, of which `find` knows every spelling and `meant` the likely misspellings. */
export function choiceOf<const C extends string>(
  choices: readonly C[],
  example: C,
  find: (value: string) => C | undefined,
  meant: (value: string) => string | undefined,
) {
  return {
    schema: z
      .string()
      .refine((value) => find(value) !== undefined)
      .transform((value) => find(value) as C) as z.ZodType<C, string>,
    allowed: choices.join(", "),
    example,
    meant,
  };
}

/** A calendar day, YYYY-MM-DD. */
export const day = (example: string) => ({
  // Written without quotes it is a moment to YAML, and Pulumi hands it over as such.
  schema: z
    .string()
    .transform((value) => value.replace(/ 00:00:00 \+0000 UTC$/, ""))
    .pipe(z.iso.date()) as unknown as z.ZodType<string, string>,
  allowed: "a day that exists, YYYY-MM-DD",
  example,
});

/** An object with keys of its own, none of them required. */
export const group = <F extends Fields>(members: F): Group<F> => ({ members });

/** A list of texts, each matching the pattern. */
export const listOf = (pattern: RegExp, explained: Explained) =>
  listThat((texts) => texts.every((text) => pattern.test(text)), explained);

/** A list of texts that the test accepts. */
export const listThat = (accepts: (texts: readonly string[]) => boolean, explained: Explained) => ({
  schema: z
    .string()
    .transform((value, context) => {
      try {
        return JSON.parse(value) as unknown;
      } catch {
        context.addIssue("not a list");
        return z.NEVER;
      }
    })
    .pipe(z.array(z.string()).min(1).refine(accepts)) as unknown as z.ZodType<readonly string[], string>,
  ...explained,
});

/** The choice a person most likely meant, if one is near enough to be worth naming. */
export function nearest(value: string, choices: readonly string[]): string | undefined {
  const [match] = byNearness(value, choices);
  if (match === undefined) return undefined;
  const tolerance = Math.max(2, Math.floor(match.length / 3));
  return apart(value, match) <= tolerance ? match : undefined;
}

/** The choices, those first that are spelt most like the value. */
export function byNearness(value: string, choices: readonly string[]): string[] {
  return [...choices].sort((a, b) => apart(value, a) - apart(value, b));
}

const apart = (a: string, b: string) => distance(a.toLowerCase(), b.toLowerCase());
