/** The few calls of GitHub's REST API that publishing needs: a comment kept up to date, an issue opened and closed. */

export interface Repository {
  /** @example "https://api.github.com" */
  readonly api: string;
  /** `owner/name`. */
  readonly name: string;
  readonly token: string;
}

interface Post {
  readonly number: number;
  readonly id: number;
  readonly body?: string | null;
  /** Set on an issue that is a pull request. */
  readonly pull_request?: unknown;
}

const PAGE = 100;
const MOST_PAGES = 50;
const TIMEOUT_SECONDS = 30;

/** What the workflow's environment says of its repository. */
export function repositoryOf(environment: NodeJS.ProcessEnv): Repository {
  const { GITHUB_API_URL = "https://api.github.com", GITHUB_REPOSITORY, GITHUB_TOKEN } = environment;
  if (!GITHUB_REPOSITORY || !GITHUB_TOKEN) {
    throw new Error(
      "GITHUB_REPOSITORY and GITHUB_TOKEN are not set; run this in a workflow that passes github.token",
    );
  }
  return { api: GITHUB_API_URL, name: GITHUB_REPOSITORY, token: GITHUB_TOKEN };
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
  return (await response.json()) as T;
}

/** The first post of a list whose text begins with the marker. */
async function find(repository: Repository, path: string, marker: string): Promise<Post | undefined> {
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const joint = path.includes("?") ? "&" : "?";
    const posts = await call<Post[]>(repository, "GET", `${path}${joint}per_page=${PAGE}&page=${page}`);
    const found = posts.find(
      ({ body, pull_request }) => body?.startsWith(marker) && pull_request === undefined,
    );
    if (found !== undefined || posts.length < PAGE) return found;
  }
  return undefined;
}

/** The first line of a report, which marks what it is about. */
export function markerOf(report: string): string {
  const [marker = ""] = report.split("\n", 1);
  if (!/^<!-- flux-ami (preview|drift) \S+ -->$/.test(marker)) {
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
