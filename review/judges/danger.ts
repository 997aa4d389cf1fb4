/** A change that a reviewer has to look at before anything else. */
export interface Danger {
  readonly urn: string;
  /** What happens, as a sentence. */
  readonly what: string;
  /** What follows from it, and what to do about it. */
  readonly consequence: string;
}

/** A danger of no resource of the plan. */
export const dangerBeside = (what: string, consequence: string): Danger => ({ urn: "", what, consequence });

export type Found = Omit<Danger, "urn">;
