import { closest, distance } from "fastest-levenshtein";
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
  /** For a closed set: its values, so that a misspelling can be answered with the nearest. */
  readonly choices?: readonly string[];
}

/** A key whose value is an object with keys of its own. */
export interface Group<F extends Fields = Fields> {
  readonly members: F;
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
export const share = (example: number) => ({
  schema: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number)
    .pipe(z.number().min(0).max(1)) as z.ZodType<number, string>,
  allowed: "a share from 0 to 1",
  example: String(example),
});

/** true or false. */
export const flag = (example: boolean) => ({
  schema: z.enum(["true", "false"]).transform((value) => value === "true") as z.ZodType<boolean, string>,
  allowed: "true or false",
  example: String(example),
});

/** One of a closed set, in any case and with or without dashes and underscores (X-Large is XLARGE). */
export const oneOf = <const C extends string>(choices: readonly C[], example: C) => {
  const bare = (value: string) => value.replace(/[-_\s]/g, "").toLowerCase();
  const find = (value: string) => choices.find((choice) => bare(choice) === bare(value));
  return {
    schema: z
      .string()
      .refine((value) => find(value) !== undefined)
      .transform((value) => find(value) as C) as z.ZodType<C, string>,
    allowed: choices.join(", "),
    example,
    choices: choices as readonly string[],
  };
};

/** A calendar day, YYYY-MM-DD. */
export const day = (example: string) =>
  textThat((value) => z.iso.date().safeParse(value).success, {
    allowed: "a day that exists, YYYY-MM-DD in quotes",
    example,
  });

/** An object with keys of its own, none of them required. */
export const group = <F extends Fields>(members: F): Group<F> => ({ members });

/** A list of texts, each matching the pattern. */
export const listOf = (pattern: RegExp, explained: Explained) => ({
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
    .pipe(z.array(z.string().regex(pattern)).min(1)) as unknown as z.ZodType<readonly string[], string>,
  ...explained,
});

/** The choice a person most likely meant, if one is near enough to be worth naming. */
export function nearest(value: string, choices: readonly string[]): string | undefined {
  if (choices.length === 0) return undefined;
  const candidate = closest(
    value.toLowerCase(),
    choices.map((choice) => choice.toLowerCase()),
  );
  const match = choices.find((choice) => choice.toLowerCase() === candidate);
  const tolerance = Math.max(2, Math.floor(candidate.length / 3));
  return distance(value.toLowerCase(), candidate) <= tolerance ? match : undefined;
}
