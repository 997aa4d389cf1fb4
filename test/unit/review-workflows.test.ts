import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { WAYS } from "../../components/partner/let-in.ts";
import { changedFiles } from "../../review/files.ts";
import { houseRules } from "../../review/lint-workflows.ts";
import { affectedStacks, deployable, loading, ownedBy } from "../../review/stacks.ts";

const stack = (name: string, values: Record<string, string> = {}) => ({
  stack: name,
  file: `Pulumi.${name}.yaml`,
  values: { "flux-ami:pipeline": "true", ...values },
});
const stacks = [
  stack("dev"),
  stack("example", { "flux-ami:pipeline": "false" }),
  stack("gridworks", { "flux-ami:kind": "partner", "flux-ami:owner": "prod" }),
  stack("prod"),
  stack("reader", { "flux-ami:owner": "prod", "flux-ami:way": "bucketAccess" }),
  stack("sandbox", { "flux-ami:pipeline": "" }),
];

describe("stacks a change touches", () => {
  const cases: [string, string[], string[]][] = [
    ["its own config", ["Pulumi.dev.yaml"], ["dev"]],
    ["its own policy settings", ["policies/config/dev.json"], ["dev"]],
    [
      "a partner's config, and the owner's bucket policy with it",
      ["Pulumi.gridworks.yaml"],
      ["gridworks", "prod"],
    ],
    ["a partner by bucket policy, who is a part of the owner", ["Pulumi.reader.yaml"], ["prod"]],
    ["a partner's config that is gone", ["Pulumi.acme.yaml"], ["dev", "gridworks", "prod"]],
    ...[
      "components/raw-bucket.ts",
      "index.ts",
      "Pulumi.yaml",
      "package-lock.json",
      ".npmrc",
      "policies/access.ts",
      "review/stacks.ts",
      ".github/workflows/deploy.yml",
      "a-file-of-tomorrow.ts",
    ].map((file): [string, string[], string[]] => [file, [file], ["dev", "gridworks", "prod"]]),
    [
      "tests and documentation",
      ["test/unit/sql.test.ts", "README.md", "docs/loading.md", "examples/Pulumi.prod.yaml", "sandbox/up.ts"],
      [],
    ],
    ["a stack that the pipeline has nothing to do with", ["Pulumi.sandbox.yaml", "Pulumi.example.yaml"], []],
  ];
  test.each(cases)("%s", (_what, files, expected) => {
    expect(affectedStacks(stacks, files)).toEqual(expected);
  });

  test("what the program imports is no test, whatever its folder is called", () => {
    const reached = (file: string) => file === "test/helper.ts";
    expect(affectedStacks(stacks, ["test/helper.ts"], [], reached)).toEqual(["dev", "gridworks", "prod"]);
    expect(affectedStacks(stacks, ["test/other.ts"], [], reached)).toEqual([]);
  });

  test("one that leaves the pipeline is looked at once more, also when its file is gone", () => {
    const left = stacks.map((one) =>
      one.stack === "dev" ? stack("dev", { "flux-ami:pipeline": "false" }) : one,
    );
    expect(affectedStacks(left, ["Pulumi.dev.yaml"], stacks)).toEqual(["dev"]);
    expect(affectedStacks(stacks.slice(1), ["README.md"], stacks)).toEqual(["dev"]);
    expect(affectedStacks(stacks, ["README.md"], stacks)).toEqual([]);
  });

  test("owners come first, and each has its partners", () => {
    expect(deployable(stacks).map(({ stack }) => stack)).toEqual(["dev", "gridworks", "prod"]);
    expect(ownedBy(stacks, undefined)).toEqual(["dev", "prod"]);
    expect(ownedBy(stacks, "prod")).toEqual(["gridworks"]);
    expect(ownedBy(stacks, "dev")).toEqual([]);
    expect(loading(stacks)).toEqual(["dev", "prod"]);
  });

  test.each(Object.entries(WAYS))(
    "a partner by %s has a stack of their own where it deploys something",
    (way, { clouds }) => {
      expect(deployable([stack("partner", { "flux-ami:way": way })])).toHaveLength(
        Math.min(clouds.length, 1),
      );
    },
  );

  test("a partner whose owner is deployed elsewhere is started with the owners", () => {
    const alone = [stack("gridworks", { "flux-ami:owner": "elsewhere" })];
    expect(ownedBy(alone, undefined)).toEqual(["gridworks"]);
  });
});

