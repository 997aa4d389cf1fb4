import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root, tools } from "../paths.ts";
import { dependenciesOf, requiredPackages } from "../plugins/language-nodejs/packages.ts";

const plugins = new Map(requiredPackages(root).map(({ name, version }) => [name, version]));

describe("the plugins that the program needs", () => {
  it("are those of the SDK packages in package.json, in their very versions", () => {
    const wanted = new Map(dependenciesOf(root));
    expect([...plugins].sort()).toEqual(
      ["aws", "random", "snowflake"].map((name) => [name, wanted.get(`@pulumi/${name}`)]),
    );
  });

  it.each(["aws", "random", "snowflake"])("%s is where the engine looks for it", (name) => {
    const folder = `resource-${name}-v${plugins.get(name)}`;
    const file = join(tools.pulumiHome, "plugins", folder, `pulumi-resource-${name}`);
    expect(readFileSync(file).length).toBeGreaterThan(50);
  });
});

const env = { PATH: process.env.PATH ?? "", HOME: tools.dir, PULUMI_SKIP_UPDATE_CHECK: "true" };

it("the engine has the version that its Go module names", () => {
  const goMod = readFileSync(join(root, "sandbox/toolchain/engine/go.mod"), "utf8");
  const version = execFileSync(join(tools.bin, "pulumi"), ["version"], { env, encoding: "utf8" }).trim();
  expect(version).toMatch(/^v3\.\d+\.\d+$/);
  expect(goMod).toContain(`github.com/pulumi/pulumi/pkg/v3 ${version}`);
});

it("the Snowflake provider says the version of its SDK package", () => {
  const folder = join(tools.pulumiHome, "plugins", `resource-snowflake-v${plugins.get("snowflake")}`);
  const out = execFileSync(join(folder, "pulumi-resource-snowflake"), ["-version"], {
    env: { ...env, SF_TEMPORARY_CREDENTIAL_CACHE_DIR: tools.dir },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  expect(out.trim()).toBe(plugins.get("snowflake"));
});
