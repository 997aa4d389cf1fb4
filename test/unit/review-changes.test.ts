import { judged } from "./review-changes/change.ts";
import { HARMLESS } from "./review-changes/harmless.ts";
import { HOSTILE } from "./review-changes/hostile.ts";

/** Hostile and sloppy changes of a production stack: each is stopped or told first, and named. */
describe("a change that lets somebody in, loses something or hides something", () => {
  test.each(HOSTILE)("%s", async (_what, change, names) => {
    const { violations, dangers, review } = await judged(change);
    expect([...violations, ...dangers]).toContainEqual(expect.stringMatching(names));
    if (violations.length === 0) expect(review.verdict).toBe("dangerous");
  });

  test("there are many of them", () => {
    expect(HOSTILE.length).toBeGreaterThan(200);
  });
});

describe("a change that nobody has to stop at", () => {
  test.each(HARMLESS)("%s", async (_what, change) => {
    const { violations, dangers, review } = await judged(change);
    expect(violations).toEqual([]);
    expect(dangers).toEqual([]);
    expect(review.verdict).toBe("changes");
  });
});
