import { foundLine, waitingIn } from "../../components/verified-load/lines.ts";
import type { EngineEvent } from "../../review/events.ts";
import { COMMENT_LIMIT, driftReport, previewReport } from "../../review/verdict-page.ts";
import { refreshed, step, summary } from "./review-events.ts";
import { LOAD, loadChanged, report, review, TABLE, table, WAREHOUSE } from "./support/reviewing.ts";

describe("the report", () => {
  test("puts dangers before everything else and folds the property differences", async () => {
    const text = await report([
      step("update", WAREHOUSE, "w", {
        old: { inputs: { name: "W", warehouseSize: "MEDIUM" } },
        new: { inputs: { name: "W", warehouseSize: "LARGE" } },
      }),
      step("delete", TABLE, "t", { old: table("A") }),
      summary(),
    ]);
    expect(text).toMatch(
      /^<!-- flux-ami preview prod -->\n## Preview of `prod`\n\n\*\*Look closely: 1 dangerous change\.\*\*/,
    );
    expect(text.indexOf("### Dangerous")).toBeLessThan(text.indexOf("### Access"));
    expect(text).toContain(
      "<details><summary>~ updated: warehouse W (w)</summary>\n\n```diff\n- warehouseSize: MEDIUM\n+ warehouseSize: LARGE\n```",
    );
  });

  test("says so when nobody could look who gains access", async () => {
    const policy = (action: string) =>
      JSON.stringify({ Statement: [{ Effect: "Allow", Principal: "*", Action: action, Resource: "*" }] });
    const text = await report([
      step("update", "pulumi-nodejs:dynamic/flux-ami:BucketPolicyStatements", "p", {
        old: { inputs: { bucket: "raw", policy: policy("s3:GetObject") } },
        new: { inputs: { bucket: "raw", policy: policy("s3:*") } },
      }),
      summary(),
    ]);
    expect(text).toContain(
      "**New in the policy of bucket raw: statement 1: Allow s3:&#42; on &#42; for everybody.**",
    );
    expect(text).toContain("Containment proof: 1 statement is not covered by what was there; nobody tried");
    expect(text).toContain("No requests were made: the access evaluator (/nowhere/python");
  });

  test("of a load that moves it tells what the load itself found there, or else what lies in the bucket", async () => {
    const moved = (...said: string[]) =>
      report([
        step("update", LOAD, "load", {
          old: {
            inputs: { stageUrl: "s3://raw/ami/", path: "x/" },
            outputs: { pending: { files: 7, bytes: 700 } },
          },
          new: { inputs: { stageUrl: "s3://raw/", path: "ami/x/" } },
        }),
        ...said.map(
          (said) => ({ diagnosticEvent: { urn: "", message: said, severity: "info" } }) as EngineEvent,
        ),
        summary(),
      ]);
    const found = foundLine(
      { stageUrl: "s3://raw/", path: "ami/x/" },
      { files: 3, bytes: 9 },
      { files: 1, bytes: 5_000_000 },
    );
    expect(waitingIn(found)).toEqual({ files: 1, bytes: 5_000_000 });
    expect(await moved(found)).toMatch(/1 file waits: \*\*5\.0 MB\*\*/);
    expect(await moved()).toMatch(/2 files wait: \*\*400 MB\*\*/);
  });

  test("judges a bucket's policy against what was found on the bucket, whatever the state knows", async () => {
    const STATEMENTS = "pulumi-nodejs:dynamic/flux-ami:BucketPolicyStatements";
    const statement = (Sid: string, account: string) => ({
      Sid,
      Effect: "Allow",
      Principal: { AWS: account },
      Action: "s3:GetObject",
      Resource: "arn:aws:s3:::raw/*",
    });
    const text = (...statements: object[]) =>
      JSON.stringify({ Version: "2012-10-17", Statement: statements });
    const [theirs, ours] = [statement("Theirs", "222222222222"), statement("Ours", "333333333333")];
    const inputs = { bucket: "raw", keepOthers: true, own: ["Ours"], lasting: [] };
    const adopted = await report([
      step("same", WAREHOUSE, "w", { old: { inputs: { name: "W" } }, new: { inputs: { name: "W" } } }),
      step("create", STATEMENTS, "p", {
        new: { inputs: { ...inputs, found: text(theirs), policy: text(theirs, ours) } },
      }),
      summary(),
    ]);
    expect(adopted).toContain('**New in the policy of bucket raw: statement 2 ("Ours"): Allow s3:GetObject');
    expect(adopted).not.toContain('statement 1 ("Theirs")');
    // Somebody else let themselves in since the last update: no change of this one's.
    const meanwhile = await report([
      step("same", STATEMENTS, "p", {
        old: { inputs: { ...inputs, found: text(ours), policy: text(ours) } },
        new: { inputs: { ...inputs, found: text(theirs, ours), policy: text(theirs, ours) } },
      }),
      summary(),
    ]);
    expect(meanwhile).not.toContain("New in the policy");
    // The program drops what was found there: a change, though the state never knew of it.
    const dropped = await report([
      step("update", STATEMENTS, "p", {
        old: { inputs: { ...inputs, found: text(ours), policy: text(ours) } },
        new: { inputs: { ...inputs, found: text({ ...theirs, Effect: "Deny" }, ours), policy: text(ours) } },
      }),
      summary(),
    ]);
    expect(dropped).toContain('**Gone from the policy of bucket raw: statement 1 ("Theirs"): Deny');
  });

  test("tells what a first load would do, from the bucket itself", async () => {
    const text = await report([
      step("create", LOAD, "load", {
        new: { inputs: { stageUrl: "s3://raw/ami/", path: "x/", loadSize: "XLARGE" } },
      }),
      summary(),
    ]);
    expect(text).toMatch(
      /2 files wait: \*\*400 MB\*\*, about \*\*1 min 11 s\*\* \(36 s to 2 min 21 s, by published figures\) and \*\*0\.316 credits\*\* on XLARGE\./,
    );
    expect(text).toContain("| voltage | fail | min 110, max 125, minShare 0.99 |");
  });

  test("counts of a moved prefix what is not loaded from there already", async () => {
    const to = { stageUrl: "s3://raw-bucket/raw/", path: "ami/readings/", loadSize: "XLARGE" };
    const from = (stageUrl: string, path: string) => ({ ...to, stageUrl, path });
    const moved = (before: Record<string, unknown>) => report([...loadChanged(before, to), summary()]);
    expect(await moved(from("s3://raw-bucket/raw/ami/", "readings/"))).toMatch(
      /No file waits\.\nCounted in the bucket; of the 2 files that lay where they are now, all but 0 are loaded\./,
    );
    expect(await moved(from("s3://other-bucket/raw/ami/", "readings/"))).toMatch(/2 files wait: \*\*400 MB/);
    expect(await moved(from("s3://raw-bucket/raw/ami/readings/", "1.parq"))).toMatch(
      /1 file waits: \*\*300 MB/,
    );
  });

  test("does not call it an error that policies stopped the preview", async () => {
    const text = await report([
      { policyEvent: { message: "too large", policyName: "size", enforcementLevel: "mandatory" } },
      { diagnosticEvent: { severity: "error", message: "preview failed" } },
      summary("failed"),
    ]);
    expect(text).toContain("**Stopped by a policy:** `size`");
    expect(text).not.toContain("Errors");
  });

  test("tells what waits after a refresh, and repeats what the load said", async () => {
    const pending = { outputs: { pending: { files: 0, bytes: 0 } } };
    const text = await report([
      step("same", LOAD, "load", { old: pending, new: pending }),
      { diagnosticEvent: { severity: "info", message: "load: nothing new (24 files already in the table)" } },
      summary(),
    ]);
    expect(text).toContain("No file waits.\n\n- nothing new (24 files already in the table)");
  });

  test("cannot be broken out of by what it reports", async () => {
    const evil = "</details>\n```\n# owned | <img src=x>";
    const text = await report([
      step("update", WAREHOUSE, "w", {
        old: { inputs: { name: evil, comment: "a" } },
        new: { inputs: { name: evil, comment: evil } },
      }),
      { policyEvent: { message: evil, policyName: "p", enforcementLevel: "advisory" } },
      summary(),
    ]);
    const outside = text.replace(/^(`{3,})diff\n[\s\S]*?\n\1$/gm, "");
    expect(outside).not.toMatch(/^# owned/m);
    expect(outside).not.toContain("<img");
    expect(outside.match(/<\/details>/g)).toHaveLength(1);
    expect(text).toContain("````diff");
  });

  test("shows stars and underscores of ARNs and names as they are", async () => {
    const message = "arn:aws:s3:::b/raw/* lets _ANALYST_ of FLUX_DEV read *; run `up -s *`";
    const text = await report([
      { policyEvent: { message, policyName: "p", enforcementLevel: "advisory" } },
      summary(),
    ]);
    expect(text).toContain(
      "arn:aws:s3:::b/raw/&#42; lets &#95;ANALYST&#95; of FLUX_DEV read &#42;; run `up -s *`",
    );
  });

  test.each([
    ["a mention", "@octocat and @org/team"],
    ["a link", "[click](https://evil.example) www.evil.example mailto:a@b.example"],
    ["an image", "![x](https://evil.example/x.png)"],
    ["an issue", "#1 GH-2 flux/ami#3"],
    ["an emoji", ":octocat:"],
    ["a heading in a list", "# Nothing dangerous"],
    ["turned writing", "a\u202eb\u200bc\u0000d"],
    ["the mark of another report", "<!-- flux-ami preview prod -->"],
  ])("%s from data stays text", async (_what, evil) => {
    const changed = await review([
      step("update", WAREHOUSE, "w", {
        old: { inputs: { name: "W", resourceMonitor: "M" } },
        new: { inputs: { name: evil, resourceMonitor: evil } },
      }),
      { policyEvent: { message: evil, policyName: "p", enforcementLevel: "mandatory" } },
      { diagnosticEvent: { severity: "warning", message: evil } },
      summary("failed"),
    ]);
    const drifted = driftReport(
      { ...changed, errors: [evil], drift: changed.changes, verdict: "failed" },
      { pointer: "full.md" },
    );
    for (const text of [previewReport(changed, { pointer: "full.md" }), drifted]) {
      const prose = text
        .split("\n")
        .slice(1)
        .join("\n")
        .replace(/^(`{3,})diff\n[\s\S]*?\n\1$/gm, "")
        .replace(/(`+)[^`\n]+\1/g, "");
      expect(prose).not.toMatch(
        /@\w|\]\(|!\[|https?:\/\/|www\.|mailto:|(?<!&)#\d|GH-\d|:octocat:|<!--|^\s*(- )?# /m,
      );
      for (const sign of ["\u202e", "\u0000"]) expect(text).not.toContain(sign);
    }
  });

  test("fits into a comment, keeps what is pressing and points to the rest", async () => {
    const many = Array.from({ length: 400 }, (_, index) =>
      step("update", WAREHOUSE, `w${index}`, {
        old: { inputs: { name: `W${index}`, comment: "é".repeat(290) } },
        new: { inputs: { name: `W${index}`, comment: "ü".repeat(290) } },
      }),
    );
    const events = [...many, step("delete", TABLE, "t", { old: table("A") }), summary()];
    const found = await review(events);
    const whole = previewReport(found, { limit: Number.POSITIVE_INFINITY, pointer: "here" });
    const short = previewReport(found, { pointer: "https://example.test/run/1" });
    expect(Buffer.byteLength(whole)).toBeGreaterThan(COMMENT_LIMIT);
    expect(Buffer.byteLength(short)).toBeLessThanOrEqual(COMMENT_LIMIT);
    expect(Buffer.byteLength(short)).toBeGreaterThan(COMMENT_LIMIT * 0.9);
    expect(short).toContain("The table AMI_INTERVAL_READINGS is deleted.");
    expect(short).toContain(
      "> **Shortened** to fit into a comment. The whole report: https://example.test/run/1",
    );
    expect(short).toMatch(/\d+ of 401 details are in the whole report only\./);
  });

  test("fits into a comment even when the pressing part alone is too long", async () => {
    const many = Array.from({ length: 2_000 }, (_, index) =>
      step("delete", TABLE, `t${index}`, { old: table("A") }),
    );
    const short = previewReport(await review([...many, summary()]), { pointer: "full.md" });
    expect(Buffer.byteLength(short)).toBeLessThanOrEqual(COMMENT_LIMIT);
    // A danger is shortened, and never left out.
    expect(short.match(/^- \*\*/gm)).toHaveLength(2_000);
  });
});

