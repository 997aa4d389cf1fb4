import { type Declared, importFile } from "../../commands/import-file.ts";
import { KINDS, randomIdOf } from "../../components/existing/kinds.ts";

const ROOT = "urn:pulumi:dev::flux-ami";
const STACK = `${ROOT}::pulumi:pulumi:Stack::flux-ami-dev`;
const COMPONENT = `${ROOT}::flux-ami:index:ReadingsTable::readings`;
const PROVIDER = `${ROOT}::pulumi:providers:snowflake::snowflake`;
const DATABASE = `${ROOT}::flux-ami:index:ReadingsTable$snowflake:index/database:Database::readings-database`;
const ROLE = `${ROOT}::flux-ami:index:ReadingsTable$aws:iam/role:Role::trust-role`;

const declared = (op: string): Map<string, Declared> =>
  new Map(
    [
      { urn: COMPONENT, type: "flux-ami:index:ReadingsTable", parent: STACK },
      {
        urn: PROVIDER,
        type: "pulumi:providers:snowflake",
        parent: STACK,
        inputs: { __internal: {}, role: "DEPLOYER", privateKey: "[secret]", version: "1.3.0" },
      },
      {
        urn: DATABASE,
        type: "snowflake:index/database:Database",
        parent: COMPONENT,
        provider: `${PROVIDER}::id`,
      },
      {
        urn: ROLE,
        type: "aws:iam/role:Role",
        parent: COMPONENT,
        provider: `${ROOT}::pulumi:providers:aws::default_7_48_0::id`,
      },
    ].map((one) => [one.urn, { op, ...one }]),
  );
const EXISTING = [
  { urn: DATABASE, what: "database FLUX_DEV", id: "FLUX_DEV" },
  { urn: ROLE, what: "IAM role r", id: "r" },
];

test("what a lost state does not know comes with the component and the provider above it, and no secret", () => {
  const { nameTable, resources } = importFile(EXISTING, declared("create"));
  expect(nameTable).toEqual({});
  const entry = (urn: string) => resources.find(({ name }) => name === urn);
  expect(entry(COMPONENT)).toMatchObject({ component: true, logicalName: "readings" });
  expect(entry(PROVIDER)).toMatchObject({ version: "1.3.0", inputs: { role: "DEPLOYER" } });
  expect(entry(DATABASE)).toMatchObject({ id: "FLUX_DEV", parent: COMPONENT, provider: PROVIDER });
  expect(entry(ROLE)).toMatchObject({ id: "r", version: "7.48.0" });
  expect(entry(ROLE)).not.toHaveProperty("provider");
  expect(JSON.stringify(resources)).not.toContain("secret");
});

test("what the state knows is named and not imported again", () => {
  const known = declared("same");
  const { nameTable, resources } = importFile(EXISTING, known);
  expect(nameTable).toEqual({ [COMPONENT]: COMPONENT, [PROVIDER]: PROVIDER });
  expect(resources.map(({ name }) => name)).toEqual([DATABASE, ROLE]);
});

test.each([
  ["snowflake:index/database:Database", { name: "D" }, "D"],
  ["snowflake:index/schema:Schema", { database: "D", name: "S" }, '"D"."S"'],
  ["snowflake:index/table:Table", { database: "D", schema: "S", name: "T" }, "D|S|T"],
  ["snowflake:index/stage:Stage", { database: "D", schema: "S", name: "T" }, "D|S|T"],
  ["snowflake:index/warehouse:Warehouse", { name: "W" }, "W"],
  ["aws:iam/role:Role", { name: "r" }, "r"],
  ["aws:s3/bucket:Bucket", { bucket: "b" }, "b"],
])("a %s is imported by its own form of ID", (type, inputs, id) => {
  expect(KINDS[type]?.(inputs)?.id).toBe(id);
});

test("a name that is not known yet is not looked for", () => {
  expect(KINDS["snowflake:index/schema:Schema"]?.({ database: undefined, name: "S" })).toBeUndefined();
});

test("an external ID of the stack's own making is imported by its bytes, another one not at all", () => {
  expect(randomIdOf("00ff".repeat(8))).toBe(Buffer.from("00ff".repeat(8), "hex").toString("base64url"));
  expect(randomIdOf("FLUX_SFCRole=2_made-up")).toBeUndefined();
});
