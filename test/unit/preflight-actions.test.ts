/** What doctor makes of IAM's simulation. */
import { decisionOf } from "../../preflight/aws.ts";
import { actionsFinding } from "../../preflight/checks/aws.ts";

const ROLE = "arn:aws:iam::111111111111:role/deployer";
const on = (resource: string, ...results: Parameters<typeof decisionOf>[0][]) =>
  results.map((result) => ({ ...decisionOf(result), resource }));

const cure = "attach it";
const denied = { EvalActionName: "iam:CreateRole", EvalDecision: "implicitDeny" as const };

test.each([
  ["of the action", { ...denied, MissingContextValues: ["aws:RequestedRegion"] }],
  [
    "of the resource",
    {
      ...denied,
      ResourceSpecificResults: [
        {
          EvalResourceName: ROLE,
          EvalResourceDecision: "explicitDeny" as const,
          MissingContextValues: ["aws:RequestedRegion"],
        },
      ],
    },
  ],
])("a refusal for want of a key %s is not known, and the key is named", (_, result) => {
  expect(actionsFinding(ROLE, on(ROLE, result), cure)).toEqual({
    state: "unknown",
    said: expect.stringContaining(`may iam:CreateRole on ${ROLE} hangs on aws:RequestedRegion`),
    cure: expect.stringContaining("ContextKeyName=aws:RequestedRegion"),
  });
});

test.each(["implicitDeny", "explicitDeny"] as const)(
  "%s with nothing missing is a failure",
  (EvalDecision) => {
    const open = { EvalActionName: "iam:GetRole", EvalDecision, MissingContextValues: ["aws:SourceIp"] };
    const { state, said } = actionsFinding(ROLE, on(ROLE, { ...denied, EvalDecision }, open), cure);
    expect(state).toBe("fail");
    expect(said).toContain(`${ROLE} may not iam:CreateRole on ${ROLE}`);
    expect(said.includes("by a Deny")).toBe(EvalDecision === "explicitDeny");
    expect(said).toContain("may iam:GetRole on");
  },
);

test("what is allowed passes, and a key that a Deny of it may hang on is named", () => {
  const allowed = {
    EvalActionName: "iam:GetRole",
    EvalDecision: "allowed" as const,
    MissingContextValues: ["aws:SourceIp"],
  };
  expect(actionsFinding(ROLE, on(ROLE, allowed), cure)).toEqual({
    state: "pass",
    said: expect.stringContaining("aws:SourceIp apart"),
  });
});
