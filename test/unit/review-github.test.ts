import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  environmentFault,
  markerOf,
  newestCommit,
  publishComment,
  publishIssue,
  type Repository,
  repositoryOf,
  startWorkflow,
} from "../../review/github.ts";

interface Request {
  line: string;
  body: Record<string, unknown>;
}

const own = { login: "github-actions[bot]", type: "Bot" };

/** A GitHub that has these posts and other answers by path, and remembers what it is told. */
async function github(posts: object[], status = 200, others: Record<string, object> = {}) {
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
      const other = others[new URL(request.url ?? "", "http://x").pathname];
      const list = other ?? posts.slice((page - 1) * 100, page * 100);
      response.end(JSON.stringify(request.method === "GET" ? list : {}));
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
    const { requests, repository, close } = await github([...other, { id: 4711, body: preview, user: own }]);
    expect(await publishComment(repository, 7, `${preview} again`)).toBe("edited");
    expect(requests.map(({ line }) => line)).toEqual([
      "GET /repos/flux/ami/issues/7/comments?per_page=100&page=1",
      "GET /repos/flux/ami/issues/7/comments?per_page=100&page=2",
      "PATCH /repos/flux/ami/issues/comments/4711",
    ]);
    await close();
  });

  const issue = { id: 9, number: 12, body: drift, user: own };
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

  test.each([
    [
      "somebody else's comment that begins like a report",
      { body: preview, user: { login: "eve", type: "User" } },
    ],
    ["a comment of nobody", { body: preview, user: null }],
    ["another bot's", { body: preview, user: { login: "eve[bot]", type: "Bot" } }],
    [
      "a report of a stack whose name begins alike",
      { body: "<!-- flux-ami preview prod-eu -->\n", user: own },
    ],
  ])("%s is left alone", async (_what, post) => {
    const { requests, repository, close } = await github([{ id: 1, ...post }]);
    expect(await publishComment(repository, 7, preview)).toBe("added");
    expect(requests.map(({ line }) => line.split(" ")[0])).toEqual(["GET", "POST"]);
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

describe("the issue of a load", () => {
  const publish = async (files: Record<string, string>, posts: object[]) => {
    const out = mkdtempSync(join(tmpdir(), "load-issue-"));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(out, name), text);
    const { requests, repository, close } = await github(posts);
    const args = ["load", "--stack", "prod", "--run", "https://example.test/run/1", "--out", out];
    const code = await new Promise((resolve) => {
      spawn("node", [join(__dirname, "../../review/publish.ts"), ...args], {
        env: {
          PATH: process.env.PATH,
          GITHUB_API_URL: repository.api,
          GITHUB_REPOSITORY: repository.name,
          GITHUB_TOKEN: "t",
        },
      }).once("close", resolve);
    });
    await close();
    rmSync(out, { recursive: true });
    expect(code).toBe(0);
    return requests.at(-1);
  };
  const refused = {
    "prod.load.json": '{"code":1,"refused":true}',
    "prod.load.txt": "refused: duplicates\n```\n@octocat\n",
  };
  const open = { id: 9, number: 12, body: "<!-- flux-ami load prod -->\nold", user: own };

  test("is opened when an audit refuses, with what the load said and nothing that could act", async () => {
    const last = await publish(refused, []);
    expect(last?.line).toBe("POST /repos/flux/ami/issues");
    expect(last?.body.body).toMatch(
      /\*\*The load was refused\*\*; the readings are as they were before[\s\S]*````diff\nrefused: duplicates/,
    );
  });

  const unproved: [string, Record<string, string>, string][] = [
    [
      "it failed after the commit",
      { "prod.load.json": '{"code":2,"refused":false}' },
      "**The load failed** (exit code 2)",
    ],
    [
      "it was cancelled while its block ran",
      { "prod.load.json": '{"code":130,"refused":false}' },
      "exit code 130",
    ],
    ["Node could not read it", { "prod.load.json": '{"code":1,"refused":false}' }, "exit code 1)"],
    ["it was killed with all it wrote, or never ran", {}, "**Nobody heard of the load's end**"],
  ];
  test.each(unproved)(
    "says nothing of the readings that nobody proved, when %s",
    async (_what, files, said) => {
      const last = await publish(
        { ...("prod.load.json" in files && { "prod.load.txt": "x\n" }), ...files },
        [],
      );
      expect(last?.body.body).toContain(said);
      expect(last?.body.body).toContain("`make status STACK=prod` says what the accounting has");
      expect(last?.body.body).not.toContain("as they were");
    },
  );

  test("stays open while it goes on, and is closed by a load that ends well", async () => {
    expect(await publish(refused, [open])).toMatchObject({ line: "PATCH /repos/flux/ami/issues/12" });
    const well = await publish({ "prod.load.json": '{"code":0,"refused":false}', "prod.load.txt": "" }, [
      open,
    ]);
    expect(well?.body).toMatchObject({ state: "closed" });
  });
});

describe("what a deployment asks GitHub", () => {
  const path = "/repos/flux/ami/environments/prod";
  const reviewers = { type: "required_reviewers", reviewers: [{ type: "Team" }] };
  const protectedOnly = { protected_branches: true, custom_branch_policies: false };
  const anyBranch = { protection_rules: [], deployment_branch_policy: null };
  const byName = { protected_branches: false, custom_branch_policies: true };
  const cases: [string, object, RegExp | undefined][] = [
    [
      "guarded by reviewers, from every protected branch",
      { protection_rules: [reviewers], deployment_branch_policy: protectedOnly },
      /from every protected branch; allow main alone/,
    ],
    [
      "without a rule",
      { protection_rules: [], deployment_branch_policy: protectedOnly },
      /no required reviewers/,
    ],
    [
      "with a timer alone",
      { protection_rules: [{ type: "wait_timer" }], deployment_branch_policy: protectedOnly },
      /no required reviewers/,
    ],
    [
      "with an empty list of reviewers",
      { protection_rules: [{ ...reviewers, reviewers: [] }], deployment_branch_policy: protectedOnly },
      /no required reviewers/,
    ],
    ["from any branch", { protection_rules: [reviewers], deployment_branch_policy: null }, /from any branch/],
    [
      "from branches by name, which is the default one alone",
      { protection_rules: [reviewers], deployment_branch_policy: byName, only: ["main"] },
      undefined,
    ],
    [
      "from branches by pattern",
      { protection_rules: [reviewers], deployment_branch_policy: byName, only: ["main", "*"] },
      /takes deployments from \* as well; allow main alone/,
    ],
    [
      "from a tag that is called like the branch",
      {
        protection_rules: [reviewers],
        deployment_branch_policy: byName,
        only: ["main", { name: "main", type: "tag" }],
      },
      /takes deployments from the tag main as well/,
    ],
  ];
  test.each(cases)("an environment %s", async (_what, environment, fault) => {
    const { only = [] } = environment as { only?: (string | object)[] };
    const policies = only.map((one) => (typeof one === "string" ? { name: one } : one));
    const { repository, close } = await github([], 200, {
      [path]: environment,
      [`${path}/deployment-branch-policies`]: { branch_policies: policies },
      "/repos/flux/ami": { default_branch: "main" },
      "/repos/flux/ami/commits/main": { sha: "abc" },
    });
    const found = await environmentFault(repository, "prod");
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(fault);
    await close();
  });

  test.each([
    ["from the default branch", { protection_rules: [], deployment_branch_policy: byName }, undefined],
    [
      "from any branch",
      anyBranch,
      "the environment prod-load takes deployments from any branch; allow main alone",
    ],
    [
      "from every protected branch",
      { deployment_branch_policy: protectedOnly },
      'the environment prod-load takes deployments from every protected branch; allow main alone, under "Selected branches and tags"',
    ],
  ])("an environment that nobody approves, %s", async (_what, environment, fault) => {
    const { repository, close } = await github([], 200, {
      [`${path}-load`]: environment,
      [`${path}-load/deployment-branch-policies`]: { branch_policies: [{ name: "main", type: "branch" }] },
      "/repos/flux/ami": { default_branch: "main" },
      "/repos/flux/ami/commits/main": { sha: "abc" },
    });
    expect(await environmentFault(repository, "prod-load", true)).toBe(fault);
    await close();
  });

  test("an environment that nobody made", async () => {
    const { repository, close } = await github([], 404);
    expect(await environmentFault(repository, "prod")).toMatch(/does not exist; make it/);
    await close();
  });

  test("the newest commit of the default branch, and a run on it", async () => {
    const { requests, repository, close } = await github([], 200, {
      "/repos/flux/ami": { default_branch: "main" },
      "/repos/flux/ami/commits/main": { sha: "abc" },
    });
    expect(await newestCommit(repository)).toEqual({ branch: "main", sha: "abc" });
    await startWorkflow(repository, "deploy.yml", "main", { stack: "prod" });
    expect(requests.at(-1)).toEqual({
      line: "POST /repos/flux/ami/actions/workflows/deploy.yml/dispatches",
      body: { ref: "main", inputs: { stack: "prod" } },
    });
    await close();
  });

  test("the script of the workflow ends with the reason when an environment is not guarded", async () => {
    const { repository, requests, close } = await github([], 200, {
      [path]: { protection_rules: [] },
      "/repos/flux/ami": { default_branch: "main" },
      "/repos/flux/ami/commits/main": { sha: "abc" },
    });
    const run = (...args: string[]) =>
      new Promise<{ code: number | null; said: string }>((resolve) => {
        const child = spawn("node", [join(__dirname, "../../review/pipeline.ts"), ...args], {
          env: {
            PATH: process.env.PATH,
            GITHUB_SHA: "of-before",
            GITHUB_API_URL: repository.api,
            GITHUB_REPOSITORY: repository.name,
            GITHUB_TOKEN: "t",
          },
        });
        let said = "";
        child.stderr.on("data", (chunk) => {
          said += chunk;
        });
        child.once("close", (code) => resolve({ code, said }));
      });
    expect(await run("guarded", "--environment", "prod")).toEqual({
      code: 1,
      said: expect.stringMatching(/nothing is deployed: the environment prod has no required reviewers/),
    });
    expect(await run("guarded", "--environment", "prod", "--unattended")).toEqual({
      code: 1,
      said: expect.stringMatching(/nobody logs in: the environment prod takes deployments from any branch/),
    });
    expect(await run("newest")).toEqual({
      code: 1,
      said: expect.stringMatching(/nothing is deployed: main has moved on from of-before to abc/),
    });
    expect(await run("start", "--stacks", '["dev","prod"]')).toMatchObject({ code: 0 });
    expect(requests.slice(-2).map(({ body }) => body)).toEqual([
      { ref: "main", inputs: { stack: "dev" } },
      { ref: "main", inputs: { stack: "prod" } },
    ]);
    expect(await run("whatever")).toMatchObject({ code: 1, said: expect.stringContaining("usage:") });
    await close();
  });
});
