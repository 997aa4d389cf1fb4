import {
  BUCKET_POLICY,
  identityPolicies,
  othersLost,
  resourcePolicies,
  wholePolicies,
} from "../../policies/found-documents.ts";

const ROLE = "aws:iam/role:Role";
const OURS = { Sid: "FluxProdRead", Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*" };
const THEIRS = { Sid: "Backup", Effect: "Allow", Principal: "*", Action: "s3:PutObject", Resource: "*" };
const NAMELESS = {
  Effect: "Deny",
  Principal: "*",
  NotAction: ["s3:GetObject", "s3:ListBucket"],
  Resource: "*",
};
const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

/** What is read, and what is said of what cannot be. */
function read<T>(of: (violation: (message: string) => void) => T): { found: T; said: string[] } {
  const said: string[] = [];
  return { found: of((message) => void said.push(message)), said };
}

test("others' statements that a policy would have no more are named, by ID or by what they allow", () => {
  const found = document(OURS, THEIRS, NAMELESS);
  const lost = (policy: string) => othersLost({ own: [OURS.Sid], found, policy });
  expect(lost(document(OURS))).toEqual([
    'the statement "Backup"',
    "the statement Deny s3:GetObject, s3:ListBucket",
  ]);
  expect(lost(document(THEIRS, NAMELESS))).toEqual([]);
  expect(lost(document({ ...THEIRS, Action: "s3:*" }, NAMELESS))).toEqual(['the statement "Backup"']);
  expect(othersLost({ found: document({ Effect: "Allow", Action: "s3:*" }), policy: "" })).toEqual([
    "the statement Allow s3:*",
  ]);
  expect(othersLost({ found: "no document", policy: "" })).toEqual([]);
});

test("whom the stack lets in is what was not there before", () => {
  const props = { own: [OURS.Sid], found: document(THEIRS), policy: document(THEIRS, OURS) };
  const { found, said } = read((violation) => resourcePolicies(BUCKET_POLICY, props, violation));
  expect(found.map(({ statements }) => statements.map(({ label }) => label))).toEqual([
    [expect.stringContaining(OURS.Sid)],
  ]);
  expect(said).toEqual([]);
});

test.each([
  [BUCKET_POLICY, { policy: "", keepOthers: true }, true],
  [BUCKET_POLICY, { policy: "", keepOthers: false }, false],
  [BUCKET_POLICY, { policy: "" }, false],
])("an empty policy of %s with %j is right: %p", (type, props, right) => {
  const { said } = read((violation) => wholePolicies(type, props, violation));
  expect(said.length === 0).toBe(right);
});

test("of a role's inline policies those without a text are nothing to read", () => {
  const inlinePolicies = [
    { name: "read" },
    { policy: document(OURS) },
    { name: "odd", policy: "no document" },
  ];
  const { found, said } = read((violation) => identityPolicies(ROLE, { inlinePolicies }, violation));
  expect(found.map(({ what, statements }) => [what, statements.length])).toEqual([["the inline policy", 1]]);
  expect(said).toEqual([expect.stringMatching(/^the inline policy odd cannot be read: /)]);
});
