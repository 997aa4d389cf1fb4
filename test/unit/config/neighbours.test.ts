import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../../config/index.ts";
import { ConfigError } from "../../../config/mistakes.ts";
import { type Neighbour, neighboursIn } from "../../../config/source.ts";
import { environment, PARTNER, RIGHT, refused, source } from "./support.ts";

describe("partners' files beside the owner's", () => {
  const file = (values: Record<string, string>, stack = "gridworks"): Neighbour => ({
    stack,
    file: `Pulumi.${stack}.yaml`,
    values: {
      "flux-ami:kind": "partner",
      "flux-ami:owner": "dev",
      "flux-ami:way": "bucketAccess",
      "flux-ami:partnerPrincipal": "222222222222",
      ...values,
    },
  });
  const readers = (...neighbours: Neighbour[]) => environment({}, { neighbours }).bucketReaders;

  test("let their principals read", () => {
    expect(
      readers(
        file({}),
        file(
          {
            "flux-ami:partnerPrincipal": "arn:aws:iam::333333333333:role/r",
            "flux-ami:partnerPrefix": "raw/ami/x/",
          },
          "acme",
        ),
      ),
    ).toEqual([
      { partner: "gridworks", principal: "222222222222", prefix: "raw/ami/" },
      { partner: "acme", principal: "arn:aws:iam::333333333333:role/r", prefix: "raw/ami/x/" },
    ]);
  });

  test("let them read until their last day, and no longer", () => {
    expect(readers(file({ "flux-ami:partnerUntil": "2026-07-01" }))).toHaveLength(1);
    expect(readers(file({ "flux-ami:partnerUntil": "2026-06-30" }))).toEqual([]);
    const partner = (until: string) =>
      readConfig(
        source({ ...PARTNER, "flux-ami:way": "storageIntegration", "flux-ami:partnerUntil": until }),
      );
    expect(partner("2026-07-01")).toMatchObject({ ended: false });
    expect(partner("2026-06-30")).toMatchObject({ ended: true });
  });

  test("are as many as fit into the bucket's policy; how many that are is said", () => {
    const many = (count: number, more: (account: string, index: number) => Record<string, string>) =>
      Array.from({ length: count }, (_, index) =>
        file(more(String(200_000_000_000 + index), index), `partner-${index}`),
      );
    const role = (account: string) => ({
      "flux-ami:partnerPrincipal": `arn:aws:iam::${account}:role/teams/energy/readings-reader`,
    });
    const kinds: [number, Parameters<typeof many>[1]][] = [
      [80, role],
      [400, (account) => ({ "flux-ami:partnerPrincipal": account })],
      // Folders of their own are statements of their own.
      [25, (account, index) => ({ ...role(account), "flux-ami:partnerPrefix": `raw/ami/region-${index}/` })],
    ];
    for (const [count, kind] of kinds) {
      expect(readers(...many(count, kind))).toHaveLength(count);
      const { mistakes } = refused(RIGHT, { neighbours: many(1_000, kind) });
      expect(mistakes).toMatchObject([
        { key: "flux-ami:partnerPrincipal", value: expect.stringMatching(/^1000 partners/) },
      ]);
      const fits = Number(/: (\d+) of these partners fit/.exec(mistakes[0]?.allowed ?? "")?.[1]);
      expect(fits).toBeGreaterThanOrEqual(count);
      expect(readers(...many(fits, kind))).toHaveLength(fits);
      expect(() => readers(...many(fits + 1, kind))).toThrow(ConfigError);
    }
  });

  test("of another owner, another way or another kind do not matter here, right or wrong", () => {
    expect(
      readers(
        file({ "flux-ami:owner": "prod", "flux-ami:partnerPrincipal": "*" }),
        file({ "flux-ami:way": "dataShare" }),
        file({ "flux-ami:kind": "environment" }),
        { stack: "other", file: "Pulumi.other.yaml", values: {} },
      ),
    ).toEqual([]);
  });

  test("are named when they are wrong, with all their mistakes", () => {
    const error = refused(RIGHT, {
      neighbours: [
        file({ "flux-ami:partnerPrincipal": "*", "flux-ami:partnerPrefx": "raw/ami/" }),
        file({ "flux-ami:partnerPrefix": "raw/other/" }, "acme"),
      ],
    });
    expect(error.mistakes.map((one) => one.key)).toEqual([
      "Pulumi.gridworks.yaml → flux-ami:partnerPrefx",
      "Pulumi.gridworks.yaml → flux-ami:partnerPrincipal",
      "Pulumi.acme.yaml → flux-ami:partnerPrefix",
    ]);
    expect(error.message).toMatch(/a folder within raw\/ami\//);
    // The cure is for the partner's file, not for the stack that reads it.
    expect(error.message).toContain("pulumi config set -s gridworks flux-ami:partnerPrincipal arn:");
  });
});

describe("neighbours' stack files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "stacks-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test("are read to their last digit, objects too", () => {
    writeFileSync(
      join(folder, "Pulumi.prod.yaml"),
      [
        "config:",
        "  flux-ami:awsAccountId: 123456789012",
        "  flux-ami:maxRejectedRows: 12345678901234567890",
        "  flux-ami:quality: { accountedRows: { maxMissing: 12345678901234567890 }, keyNulls: { maxShare: 0.5 } }",
        "  flux-ami:readerRoles: [ANALYST]",
      ].join("\n"),
    );
    const [prod] = neighboursIn(folder, "dev");
    expect(prod?.values).toEqual({
      "flux-ami:awsAccountId": "123456789012",
      "flux-ami:maxRejectedRows": "12345678901234567890",
      "flux-ami:quality":
        '{"accountedRows":{"maxMissing":"12345678901234567890"},"keyNulls":{"maxShare":"0.5"}}',
      "flux-ami:readerRoles": '["ANALYST"]',
    });
  });

  test.each([
    ["a key twice", "config:\n  flux-ami:kind: partner\n  flux-ami:kind: partner\n", /at line 2|at line 3/],
    ["no YAML", "config: {", /line/],
  ])("with %s are named, with the line", (_what, text, says) => {
    writeFileSync(join(folder, "Pulumi.prod.yaml"), text);
    expect(() => neighboursIn(folder, "dev")).toThrow(ConfigError);
    expect(() => neighboursIn(folder, "dev")).toThrow(says);
    expect(() => neighboursIn(folder, "dev")).toThrow(/Pulumi\.prod\.yaml is[\s\S]*cure:/);
  });
});

test("a stack file in UTF-16 is refused by name, not taken for one without keys", () => {
  const folder = mkdtempSync(join(tmpdir(), "flux-utf16-"));
  const text = Buffer.from("config:\n  flux-ami:kind: partner\n", "utf16le");
  writeFileSync(join(folder, "Pulumi.gridworks.yaml"), Buffer.concat([Buffer.from([0xff, 0xfe]), text]));
  expect(() => neighboursIn(folder, "dev")).toThrow(
    /Pulumi\.gridworks\.yaml is "a text in UTF-16[\s\S]*allowed: YAML in UTF-8[\s\S]*cure: write it anew/,
  );
  rmSync(folder, { recursive: true });
});
