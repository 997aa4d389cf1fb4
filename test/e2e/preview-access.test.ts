import { join } from "node:path";
import { diffAccess } from "../../review/access/diff.ts";
import { prove, sameMeaning } from "../../review/access/proof.ts";
import type { World } from "../../review/access/world.ts";
import { documents } from "../policy/stack.ts";

const PYTHON = join(__dirname, "../../.sandbox/venv/bin/python");
const BUCKET = "flux-prod-raw-111122223333";
const ROLE = "flux-prod-snowflake-raw-ami";
const PARTNER = "arn:aws:iam::444455556666:role/reader";
const SNOWFLAKE = "arn:aws:iam::777788889999:user/abc1-b-self1234";

type Doc = { Statement: Record<string, unknown>[] };
type Changes = {
  bucket?: (document: Doc) => void;
  trust?: (document: Doc) => void;
  role?: (document: Doc) => void;
};

/** The production stack's documents, changed. */
function world(changes: Changes = {}): World {
  const made = {
    bucket: documents.bucket() as Doc,
    trust: documents.trust() as Doc,
    role: documents.role() as Doc,
  };
  for (const [name, change] of Object.entries(changes)) change(made[name as keyof Changes]);
  return {
    account: "111122223333",
    buckets: new Map([[BUCKET, JSON.stringify(made.bucket)]]),
    roles: new Map([
      [
        ROLE,
        {
          arn: `arn:aws:iam::111122223333:role/${ROLE}`,
          trust: JSON.stringify(made.trust),
          policies: new Map([["read", JSON.stringify(made.role)]]),
        },
      ],
    ]),
  };
}

const at = (document: Doc, index: number) => document.Statement[index] as Record<string, unknown>;
const texts = (changes: readonly { who: string; action: string; where: string; how: string }[]) =>
  changes.map(({ who, action, where, how }) =>
    [who, action, where, how].filter((text) => text !== "").join(" | "),
  );

