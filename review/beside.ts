/**
 * What was added beside what the stack declares: a refresh looks at the stack's own resources and sees none of it.
 * Policies on its roles, and what a bucket does by itself, come with the refresh; grants, members of the loader's role and
 * parameters of the warehouse are asked of Snowflake.
 */
import { isDeepStrictEqual } from "node:util";
import { viewerRole } from "../config/default-names.ts";
import { type Show, snowflakeBeside } from "./beside-snowflake.ts";
import type { Plan, ResourceChange } from "./engine-plan.ts";
import { type Danger, dangerBeside } from "./judges/index.ts";
import { texts } from "./values.ts";

/** Somebody who looks, and gives back what that takes. */
export interface Looker {
  readonly show: Show;
  /** Whose rights these are: to see, one has to be let in oneself. */
  readonly role: string;
  /** Shares of partners whose stacks stand in this project. */
  readonly shares: readonly string[];
  readonly close: () => Promise<void>;
}

const type =
  (name: string) =>
  ({ type }: ResourceChange) =>
    type === name;
const BUCKET = type("aws:s3/bucket:Bucket");
const ROLE = type("aws:iam/role:Role");
const ROLE_POLICY = type("aws:iam/rolePolicy:RolePolicy");

/** Policies on the stack's roles that the stack did not put there. */
export function policiesBeside(plan: Plan): Danger[] {
  return plan.found.filter(ROLE).flatMap(({ before, after }) => {
    const role = String(before?.inputs.name ?? "");
    const declared = new Set([
      ...plan.found
        .filter((change) => ROLE_POLICY(change) && change.before?.inputs.role === role)
        .map((change) => String(change.before?.inputs.name)),
      ...names(before?.inputs.inlinePolicies),
    ]);
    const attached = new Set(texts(before?.inputs.managedPolicyArns));
    return [
      ...names(after?.outputs.inlinePolicies)
        .filter((name) => !declared.has(name))
        .map((name) =>
          dangerBeside(`The policy ${name} was put on the role ${role}.`, "The role may do what it says."),
        ),
      ...texts(after?.outputs.managedPolicyArns)
        .filter((arn) => !attached.has(arn))
        .map((arn) =>
          dangerBeside(
            `The policy ${arn} was attached to the role ${role}.`,
            "The role may do what it says.",
          ),
        ),
    ];
  });
}

const names = (policies: unknown): string[] =>
  (Array.isArray(policies) ? (policies as { name?: unknown }[]) : []).flatMap(({ name }) =>
    name === undefined || name === "" ? [] : [String(name)],
  );

/** What a bucket may be told to do with its objects, and what it means when the stack did not say so. */
const BY_ITSELF: Readonly<Record<string, string>> = {
  lifecycleRules: "Objects may expire: raw readings are deleted, without anybody deleting them.",
  replicationConfiguration: "Objects are copied to another bucket, whose policy nobody here reads.",
  website: "The bucket is served to browsers.",
  corsRules: "The bucket is served to browsers.",
  grants: "An ACL lets others read or write, beside the bucket policy.",
  loggings: "Names of objects go somewhere else.",
  logging: "Names of objects go somewhere else.",
};

/** What somebody told a bucket of the stack to do by itself. */
export function bucketsBeside(plan: Plan): Danger[] {
  return plan.found.filter(BUCKET).flatMap(({ before, after }) =>
    Object.entries(BY_ITSELF).flatMap(([setting, consequence]) => {
      const [was, is] = [before?.outputs[setting], after?.outputs[setting]];
      const declared = setting in (before?.inputs ?? {});
      return declared || is === undefined || isDeepStrictEqual(was, is) || isDeepStrictEqual(is, [])
        ? []
        : [dangerBeside(`The bucket ${after?.outputs.bucket} was given ${setting}.`, consequence)];
    }),
  );
}

/** What stands beside the stack; where nobody could look, that is what is told. */
export async function lookBeside(plan: Plan, open: () => Promise<Looker>): Promise<Danger[]> {
  const policies = [...policiesBeside(plan), ...bucketsBeside(plan)];
  if (!plan.found.some(({ type }) => type.startsWith("snowflake:"))) return policies;
  try {
    const { show, role, shares, close } = await open();
    const environment = plan.config["flux-ami:environment"] || plan.stack;
    try {
      return [...policies, ...(await snowflakeBeside(plan, show, [role, viewerRole(environment)], shares))];
    } finally {
      await close();
    }
  } catch (error) {
    const [why = ""] = (error as Error).message.split("\n");
    return [
      ...policies,
      dangerBeside(
        "Nobody could look for grants, members and parameters beside the stack.",
        `Snowflake said: ${why}`,
      ),
    ];
  }
}
