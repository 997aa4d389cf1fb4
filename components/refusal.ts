import * as pulumi from "@pulumi/pulumi";

/** A refusal in its own words: the SDK would put before them which property of which resource they were thrown for. */
export class Refusal extends pulumi.RunError {
  constructor(words: string) {
    super(words);
    Object.defineProperty(this, "message", { get: () => words, set: () => {} });
  }
}
