import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  markerOf,
  publishComment,
  publishIssue,
  type Repository,
  repositoryOf,
} from "../../review/github.ts";

interface Request {
  line: string;
  body: Record<string, unknown>;
}

/** A GitHub that has these posts, and remembers what it is told. */
async function github(posts: object[], status = 200) {
  const requests: Request[] = [];
  const server: Server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", () => {
      requests.push({ line: `${request.method} ${request.url}`, body: text === "" ? {} : JSON.parse(text) });
      const page = Number(new URL(request.url ?? "", "http://x").searchParams.get("page"));
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(request.method === "GET" ? posts.slice((page - 1) * 100, page * 100) : {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const repository: Repository = { api: `http://127.0.0.1:${port}`, name: "flux/ami", token: "t" };
  return { requests, repository, close: () => new Promise((resolve) => server.close(resolve)) };
}

const preview = "<!-- flux-ami preview prod -->\n## Preview";
const drift = "<!-- flux-ami drift prod -->\n## Drift";
const other = Array.from({ length: 100 }, (_, id) => ({ id, number: id, body: "hello" }));

describe("publishing on GitHub", () => {
  test("the first report of a stack is added", async () => {
    const { requests, repository, close } = await github([
      { id: 1, body: "<!-- flux-ami preview dev -->\nother stack" },
    ]);
    expect(await publishComment(repository, 7, preview)).toBe("added");
    expect(requests.at(-1)).toEqual({
      line: "POST /repos/flux/ami/issues/7/comments",
      body: { body: preview },
    });
    await close();
  });

  test("a later one edits the comment, wherever in the list it is", async () => {
    const { requests, repository, close } = await github([...other, { id: 4711, body: preview }]);
    expect(await publishComment(repository, 7, `${preview} again`)).toBe("edited");
    expect(requests.map(({ line }) => line)).toEqual([
      "GET /repos/flux/ami/issues/7/comments?per_page=100&page=1",
      "GET /repos/flux/ami/issues/7/comments?per_page=100&page=2",
      "PATCH /repos/flux/ami/issues/comments/4711",
    ]);
    await close();
  });

  const issue = { id: 9, number: 12, body: drift };
  const cases: [string, object[], boolean, string, string | undefined][] = [
    ["drift opens an issue", [], true, "opened", "POST /repos/flux/ami/issues"],
    ["drift that goes on edits it", [issue], true, "edited", "PATCH /repos/flux/ami/issues/12"],
    ["drift that is gone closes it", [issue], false, "closed", "PATCH /repos/flux/ami/issues/12"],
    ["no drift and no issue is nothing to do", [], false, "none", undefined],
    [
      "a pull request is no issue",
      [{ ...issue, pull_request: {} }],
      true,
      "opened",
      "POST /repos/flux/ami/issues",
    ],
  ];
  test.each(cases)("%s", async (_what, posts, open, outcome, line) => {
    const { requests, repository, close } = await github(posts);
    expect(await publishIssue(repository, "Drift in prod", drift, open)).toBe(outcome);
    const last = requests.at(-1);
    if (line === undefined) expect(last?.line).toMatch(/^GET/);
    else expect(last?.line).toBe(line);
    if (outcome === "closed")
      expect(last?.body).toMatchObject({ state: "closed", state_reason: "completed" });
    if (outcome === "opened") expect(last?.body).toEqual({ title: "Drift in prod", body: drift });
    await close();
  });

  test("a refusal names the cure", async () => {
    const { repository, close } = await github([], 403);
    await expect(publishComment(repository, 7, preview)).rejects.toThrow(
      /^GitHub answered 403 to GET .*the job's permissions must allow it/,
    );
    await close();
  });

  test("a text without a marker is not published, for it could never be found again", () => {
    expect(() => markerOf("## Preview")).toThrow(/a report begins with a marker like/);
  });

  test("outside a workflow it says what is missing", () => {
    expect(() => repositoryOf({})).toThrow(/GITHUB_REPOSITORY and GITHUB_TOKEN are not set/);
  });
});
