import { questionsFor } from "../../review/access/questions.ts";
import type { World } from "../../review/access/world.ts";

const bucketWith = (resources: readonly string[]): World => ({
  account: "111122223333",
  roles: new Map(),
  buckets: new Map([
    [
      "raw",
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: resources }],
      }),
    ],
  ]),
});
const keysOf = (...resources: string[]) =>
  questionsFor([bucketWith(resources.map((key) => `arn:aws:s3:::raw/${key}`))]).keys.map(({ key }) => key);

describe("keys to try", () => {
  test.each([
    [
      "raw/ami/eu*",
      ["raw/ami/eu", "raw/ami/eu-secret/object", "raw/ami/eux", "raw/ami/object", "raw/object"],
    ],
    ["raw/ami/*", ["raw/ami/object", "raw/object"]],
    ["*.parquet", [".parquet", "-secret/object", "x.parquet"]],
    ["one/exact.key", ["one/exact.key", "one/object"]],
    ["raw/am?/*", ["raw/am-secret/object", "raw/object"]],
  ])("come from %s and from what lies beside it", (pattern, expected) => {
    expect(keysOf(pattern)).toEqual(expect.arrayContaining(expected));
  });

  test("are counted where there are more than can be tried", () => {
    const many = Array.from({ length: 100 }, (_, index) => `arn:aws:s3:::raw/folder-${index}/key`);
    const { keys, untried } = questionsFor([bucketWith(many)]);
    // A key and its folder each, and the bucket's own.
    expect(keys.length + untried).toBe(201);
    expect(untried).toBeGreaterThan(100);
    expect(questionsFor([bucketWith(many.slice(0, 3))]).untried).toBe(0);
  });
});
