/** The few calls of GitHub's REST API that the pipeline needs. */

export interface Repository {
  /** @example "https://api.github.com" */
  readonly api: string;
  /** `owner/name`. */
  readonly name: string;
  readonly token: string;
  /** Whose posts may be edited. @default the account of the workflow's own token */
  readonly login?: string;
}

interface Post {
  readonly number: number;
  readonly id: number;
  readonly body?: string | null;
  readonly user?: { readonly login: string; readonly type: string } | null;
  /** Set on an issue that is a pull request. */
  readonly pull_request?: unknown;
}

/** An environment of the repository, as far as it matters who may deploy into it. */
interface Environment {
  readonly protection_rules?: readonly { readonly type: string; readonly reviewers?: readonly unknown[] }[];
  readonly deployment_branch_policy?: {
    readonly protected_branches: boolean;
    readonly custom_branch_policies: boolean;
  } | null;
}

interface BranchPolicies {
  readonly branch_policies: readonly { readonly name: string; readonly type?: string }[];
  readonly total_count?: number;
}

const PAGE = 100;
const MOST_PAGES = 50;
const TIMEOUT_SECONDS = 30;
/** Whom a workflow's own token writes as; nobody else can have this name, for names of people have no brackets. */
const OWN_LOGIN = "github-actions[bot]";

/** What the workflow's environment says of its repository. */
export function repositoryOf(environment: NodeJS.ProcessEnv): Repository {
  const {
    GITHUB_API_URL = "https://api.github.com",
    GITHUB_REPOSITORY,
    GITHUB_TOKEN,
    REVIEW_LOGIN,
  } = environment;
  if (!GITHUB_REPOSITORY || !GITHUB_TOKEN) {
    throw new Error(
      "GITHUB_REPOSITORY and GITHUB_TOKEN are not set; run this in a workflow that passes github.token",
    );
  }
  return {
    api: GITHUB_API_URL,
    name: GITHUB_REPOSITORY,
    token: GITHUB_TOKEN,
    ...(REVIEW_LOGIN && { login: REVIEW_LOGIN }),
  };
}

async function call<T>(
  { api, name, token }: Repository,
  method: string,
  path: string,
  body?: object,
): Promise<T> {
  const response = await fetch(`${api}/repos/${name}${path}`, {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "x-github-api-version": "2022-11-28",
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_SECONDS * 1_000),
  });
  if (!response.ok) {
    const said = (await response.text()).slice(0, 300);
    const cure =
      response.status === 403 || response.status === 404 ? "; the job's permissions must allow it" : "";
    throw new Error(`GitHub answered ${response.status} to ${method} ${path}${cure}: ${said}`);
  }
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** The first post of a list whose text begins with the marker, and which the workflow's own account wrote. */
async function find(repository: Repository, path: string, marker: string): Promise<Post | undefined> {
  const { login = OWN_LOGIN } = repository;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const joint = path.includes("?") ? "&" : "?";
    const posts = await call<Post[]>(repository, "GET", `${path}${joint}per_page=${PAGE}&page=${page}`);
    const found = posts.find(
      ({ body, user, pull_request }) =>
        // Anybody can write a text that begins like a report; edited, it would be a report under their name.
        user?.login === login && body?.split("\n", 1)[0] === marker && pull_request === undefined,
    );
    if (found !== undefined || posts.length < PAGE) return found;
  }
  return undefined;
}

/** The first line of a report, which marks what it is about. */
export function markerOf(report: string): string {
  const [marker = ""] = report.split("\n", 1);
  if (!/^<!-- flux-ami (preview|drift|load) \S+ -->$/.test(marker)) {
    throw new Error(
      `a report begins with a marker like <!-- flux-ami preview prod -->, but this one with ${JSON.stringify(marker.slice(0, 60))}`,
    );
  }
  return marker;
}