describe("the house's rules for workflows", () => {
  const good =
    "on: push\npermissions:\n  contents: read\njobs:\n  a:\n    timeout-minutes: 5\n    steps: []\n";
  const cases: [string, string, RegExp][] = [
    [
      "a tag instead of a commit",
      good.replace("[]", "\n      - uses: actions/checkout@v5"),
      /actions\/checkout@v5 is not pinned/,
    ],
    [
      "a commit without its version",
      good.replace("[]", `\n      - uses: a/b@${"0".repeat(40)}`),
      /does not say its version/,
    ],
    [
      "pull_request_target",
      good.replace("on: push", "on: pull_request_target"),
      /gives a fork's change the secrets/,
    ],
    [
      "an expression in a command",
      good.replace("[]", `\n      - run: echo \${{ github.head_ref }}`),
      /a command holds an expression/,
    ],
    ["a job without end", good.replace("    timeout-minutes: 5\n", ""), /the job a has no timeout-minutes/],
    [
      "permissions left to the repository",
      good.replace("permissions:\n  contents: read\n", ""),
      /permissions are not set/,
    ],
  ];
  test.each(cases)("%s", (_what, text, message) => {
    expect(houseRules("x.yml", good)).toEqual([]);
    expect(houseRules("x.yml", text).map((finding) => finding.message)).toEqual([
      expect.stringMatching(message),
    ]);
  });

  test("the project's own workflows keep them", () => {
    const folder = join(__dirname, "../../.github/workflows");
    const files = readdirSync(folder);
    expect(files.sort()).toEqual(["deploy.yml", "drift.yml", "load.yml", "preview.yml"]);
    for (const file of files) expect(houseRules(file, readFileSync(join(folder, file), "utf8"))).toEqual([]);
  });

  interface Job {
    readonly if?: string;
    readonly environment?: string;
    readonly "timeout-minutes"?: number;
    readonly permissions?: Record<string, string>;
    readonly steps?: {
      readonly run?: string;
      readonly uses?: string;
      readonly env?: Record<string, string>;
      readonly with?: Record<string, string>;
    }[];
  }
  const folder = join(__dirname, "../../.github/workflows");
  const jobs = readdirSync(folder).flatMap((file) => {
    const { jobs } = parse(readFileSync(join(folder, file), "utf8")) as { jobs: Record<string, Job> };
    return Object.entries(jobs).map(([name, job]) => ({
      where: `${file} ${name}`,
      job,
      text: JSON.stringify(job),
    }));
  });

  test("whoever owns what judges and what lets people in is asked about each of these files", () => {
    const root = join(__dirname, "../..");
    const rules = readFileSync(join(root, ".github/CODEOWNERS"), "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => line.split(/\s+/))
      .map(([pattern = "", owner]) => ({ pattern, owner }));
    for (const { pattern } of rules.filter(({ pattern }) => pattern.startsWith("/")))
      expect([pattern, existsSync(join(root, pattern))]).toEqual([pattern, true]);
    // GitHub's own reading of the file: the last line that fits.
    const fits = (path: string, pattern: string) =>
      pattern === "*" ||
      (pattern.startsWith("*") && path.endsWith(pattern.slice(1))) ||
      `/${path}` === pattern ||
      (pattern.endsWith("/") && `/${path}`.startsWith(pattern));
    const ownerOf = (path: string) => rules.findLast(({ pattern }) => fits(path, pattern))?.owner;
    const nothing = mkdtempSync(join(tmpdir(), "nothing-"));
    execFileSync("git", ["init", "--quiet"], { cwd: nothing });
    const { judging } = changedFiles(nothing, root);
    rmSync(nothing, { recursive: true });
    expect(judging).toEqual(expect.arrayContaining([".github/workflows/deploy.yml", "policies/rules.ts"]));
    const lettingIn = ["components/partner/let-in.ts", "preflight/rights/aws.ts", "Pulumi.yaml"];
    expect([...judging, ...lettingIn].filter((path) => ownerOf(path) === undefined)).toEqual([]);
    expect(ownerOf("docs/loading.md")).toBeUndefined();
  });

  test("secrets and logins are only in jobs behind an environment", () => {
    const withLogin = jobs.filter(({ text }) => /secrets\.|id-token/.test(text));
    expect(withLogin.map(({ where }) => where)).toEqual([
      "deploy.yml plan",
      "deploy.yml apply",
      "drift.yml drift",
      "load.yml load",
      "preview.yml preview",
    ]);
    for (const { job } of withLogin) expect(job.environment).toBeDefined();
  });

  test("only the apply job has the identity that may change things, and it waits for the guard", () => {
    const deployers = jobs.filter(
      ({ job }) => job.environment && !/-(preview|look|load)$/.test(job.environment),
    );
    expect(deployers.map(({ where }) => where)).toEqual(["deploy.yml apply"]);
    expect(deployers[0]?.text).toContain('"needs":"guarded"');
    const plan = jobs.find(({ where }) => where === "deploy.yml plan");
    expect(plan?.job.if).toContain("github.ref_name == github.event.repository.default_branch");
  });

  test("what nobody approves sees that only the default branch gets its login, before it logs in", () => {
    const alone = jobs.filter(({ job }) => /-(look|load)$/.test(job.environment ?? ""));
    expect(alone.map(({ where }) => where)).toEqual(["deploy.yml plan", "drift.yml drift", "load.yml load"]);
    for (const { job } of alone) {
      const steps = job.steps ?? [];
      const guard = steps.findIndex(({ run }) =>
        /guarded --environment "\$ENVIRONMENT" --unattended/.test(run ?? ""),
      );
      expect(steps[guard]?.env?.ENVIRONMENT).toBe(job.environment);
      expect(guard).toBeGreaterThan(-1);
      expect(guard).toBeLessThan(steps.findIndex(({ uses }) => uses === "./.github/actions/login"));
      expect(job.permissions).toEqual({ actions: "read", contents: "read", "id-token": "write" });
    }
    // A pull request's own workflow and code get there, once its reviewers let them; nothing else does.
    const preview = jobs.filter(({ job }) => /-preview$/.test(job.environment ?? ""));
    expect(preview.map(({ where }) => where)).toEqual(["preview.yml preview"]);
  });

  test("who asks the backend of the state can log in to it, wherever that is", () => {
    const asking = jobs.flatMap(({ where, job }) =>
      (job.steps ?? []).flatMap(({ env }) => (env?.PULUMI_BACKEND_URL ? [{ where, env }] : [])),
    );
    expect(new Set(asking.map(({ where }) => where)).size).toBe(5);
    for (const { env } of asking) expect(env.PULUMI_ACCESS_TOKEN).toBe(`\${{ secrets.PULUMI_ACCESS_TOKEN }}`);
  });

  test("a key goes with its passphrase, as the pages have people make it", () => {
    const logins = jobs.flatMap(({ job }) =>
      (job.steps ?? []).filter(({ env }) => env?.SNOWFLAKE_PRIVATE_KEY),
    );
    expect(logins.length).toBeGreaterThan(7);
    for (const { env } of logins)
      expect(env?.SNOWFLAKE_PRIVATE_KEY_PASSPHRASE).toBe(`\${{ secrets.SNOWFLAKE_PRIVATE_KEY_PASSPHRASE }}`);
    const page = (name: string) => readFileSync(join(__dirname, "../../docs", name), "utf8");
    expect(page("real-account.md")).toMatch(/openssl pkcs8 -topk8 -v2 aes-256-cbc -out flux\.p8 /);
    expect(page("reviewing.md")).toMatch(/`SNOWFLAKE_PRIVATE_KEY_PASSPHRASE`/);
  });

  test("a login lasts as long as the job, and the work in it hears when the job is cancelled", () => {
    const long = jobs.filter(({ job }) => (job["timeout-minutes"] ?? 0) > 60);
    expect(long.map(({ where }) => where)).toEqual(["deploy.yml apply", "load.yml load"]);
    const program = readFileSync(join(__dirname, "../../index.ts"), "utf8");
    const limits = /customTimeouts: \{ create: "(\d+)h", update: "(\d+)h" \}/.exec(program)?.slice(1) ?? [];
    expect(limits).toHaveLength(2);
    for (const { job } of long) {
      // The load's own limit is below the job's, so that it ends by itself.
      for (const hours of limits) expect(Number(hours) * 60).toBeLessThan(job["timeout-minutes"] ?? 0);
      const steps = job.steps ?? [];
      const login = steps.find(({ uses }) => uses === "./.github/actions/login");
      expect(Number(login?.with?.seconds)).toBeGreaterThanOrEqual((job["timeout-minutes"] ?? 0) * 60);
      // In place of the shell, which would end without a word to what it runs.
      const runs = (pattern: RegExp) => steps.filter(({ run }) => pattern.test(run ?? ""));
      expect(runs(/^exec node review\/(apply|run-load)\.ts/)).toHaveLength(1);
      // What is killed because it takes too long to end has said nothing to Snowflake.
      expect(runs(/^node commands\/give-back\.ts/)).toEqual([
        expect.objectContaining({ if: expect.stringMatching(/^cancelled\(\)/) }),
      ]);
    }
  });

  test("packages are installed in jobs without a login, a secret or a right to write", () => {
    const installing = jobs.filter(({ text }) =>
      /npm (ci|install)|pip install|actions\/install|make up/.test(text),
    );
    expect(installing.map(({ where }) => where)).toEqual([
      "deploy.yml install",
      "drift.yml install",
      "load.yml install",
      "preview.yml sandbox",
      "preview.yml install",
    ]);
    for (const { job, text } of installing) {
      expect(job.permissions).toEqual({ contents: "read" });
      expect(text).not.toMatch(/secrets\.|GITHUB_TOKEN/);
    }
  });

  test("what is installed is put into the checkouts that it was installed for", () => {
    const told = (file: string, action: RegExp) =>
      jobs
        .filter(({ where }) => where.startsWith(`${file} `))
        .flatMap(({ job }) => job.steps ?? [])
        .flatMap(({ uses, with: inputs }) => (action.test(uses ?? "") ? [inputs?.checkouts] : []));
    for (const file of readdirSync(folder)) {
      const [installed] = told(file, /\/actions\/install$/);
      expect(installed).toBeDefined();
      expect([...new Set(told(file, /\/actions\/restore$/))]).toEqual([installed]);
    }
  });

  test("a pull request is judged by the base branch's rules and scripts, and its code never writes", () => {
    const preview = jobs.filter(({ where }) => where.startsWith("preview.yml"));
    const text = preview.map(({ text }) => text).join();
    expect(text).toMatch(/node \.\.\/base\/review\/main\.ts preview --stack \S+ --base \.\.\/base/);
    expect(text).not.toContain("head.repo.fork");
    for (const { job } of preview.filter(({ text }) => text.includes('"path":"change"'))) {
      expect(Object.values(job.permissions ?? {}).filter((right) => right === "write")).toEqual(
        job.environment ? ["write"] : [],
      );
      if (job.environment) expect(job.permissions).toEqual({ contents: "read", "id-token": "write" });
    }
  });
});
