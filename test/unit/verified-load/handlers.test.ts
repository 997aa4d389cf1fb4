import { check, diff, read, remove } from "../../../components/verified-load/handlers.ts";
import { given, settings } from "./support/settings.ts";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const noConfig = () => undefined;
let lines: string[];
beforeEach(() => {
  lines = [];
  jest.spyOn(console, "log").mockImplementation((line) => void lines.push(String(line)));
});
afterEach(() => jest.restoreAllMocks());

const state = { ...settings(), __provider: "code", totalRows: 10, verified: true };

test("check passes good inputs on as they are", async () => {
  await expect(check({ ...given, __provider: "code" })).resolves.toEqual({
    inputs: { ...given, __provider: "code" },
    failures: [],
  });
  await expect(check({ ...given, path: "/x" })).resolves.toMatchObject({ failures: [{ property: "path" }] });
});

test("another table is another load", async () => {
  await expect(diff(state, { ...state, table: "OTHER" }, noConfig)).resolves.toEqual({
    changes: true,
    replaces: ["table"],
  });
});

test("what is not known yet cannot be looked at, and the preview says so", async () => {
  await expect(diff(state, { ...state, stageUrl: unknown }, noConfig)).resolves.toEqual({
    changes: true,
    replaces: [],
  });
  expect(lines).toEqual([expect.stringContaining("not known before the resources it depends on are there")]);
});

test("a stage that does not show the new place yet cannot be looked through, and the preview says so", async () => {
  await expect(diff(state, { ...state, stageUrl: "s3://bucket/elsewhere/" }, noConfig)).resolves.toEqual({
    changes: true,
    replaces: [],
  });
  expect(lines).toEqual([
    expect.stringMatching(/shows another place.*s3:\/\/bucket\/elsewhere\/.*known after the update/),
  ]);
});

test("without a login the preview says that it could not look, and plans an update", async () => {
  const environment = { ...process.env };
  for (const key of Object.keys(process.env).filter((name) => name.startsWith("SNOWFLAKE_")))
    delete process.env[key];
  await expect(diff(state, state, noConfig)).resolves.toEqual({ changes: true, replaces: [] });
  expect(lines).toEqual([expect.stringMatching(/could not look what waits.*cannot log in to Snowflake/)]);
  Object.assign(process.env, environment);
});

test("deleting retains by default, without going near Snowflake", async () => {
  await remove(state, noConfig);
  expect(lines).toEqual([
    expect.stringMatching(/removes no rows \(onDelete: retain\).*FLUX\.PRODUCTION\.AMI_INTERVAL_READINGS/),
  ]);
});

test("an import by name alone is refused, with what to do instead", async () => {
  await expect(read("FLUX.PRODUCTION.X", {}, noConfig)).rejects.toThrow(
    /cannot be imported[\s\S]*cure: declare it in the program/,
  );
});