/** Writes the report into the one comment of its kind on a pull request: edits it, or adds it. */
export async function publishComment(
  repository: Repository,
  pullRequest: number,
  report: string,
): Promise<"edited" | "added"> {
  const existing = await find(repository, `/issues/${pullRequest}/comments`, markerOf(report));
  if (existing !== undefined) {
    await call(repository, "PATCH", `/issues/comments/${existing.id}`, { body: report });
    return "edited";
  }
  await call(repository, "POST", `/issues/${pullRequest}/comments`, { body: report });
  return "added";
}

/** Keeps one issue of its kind: open with the report while there is something to tell, closed when there is not. */
export async function publishIssue(
  repository: Repository,
  title: string,
  report: string,
  open: boolean,
): Promise<"opened" | "edited" | "closed" | "none"> {
  const existing = await find(repository, "/issues?state=open", markerOf(report));
  if (existing === undefined) {
    if (!open) return "none";
    await call(repository, "POST", "/issues", { title, body: report });
    return "opened";
  }
  const state = open ? {} : { state: "closed", state_reason: "completed" };
  await call(repository, "PATCH", `/issues/${existing.number}`, { body: report, ...state });
  return open ? "edited" : "closed";
}

/**
 * Why an environment does not guard what it holds; undefined when it does.
 * @param unattended jobs of it run without anybody's approval, so that the branch rule is all that guards it
 */
export async function environmentFault(
  repository: Repository,
  name: string,
  unattended = false,
): Promise<string | undefined> {
  let environment: Environment;
  try {
    environment = await call<Environment>(repository, "GET", `/environments/${encodeURIComponent(name)}`);
  } catch (error) {
    if (!/answered 404/.test((error as Error).message)) throw error;
    // GitHub makes an environment that a job names and nobody made, without any protection.
    return `the environment ${name} does not exist; make it under Settings, Environments, with ${unattended ? "the default branch alone" : "required reviewers"}`;
  }
  return (
    (unattended ? undefined : reviewFault(environment, name)) ?? branchFault(repository, environment, name)
  );
}

function reviewFault(environment: Environment, name: string): string | undefined {
  const reviewed = (environment.protection_rules ?? []).some(
    ({ type, reviewers = [] }) => type === "required_reviewers" && reviewers.length > 0,
  );
  return reviewed
    ? undefined
    : `the environment ${name} has no required reviewers; name them under Settings, Environments`;
}

/** Whoever may push a branch that an environment takes deployments from gets every secret and login of it. */
async function branchFault(
  repository: Repository,
  { deployment_branch_policy: policy }: Environment,
  name: string,
): Promise<string | undefined> {
  const { branch } = await newestCommit(repository);
  if (!policy) return `the environment ${name} takes deployments from any branch; allow ${branch} alone`;
  if (!policy.custom_branch_policies)
    return `the environment ${name} takes deployments from every protected branch; allow ${branch} alone, under "Selected branches and tags"`;
  const { branch_policies: allowed, total_count: count = allowed.length } = await call<BranchPolicies>(
    repository,
    "GET",
    `/environments/${encodeURIComponent(name)}/deployment-branch-policies?per_page=${PAGE}`,
  );
  const others = allowed
    .filter(({ name: pattern, type = "branch" }) => pattern !== branch || type !== "branch")
    .map(({ name: pattern, type = "branch" }) => (type === "branch" ? pattern : `the ${type} ${pattern}`));
  if (count > allowed.length) others.push(`${count - allowed.length} more`);
  return others.length > 0
    ? `the environment ${name} takes deployments from ${others.join(", ")} as well; allow ${branch} alone`
    : undefined;
}

/** The branch that deployments come from, and its newest commit. */
export async function newestCommit(repository: Repository): Promise<{ branch: string; sha: string }> {
  const { default_branch: branch } = await call<{ default_branch: string }>(repository, "GET", "");
  const { sha } = await call<{ sha: string }>(repository, "GET", `/commits/${encodeURIComponent(branch)}`);
  return { branch, sha };
}

/** Starts a workflow on the newest commit of a branch. */
export async function startWorkflow(
  repository: Repository,
  workflow: string,
  branch: string,
  inputs: Readonly<Record<string, string>>,
): Promise<void> {
  await call(repository, "POST", `/actions/workflows/${workflow}/dispatches`, { ref: branch, inputs });
}
