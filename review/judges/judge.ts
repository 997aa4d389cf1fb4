import type { JudgedInput, KnownType } from "../../policies/resource-types.ts";
import type { InputJudge } from "./input-judge.ts";

/** What is known of a type's dangers. */
export interface TypeJudge<T extends KnownType> {
  /** What is lost when it is deleted or replaced; left out where nobody misses it. */
  readonly loss?: string;
  /** What a new one means, in a stack that exists; left out where it gives nobody anything. */
  readonly creation?: string;
  /** One judge for each input that policies/resource-types.ts calls judged. */
  readonly inputs: { readonly [I in JudgedInput<T>]: InputJudge };
}

export type TypeJudges = { readonly [T in KnownType]?: TypeJudge<T> };
