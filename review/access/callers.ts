import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { type Credentials, rootOf, type Scratch } from "./scratch.ts";
import type { StandIns } from "./stand-ins.ts";
import type { World } from "./world.ts";

/** Somebody whose access is tried. */
export interface Caller {
  /** As the report names them. */
  readonly who: string;
  /** For requests to buckets; undefined for an anonymous caller. */
  readonly credentials: Credentials | undefined;
  /** For assuming roles; undefined for those who are not tried: the anonymous and the stack's own role sessions. */
  readonly assumes: Credentials | undefined;
}

const STRANGER_ACCOUNT = "000000000999";
const NOBODY = policy({ Effect: "Deny", Principal: "*", Action: "sts:AssumeRole" });

/** What a caller may do by their own account's leave: everything, so that the stack's documents alone decide. */
const ANYTHING = policy({ Effect: "Allow", Action: ["s3:*", "sts:AssumeRole"], Resource: "*" });
/** In the owner's account an identity policy would open the bucket by itself; only assuming is given there. */
const ASSUMING = policy({ Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" });

function policy(statement: object): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

/** Builds the world's roles and everybody the documents name, and gives the callers to try. */
export async function makeCallers(
  scratch: Scratch,
  world: World,
  principals: readonly string[],
  standIns: StandIns,
): Promise<Caller[]> {
  const roles = await ownRoles(scratch, world);
  const known = new Set([...world.roles.values()].map(({ arn }) => arn));
  const named: Caller[] = [];
  for (const principal of principals) {
    if (known.has(principal)) continue;
    const credentials = await namedCaller(scratch, principal, world.account);
    if (credentials === undefined) continue;
    const standIn = standIns.get(principal);
    named.push({
      who: principal,
      credentials: standIn === undefined ? credentials : await user(scratch, world.account, "/", standIn),
      assumes: credentials,
    });
  }
  const stranger = await user(scratch, STRANGER_ACCOUNT, "/", "stranger", ANYTHING);
  return [
    ...roles,
    ...named,
    { who: "any other AWS account", credentials: stranger, assumes: stranger },
    { who: "anonymous", credentials: undefined, assumes: undefined },
  ];
}

/** The stack's roles, each with a session of its own; the session is taken before the real trust policy closes it. */
async function ownRoles(scratch: Scratch, { account, roles }: World): Promise<Caller[]> {
  const iam = scratch.iam(rootOf(account));
  const callers: Caller[] = [];
  for (const [name, { trust, policies, arn }] of roles) {
    const path = arn.slice(arn.indexOf(":role/") + 5, arn.length - name.length);
    const credentials = await roleSession(scratch, account, path, name);
    for (const [policyName, document] of policies) {
      await iam.send(
        new PutRolePolicyCommand({ RoleName: name, PolicyName: policyName, PolicyDocument: document }),
      );
    }
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: name, PolicyDocument: trust ?? NOBODY }));
    callers.push({ who: `role ${name}`, credentials, assumes: undefined });
  }
  return callers;
}

/** Credentials of a principal that a document names; undefined for one that cannot be made (a pattern, a session). */
async function namedCaller(
  scratch: Scratch,
  principal: string,
  owner: string,
): Promise<Credentials | undefined> {
  const [, account = principal, kind = "root", rest = ""] =
    /^arn:[^:]+:iam::(\d{12}):(root|user|role)\/?(.*)$/.exec(principal) ?? [];
  if (!/^\d{12}$/.test(account) || /[*?]/.test(rest)) return undefined;
  const identity = account === owner ? ASSUMING : ANYTHING;
  const path = `/${rest.slice(0, rest.lastIndexOf("/") + 1)}`;
  const name = rest.slice(rest.lastIndexOf("/") + 1);
  if (kind === "root") return user(scratch, account, "/", "anybody", identity);
  if (kind === "user") return user(scratch, account, path, name, identity);
  const credentials = await roleSession(scratch, account, path, name);
  await scratch
    .iam(rootOf(account))
    .send(new PutRolePolicyCommand({ RoleName: name, PolicyName: "own", PolicyDocument: identity }));
  return credentials;
}

async function user(
  scratch: Scratch,
  account: string,
  path: string,
  name: string,
  identity?: string,
): Promise<Credentials> {
  const iam = scratch.iam(rootOf(account));
  await iam.send(new CreateUserCommand({ UserName: name, Path: path }));
  if (identity !== undefined) {
    await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: "own", PolicyDocument: identity }));
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
}

async function roleSession(
  scratch: Scratch,
  account: string,
  path: string,
  name: string,
): Promise<Credentials> {
  const iam = scratch.iam(rootOf(account));
  const opener = await user(scratch, account, "/", `opens-${name}`.slice(0, 64), ASSUMING);
  const trust = policy({
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: "sts:AssumeRole",
  });
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: name, Path: path, AssumeRolePolicyDocument: trust }),
  );
  const { Credentials: session } = await scratch
    .sts(opener)
    .send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: "review" }));
  return {
    accessKeyId: session?.AccessKeyId ?? "",
    secretAccessKey: session?.SecretAccessKey ?? "",
    sessionToken: session?.SessionToken ?? "",
  };
}
