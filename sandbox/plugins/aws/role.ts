import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolePoliciesCommand,
  PutRolePermissionsBoundaryCommand,
  type Role,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateRoleDescriptionCommand,
} from "@aws-sdk/client-iam";
import { type Call, flag, integer, map, type ResourceType, text, type Values } from "../provider/schema.ts";
import { same } from "../provider/values.ts";
import { allTags, aws, ownTags, tagList, tagMap, unlessMissing } from "./clients.ts";
import { policyDocument, samePolicy } from "./policy-document.ts";

const GONE = "NoSuchEntityException";

const inputs: ResourceType["inputs"] = {
  assumeRolePolicy: policyDocument({ required: true }),
  description: text({ default: "" }),
  forceDetachPolicies: flag({ default: false, local: true }),
  maxSessionDuration: integer({
    default: 3600,
    refuse: (value) =>
      Number(value) >= 3600 && Number(value) <= 43_200
        ? undefined
        : `maxSessionDuration must be from 3600 to 43200 seconds, not ${value}`,
  }),
  name: text({
    replaces: true,
    refuse: (value) =>
      /^[\w+=,.@-]{1,64}$/.test(String(value))
        ? undefined
        : `"${value}" is no name for a role: 1 to 64 letters, digits and +=,.@_-`,
  }),
  namePrefix: text({ replaces: true, local: true }),
  path: text({ default: "/", replaces: true }),
  permissionsBoundary: text(),
  tags: map(text(), { default: {} }),
};

export const role: ResourceType = {
  inputs,
  outputs: ["arn", "createDate", "tagsAll", "uniqueId"],
  autoname: { property: "name", prefix: "namePrefix", maxLength: 64 },

  async create(given, { signal }) {
    const { Role: made } = await aws().iam.send(
      new CreateRoleCommand({
        RoleName: String(given.name),
        AssumeRolePolicyDocument: String(given.assumeRolePolicy),
        Path: textOf(given.path),
        Description: textOf(given.description),
        MaxSessionDuration:
          given.maxSessionDuration === undefined ? undefined : Number(given.maxSessionDuration),
        PermissionsBoundary: textOf(given.permissionsBoundary),
        Tags: tagList(allTags(given.tags)),
      }),
      { abortSignal: signal },
    );
    if (!made) throw new Error("CreateRole answered without a role");
    return {
      id: String(given.name),
      state: { ...given, ...stateOf({ ...made }, given), tagsAll: allTags(given.tags) },
    };
  },

  async read(id, state, { signal }) {
    const found = await unlessMissing(
      aws().iam.send(new GetRoleCommand({ RoleName: id }), { abortSignal: signal }),
      GONE,
    );
    if (!found?.Role) return undefined;
    await readPolicies(id, signal);
    const tagsAll = tagMap(found.Role.Tags);
    return { id, state: { ...stateOf(found.Role, state), tags: ownTags(tagsAll, state.tags), tagsAll } };
  },

  async update(id, given, old, { signal }) {
    const { iam } = aws();
    const options = { abortSignal: signal };
    const changed = (name: string): boolean =>
      !same(inputs[name] ?? text(), given[name] ?? inputs[name]?.default, old[name] ?? inputs[name]?.default);
    if (changed("assumeRolePolicy")) {
      const PolicyDocument = String(given.assumeRolePolicy);
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: id, PolicyDocument }), options);
    }
    if (changed("description")) {
      const Description = String(given.description ?? "");
      await iam.send(new UpdateRoleDescriptionCommand({ RoleName: id, Description }), options);
    }
    if (changed("maxSessionDuration")) {
      const MaxSessionDuration = Number(given.maxSessionDuration ?? 3600);
      await iam.send(new UpdateRoleCommand({ RoleName: id, MaxSessionDuration }), options);
    }
    if (changed("permissionsBoundary")) {
      const PermissionsBoundary = textOf(given.permissionsBoundary);
      await (PermissionsBoundary
        ? iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: id, PermissionsBoundary }), options)
        : iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: id }), options));
    }
    await retag(id, old, given, options);
    const { Role: now } = await iam.send(new GetRoleCommand({ RoleName: id }), options);
    if (!now) throw new Error("GetRole answered without a role");
    return { ...given, ...stateOf(now, given), tagsAll: allTags(given.tags) };
  },

  async delete(id, state, call) {
    if (state.forceDetachPolicies === true) await detachAll(id, call);
    await unlessMissing(
      aws().iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: id }), { abortSignal: call.signal }),
      GONE,
    );
    await unlessMissing(
      aws().iam.send(new DeleteRoleCommand({ RoleName: id }), { abortSignal: call.signal }),
      GONE,
    );
  },
};

/** The official provider reads a role's policies with it, whatever the program says of them; so this one asks for the same. */
async function readPolicies(RoleName: string, signal: AbortSignal): Promise<void> {
  const { iam } = aws();
  const options = { abortSignal: signal };
  await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }), options);
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }), options);
  for (const PolicyName of PolicyNames)
    await unlessMissing(iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }), options), GONE);
}

const textOf = (value: Values[string] | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** A role as AWS has it. Its policy keeps the spelling that `said` has, as long as that means the same. */
function stateOf(found: Role, said: Values): Values {
  const policy = decodeURIComponent(found.AssumeRolePolicyDocument ?? "");
  const assumeRolePolicy =
    typeof said.assumeRolePolicy === "string" && samePolicy(said.assumeRolePolicy, policy)
      ? said.assumeRolePolicy
      : policy;
  return {
    arn: found.Arn ?? "",
    assumeRolePolicy,
    createDate: found.CreateDate?.toISOString().replace(/\.\d+Z$/, "Z") ?? "",
    description: found.Description ?? "",
    maxSessionDuration: found.MaxSessionDuration ?? 3600,
    name: found.RoleName ?? "",
    path: found.Path ?? "/",
    permissionsBoundary: found.PermissionsBoundary?.PermissionsBoundaryArn ?? null,
    uniqueId: found.RoleId ?? "",
  };
}

async function retag(id: string, old: Values, given: Values, options: { abortSignal: AbortSignal }) {
  const wanted = allTags(given.tags);
  const had = (old.tagsAll ?? {}) as Record<string, string>;
  const gone = Object.keys(had).filter((key) => !(key in wanted));
  const fresh = Object.entries(wanted).filter(([key, value]) => had[key] !== value);
  if (gone.length > 0) await aws().iam.send(new UntagRoleCommand({ RoleName: id, TagKeys: gone }), options);
  if (fresh.length > 0) {
    const command = new TagRoleCommand({ RoleName: id, Tags: tagList(Object.fromEntries(fresh)) });
    await aws().iam.send(command, options);
  }
}

async function detachAll(RoleName: string, { signal }: Call): Promise<void> {
  const { iam } = aws();
  const options = { abortSignal: signal };
  const attached = await unlessMissing(
    iam.send(new ListAttachedRolePoliciesCommand({ RoleName }), options),
    GONE,
  );
  for (const { PolicyArn } of attached?.AttachedPolicies ?? []) {
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }), options);
  }
  const inline = await unlessMissing(iam.send(new ListRolePoliciesCommand({ RoleName }), options), GONE);
  for (const PolicyName of inline?.PolicyNames ?? []) {
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }), options);
  }
}
