import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pulumiChecks } from "../../preflight/checks/pulumi.ts";
import type { World } from "../../preflight/world.ts";

test("a stack that is gone is made again under the secrets provider that its file names", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flux-stack-"));
  const exported = async () => ({ exitCode: 255, stdout: "", stderr: "error: no stack named 'prod' found" });
  const cure = async () => {
    const world = { at: { stack: "prod", folder }, exported } as unknown as World;
    return (await pulumiChecks.find(({ id }) => id === "pulumi.stack")?.run(world))?.cure;
  };
  try {
    expect(await cure()).toContain("--secrets-provider 'awskms://alias/<key>?region=<region>'");
    const provider = "awskms://alias/flux-prod?region=us-east-1";
    writeFileSync(join(folder, "Pulumi.prod.yaml"), `secretsprovider: ${provider}\nencryptedkey: AAAA\n`);
    expect(await cure()).toBe(`pulumi stack init prod --secrets-provider '${provider}'`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
