import { join } from "node:path";
import execa from "execa";
import { root } from "../sandbox/paths.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { type Figure, seconds } from "./figures.ts";

const MINUTE = 60_000;

/** Seeds the bucket, brings up the stack `sandbox` of this sandbox, and measures what a person waits for. */
export async function measureStack(
  sandbox: Sandbox,
  meters: number,
  days: number,
  say: (line: string) => void,
): Promise<Figure[]> {
  const options = { cwd: root, env: sandbox.env, extendEnv: false, timeout: 60 * MINUTE };
  const pulumi = (...args: string[]) =>
    execa("pulumi", [...args, "--stack", "sandbox", "--non-interactive"], options);

  const rows = meters * days * 96;
  say(`making ${rows.toLocaleString("en-US")} readings`);
  const seed = join(root, "sandbox/seed/main.ts");
  const seeding = await seconds(() =>
    execa("node", [seed, "--meters", String(meters), "--days", String(days)], options),
  );
  await execa("pulumi", ["stack", "init", "sandbox", "--non-interactive"], options);
  say("first `pulumi up`");
  const firstUp = await seconds(() => pulumi("up", "--yes", "--skip-preview"));
  say("`pulumi preview` and `pulumi up` with nothing to do");
  const preview = await seconds(() => pulumi("preview", "--expect-no-changes"));
  const secondUp = await seconds(() => pulumi("up", "--yes", "--skip-preview", "--expect-no-changes"));
  return [
    {
      name: "readings generated and uploaded a second",
      value: rows / seeding,
      unit: "rows/s",
      atLeast: 200_000,
    },
    {
      name: "first `pulumi up` against one with nothing to do",
      value: firstUp / secondUp,
      unit: "x",
      atMost: 10,
    },
    { name: "`pulumi preview` with nothing to do", value: preview, unit: "s", atMost: 20 },
    {
      name: "`pulumi up` with nothing to do against the preview",
      value: secondUp / preview,
      unit: "x",
      atMost: 2,
    },
  ];
}