describe("access diff", () => {
  jest.setTimeout(120_000);

  test("another spelling is no change and asks nothing", async () => {
    const spelt = world({
      role: (document) =>
        Object.assign(at(document, 0), {
          Action: "S3:getobject",
          Resource: `arn:aws:s3:::${BUCKET}/raw/ami/*`,
        }),
    });
    expect(sameMeaning(world(), spelt)).toBe(true);
  });

  test("a statement split in two changes no access", async () => {
    const split = world({
      role: (document) => {
        const list = at(document, 1);
        document.Statement.push({ ...list, Action: "s3:GetBucketLocation" });
        list.Action = "s3:ListBucket";
      },
    });
    expect(prove(world(), split).open).toEqual([]);
    expect(await diffAccess(PYTHON, world(), split)).toMatchObject({ gains: [], losses: [] });
  });

  test("a widened prefix shows who gains what above it", async () => {
    const wide = world({
      role: (document) => Object.assign(at(document, 0), { Resource: `arn:aws:s3:::${BUCKET}/raw/*` }),
    });
    const { gains, losses } = await diffAccess(PYTHON, world(), wide);
    expect(texts(gains)).toEqual([`role ${ROLE} | s3:GetObject | ${BUCKET}/raw/*`]);
    expect(losses).toEqual([]);
    expect(prove(world(), wide).open).toMatchObject([{ side: "added", what: `policies of role ${ROLE}` }]);
  });

  test("a changed external ID takes the old one's access and gives the new one's", async () => {
    const rotated = world({
      trust: (document) =>
        Object.assign(at(document, 0), {
          Condition: { StringEquals: { "sts:ExternalId": "flux-0000000000000000" } },
        }),
    });
    const { gains, losses } = await diffAccess(PYTHON, world(), rotated);
    expect(texts(gains)).toEqual([
      `${SNOWFLAKE} | sts:AssumeRole | role ${ROLE} | with external ID flux-0000000000000000`,
    ]);
    expect(texts(losses)).toEqual([
      `${SNOWFLAKE} | sts:AssumeRole | role ${ROLE} | with external ID flux-7f3c9a1e5b2d4860`,
    ]);
  });

  test("a trust without external ID lets the principal in with any", async () => {
    const open = world({ trust: (document) => delete at(document, 0).Condition });
    const { gains } = await diffAccess(PYTHON, world(), open);
    expect(texts(gains)).toEqual([
      `${SNOWFLAKE} | sts:AssumeRole | role ${ROLE} | without external ID`,
      `${SNOWFLAKE} | sts:AssumeRole | role ${ROLE} | with any external ID`,
    ]);
  });

  test("a bucket opened to everybody names strangers and the anonymous", async () => {
    const open = world({ bucket: (document) => Object.assign(at(document, 1), { Principal: "*" }) });
    const { gains } = await diffAccess(PYTHON, world(), open);
    expect(new Set(gains.map(({ who }) => who))).toEqual(
      new Set([SNOWFLAKE, "any other AWS account", "anonymous", `role ${ROLE}`]),
    );
  });

  test("a dropped refusal of plain HTTP is a gain over plain HTTP", async () => {
    const plain = world({ bucket: (document) => document.Statement.shift() });
    const { gains, losses } = await diffAccess(PYTHON, world(), plain);
    expect(texts(gains)).toEqual(
      expect.arrayContaining([
        `role ${ROLE} | s3:GetObject | ${BUCKET}/raw/ami/* | over plain HTTP`,
        `${PARTNER} | s3:GetObject | ${BUCKET}/raw/ami/* | over plain HTTP`,
        `${PARTNER} | s3:ListBucket | ${BUCKET}/raw/ami/* | over plain HTTP`,
      ]),
    );
    expect(gains.every(({ how }) => how === "over plain HTTP")).toBe(true);
    expect(losses).toEqual([]);
  });

  test("a partner let out loses, and a partner let in gains", async () => {
    const other = "arn:aws:iam::222233334444:root";
    const swapped = world({
      bucket: (document) => {
        Object.assign(at(document, 1), { Principal: { AWS: other } });
        Object.assign(at(document, 2), { Principal: { AWS: other } });
      },
    });
    const { gains, losses } = await diffAccess(PYTHON, world(), swapped);
    expect(new Set(gains.map(({ who }) => who))).toEqual(new Set([other]));
    expect(texts(losses)).toContain(`${PARTNER} | s3:GetObject | ${BUCKET}/raw/ami/*`);
    expect(new Set(losses.map(({ who }) => who))).toEqual(new Set([PARTNER]));
  });

  test("what no request can decide is told and not guessed", async () => {
    const odd = world({
      role: (document) => Object.assign(at(document, 0), { Action: ["s3:GetObject", "s3:PutBucketPolicy"] }),
      bucket: (document) =>
        Object.assign(at(document, 1), { Condition: { IpAddress: { "aws:SourceIp": "192.0.2.0/24" } } }),
    });
    const { undecided } = await diffAccess(PYTHON, world(), odd);
    expect(undecided).toEqual([
      {
        what: `policy of bucket ${BUCKET}`,
        part: "Allow s3:GetObject, s3:GetObjectVersion if ipaddress aws:sourceip 192.0.2.0/24",
        side: "added",
      },
      { what: `policy read of role ${ROLE}`, part: "Allow s3:PutBucketPolicy", side: "added" },
    ]);
  });

  test("a role that a condition means is that one, and no other of its account", async () => {
    const readers = (...names: string[]) =>
      world({
        bucket: (document) => {
          for (const index of [1, 2])
            Object.assign(at(document, index), {
              Principal: { AWS: "444455556666" },
              Condition: {
                ...(at(document, index).Condition as object),
                ArnEquals: {
                  "aws:PrincipalArn": names.map((name) => `arn:aws:iam::444455556666:role/${name}`),
                },
              },
            });
        },
      });
    const { gains, losses, undecided } = await diffAccess(
      PYTHON,
      readers("reader"),
      readers("reader", "second"),
    );
    expect(new Set(gains.map(({ who }) => who))).toEqual(new Set(["arn:aws:iam::444455556666:role/second"]));
    expect([losses, undecided]).toEqual([[], []]);
    expect(prove(readers("reader"), readers("reader", "second")).open.map(({ part }) => part)).toEqual(
      [2, 3].map((index) =>
        expect.stringMatching(new RegExp(`^statement ${index} .*arn:aws:iam::444455556666:role/second$`)),
      ),
    );
    expect(prove(world(), readers("reader")).open).toEqual([]);
  });

  test("a wildcard without a slash opens the folder beside, and an exact key is tried", async () => {
    const beside = world({
      bucket: (document) =>
        Object.assign(at(document, 1), {
          Resource: [`arn:aws:s3:::${BUCKET}/raw/ami/eu*`, `arn:aws:s3:::${BUCKET}/secret/key.txt`],
        }),
    });
    const { gains } = await diffAccess(PYTHON, world(), beside);
    expect(texts(gains)).toContain(`${PARTNER} | s3:GetObject | ${BUCKET}/secret/key.txt`);
    const above = world({
      bucket: (document) => Object.assign(at(document, 1), { Resource: `arn:aws:s3:::${BUCKET}/raw/a*` }),
    });
    expect(texts((await diffAccess(PYTHON, world(), above)).gains)).toContain(
      `${PARTNER} | s3:GetObject | ${BUCKET}/raw/a-secret/object`,
    );
  });

  test("another partition is asked about as if it were aws", async () => {
    const gov = (made: World): World => ({
      ...made,
      buckets: new Map(
        [...made.buckets].map(([name, text]) => [name, text?.replaceAll("arn:aws:", "arn:aws-us-gov:")]),
      ),
    });
    const open = world({ bucket: (document) => Object.assign(at(document, 1), { Action: "s3:PutObject" }) });
    const { gains } = await diffAccess(PYTHON, gov(world()), gov(open));
    expect(texts(gains)).toContain(`${PARTNER} | s3:PutObject | ${BUCKET}/raw/ami/*`);
  });

  test("an interpreter that cannot run is named, with the cure", async () => {
    const wide = world({ role: (document) => Object.assign(at(document, 0), { Action: "s3:PutObject" }) });
    await expect(diffAccess("/nowhere/python", world(), wide)).rejects.toThrow(
      /the access evaluator \(\/nowhere\/python .*\) did not start: .*run `make install`/,
    );
  });
});
