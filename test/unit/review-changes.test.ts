import { bucketPolicy, further, judged, trust } from "./review-changes/change.ts";
import { HARMLESS } from "./review-changes/harmless.ts";
import { HOSTILE } from "./review-changes/hostile.ts";

/** Hostile and sloppy changes of a production stack: each is stopped or told first, and named. */
describe("a change that lets somebody in, loses something or hides something", () => {
  test.each(HOSTILE)("%s", async (_what, change, names, start) => {
    const { violations, dangers, review } = await judged(change, start);
    expect([...violations, ...dangers]).toContainEqual(expect.stringMatching(names));
    if (violations.length === 0) expect(review.verdict).toBe("dangerous");
  });

  test("there are many of them", () => {
    expect(HOSTILE.length).toBeGreaterThan(320);
  });
});

/** Whom no request can play: the report says so by itself, whatever the pack thinks. */
describe("somebody who cannot be played", () => {
  const who: [string, Record<string, unknown>][] = [
    ["a service", { Service: "cloudtrail.amazonaws.com" }],
    [
      "an OIDC provider",
      { Federated: "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" },
    ],
    ["a SAML provider", { Federated: "arn:aws:iam::111122223333:saml-provider/idp" }],
    ["a web identity", { Federated: "cognito-identity.amazonaws.com" }],
    ["a federated user", { AWS: "arn:aws:sts::444455556666:federated-user/x" }],
    ["a session", { AWS: "arn:aws:sts::444455556666:assumed-role/reader/x" }],
    ["a role by its unique ID", { AWS: "AROAEXAMPLEID1234567" }],
    ["a user by their unique ID", { AWS: "AIDAEXAMPLEID1234567" }],
    [
      "a canonical user",
      { CanonicalUser: "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be" },
    ],
    ["a role by pattern", { AWS: "arn:aws:iam::444455556666:role/*" }],
  ];
  const letIn = (Principal: object, more: object = {}) => ({
    Effect: "Allow",
    Principal,
    Action: "s3:GetObject",
    Resource: "arn:aws:s3:::flux-prod-raw-111122223333/raw/ami/*",
    ...more,
  });
  test.each(who)("%s in the bucket's policy", async (_what, Principal) => {
    const { dangers } = await judged(bucketPolicy((d) => d.Statement.push(letIn(Principal))));
    const [[, id]] = Object.entries(Principal) as [[string, string]];
    expect(dangers).toContainEqual(expect.stringContaining(`for ${Object.keys(Principal)} ${id}`));
  });

  test.each(who)("%s in a trust policy", async (_what, Principal) => {
    const statement = { Effect: "Allow", Principal, Action: "sts:AssumeRole" };
    const { dangers } = await judged(trust((d) => d.Statement.push(statement)));
    expect(dangers).toContainEqual(expect.stringContaining(String(Object.values(Principal))));
  });

  test.each(who)("%s of whom a refusal is taken away", async (_what, Principal) => {
    const refusal = letIn(Principal, { Sid: "No", Effect: "Deny" });
    const { dangers } = await judged(
      further("bucketPolicy", "policy", (d) => d.Statement.pop()),
      bucketPolicy((d) => d.Statement.push(refusal)),
    );
    expect(dangers).toContainEqual(expect.stringMatching(/^Gone from the policy .*\("No"\): Deny/));
  });
});

describe("a change that nobody has to stop at", () => {
  test.each(HARMLESS.map(([what, change, start]) => [what, change, start] as const))(
    "%s",
    async (_what, change, start) => {
      const { violations, dangers, review } = await judged(change, start);
      expect(violations).toEqual([]);
      expect(dangers).toEqual([]);
      expect(review.verdict).toBe("changes");
    },
  );
});
