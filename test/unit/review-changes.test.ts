import { canonical } from "../../components/bucket-policy/edit.ts";
import { BUCKET_POLICY } from "../../policies/found-documents.ts";
import { planOf } from "../../review/engine-plan.ts";
import type { LookAtBucket } from "../../review/live.ts";
import { reviewPlan } from "../../review/review.ts";
import { bucketPolicy, further, judged, trust } from "./review-changes/change.ts";
import { HARMLESS } from "./review-changes/harmless.ts";
import { HOSTILE } from "./review-changes/hostile.ts";
import { step, summary } from "./review-events.ts";

/** Hostile and sloppy changes of a production stack: each is stopped or told first, and named. */
describe("a change that lets somebody in, loses something or hides something", () => {
  test.each(HOSTILE)("%s", async (_what, change, names, start) => {
    const { violations, dangers, review } = await judged(change, start);
    expect([...violations, ...dangers]).toContainEqual(expect.stringMatching(names));
    if (violations.length === 0) expect(review.verdict).toBe("dangerous");
  });

  test("there are many of them", () => {
    expect(HOSTILE.length).toBeGreaterThan(340);
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

describe("what a new stack takes away", () => {
  test("a refusal of the bucket's owner is told, though all access is new", async () => {
    const refusal = {
      Sid: "No",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:GetObject",
      Resource: "arn:aws:s3:::raw/x/*",
    };
    const text = (...statements: object[]) =>
      JSON.stringify({ Version: "2012-10-17", Statement: statements });
    const inputs = {
      bucket: "raw",
      keepOthers: true,
      own: [],
      lasting: [],
      found: text(refusal),
      policy: "",
    };
    const plan = planOf([step("create", BUCKET_POLICY, "policy", { new: { inputs } }), summary()], "prod");
    const { dangers, first } = await reviewPlan(plan, { python: "/nowhere/python", list: async () => [] });
    expect(first).toBe(true);
    expect(dangers.map(({ what }) => what)).toContainEqual(
      expect.stringMatching(/^Gone from the policy of bucket raw/),
    );
  });
});

describe("what a program says it found on a bucket", () => {
  const allow = (account: string) => ({
    Sid: `A${account}`,
    Effect: "Allow",
    Principal: { AWS: account },
    Action: "s3:GetObject",
    Resource: "arn:aws:s3:::raw/*",
  });
  const text = (...accounts: string[]) =>
    canonical(JSON.stringify({ Version: "2012-10-17", Statement: accounts.map(allow) }));
  const inputs = (found: string, policy: string, more: object = {}) => ({
    bucket: "raw",
    keepOthers: true,
    own: ["A333333333333"],
    lasting: [],
    found,
    policy,
    ...more,
  });
  const review = async (declared: ReturnType<typeof inputs>, look: LookAtBucket) => {
    const old = { inputs: inputs(text("222222222222"), text("222222222222")) };
    const plan = planOf(
      [step("update", BUCKET_POLICY, "policy", { old, new: { inputs: declared } }), summary()],
      "prod",
    );
    const { dangers } = await reviewPlan(plan, { python: "/nowhere/python", list: async () => [], look });
    return dangers.map(({ what }) => what);
  };
  const live = async () => ({ policy: text("222222222222"), guards: { encryption: "AES256" } });
  const wanted = text("222222222222", "333333333333");

  test("is compared with what is there, and what is new is new all the same", async () => {
    const told = await review(inputs(wanted, wanted), live);
    expect(told[0]).toBe("The program says that another policy was found on the bucket raw than is there.");
    expect(told).toContainEqual(expect.stringMatching(/^New in the policy of bucket raw: .*333333333333/));
  });

  test("is believed where it is so", async () => {
    const told = await review(inputs(text("222222222222"), wanted), live);
    expect(told).toEqual([expect.stringMatching(/^New in the policy of bucket raw: .*333333333333/)]);
  });

  test("of what guards the bucket is compared as well", async () => {
    const guards = { guards: { encryption: "aws:kms" } };
    const told = await review(inputs(text("222222222222"), text("222222222222"), guards), live);
    expect(told).toContain("The program says that something else guards the bucket raw than does.");
  });

  test("is told to be believed where nobody could look", async () => {
    const told = await review(inputs(text("222222222222"), text("222222222222")), async () => {
      throw new Error("AccessDenied");
    });
    expect(told).toContain("Nobody could look at the policy of the bucket raw.");
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
