/** IAM's patterns: `*` stands for any run of characters, `?` for any one. */

/** True for a pattern that stands for more than itself. */
export function hasWildcard(text: string): boolean {
  return /[*?]/.test(text);
}

/** True when the pattern stands for this text. */
export function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${source}$`, "s").test(text);
}

/**
 * True only when every text that `narrow` stands for is one that `wide` stands for. A wildcard of `narrow` has to meet a
 * wildcard of `wide`, so a containment that holds for another reason is not seen: false means "not proved".
 */
export function contains(wide: string, narrow: string): boolean {
  const outer = wide.replace(/\*+/g, "*");
  const inner = narrow.replace(/\*+/g, "*");
  // reach[i]: the first i characters of `inner` are covered by the part of `outer` looked at so far.
  let reach = Array.from({ length: inner.length + 1 }, (_, index) => index === 0);
  for (const sign of outer) {
    const next = reach.map(() => false);
    for (let index = 0; index <= inner.length; index += 1) {
      if (sign === "*") next[index] = reach[index] === true || (index > 0 && next[index - 1] === true);
      else if (index > 0 && reach[index - 1] === true) {
        const met = inner[index - 1];
        next[index] = sign === "?" ? met !== "*" : met === sign;
      }
    }
    reach = next;
  }
  return reach[inner.length] === true;
}
