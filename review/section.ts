/** A line that is shortened where it must be, and never left out. */
export interface Lasting {
  readonly whole: string;
  /** The line in so many bytes at most. */
  readonly shortened: (bytes: number) => string;
}

/** A part of the report; what is folded can be shortened first. */
export interface Section {
  readonly title: string;
  /** Come first, and stay. */
  readonly lasting?: readonly Lasting[];
  readonly lines: readonly string[];
  /** Blocks that open on a click, longest-lived first; they are the first to go when the report is too long. */
  readonly folded?: readonly Folded[];
}

export interface Folded {
  readonly summary: string;
  readonly body: string;
}