describe("the drift report", () => {
  test("is one line when nothing drifted", async () => {
    const text = driftReport(await review([summary()], "drift"), { pointer: "full.md" });
    expect(text).toBe(
      "<!-- flux-ami drift prod -->\n## Drift of `prod`\n\n**No drift:** everything is as the stack left it, and nothing was added beside it.\n",
    );
  });

  test("names what is gone and what was changed, and how to heal it", async () => {
    const found = await review(
      [
        ...refreshed(
          "update",
          WAREHOUSE,
          "w",
          { inputs: { name: "W", warehouseSize: "MEDIUM" }, outputs: { warehouseSize: "MEDIUM" } },
          { inputs: { name: "W" }, outputs: { warehouseSize: "LARGE" } },
        ),
        ...refreshed("delete", TABLE, "t", { ...table("A"), outputs: {} }, undefined),
        summary(),
      ],
      "drift",
    );
    expect(found.verdict).toBe("dangerous");
    const text = driftReport(found, { pointer: "full.md" });
    expect(text).toContain(
      "**2 resources differ from what the stack left.** `pulumi up --refresh -s prod` puts it back",
    );
    expect(text).toContain("- The warehouse W was changed: `warehouseSize`.");
    expect(text).toContain("- **The table AMI_INTERVAL_READINGS is gone.** `up` makes it again.");
  });

  test("calls a bucket's policy that is not there gone, and that a danger", async () => {
    const sides = (policy: string) => ({
      inputs: { bucket: "raw", policy, own: ["FluxProdRefusesPlainHttp"] },
      outputs: { bucket: "raw", policy, own: ["FluxProdRefusesPlainHttp"] },
    });
    const type = "pulumi-nodejs:dynamic/flux-ami:BucketPolicyStatements";
    const policy = '{"Statement":[]}';
    const found = await review(
      [...refreshed("update", type, "raw-policy", sides(policy), sides("")), summary()],
      "drift",
    );
    expect(found.dangers.map(({ what }) => what)).toEqual([
      'The bucket policy raw: policy turns from {"Statement":[]} into nothing.',
    ]);
    const text = driftReport(found, { pointer: "full.md" });
    expect(text).toContain("- **The bucket policy raw is gone.** `up` puts the stack's statements back.");
  });

  test("never advises what would drop a column that somebody added", async () => {
    const columns = (...names: string[]) => ({
      outputs: { name: "AMI_INTERVAL_READINGS", columns: names.map((name) => ({ name, type: "FLOAT" })) },
      inputs: table("A").inputs,
    });
    const found = await review(
      [...refreshed("update", TABLE, "t", columns("A"), columns("A", "WEATHER")), summary()],
      "drift",
    );
    expect(driftReport(found, { pointer: "full.md" })).toMatch(
      /Do not heal this by `pulumi up --refresh -s prod` alone:\*\* it would drop the column `WEATHER`, which somebody added/,
    );
  });
});
