import { join } from "node:path";
import execa from "execa";
import { root } from "../sandbox/paths.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { type Figure, seconds } from "./figures.ts";

const MINUTE = 60_000;
/** How often each preview is measured; the quickest counts, as nothing but other work on the machine makes one slower. */
const TIMES = 5;

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
  const { preview, trivial, resources } = await measurePreviews(sandbox);
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
      name: `that preview against one of ${resources} resources that are nothing but resources`,
      value: preview / trivial,
      unit: "x",
      atMost: 1.4,
    },
    {
      name: "`pulumi up` with nothing to do against the preview",
      value: secondUp / preview,
      unit: "x",
      atMost: 2,
    },
  ];
}

/** Seconds of a preview with nothing to do: of the stack `sandbox`, and of a program of as many resources that do nothing. */
async function measurePreviews(sandbox: Sandbox) {
  const options = { env: sandbox.env, extendEnv: false, timeout: 60 * MINUTE };
  const stack = { ...options, cwd: root };
  const trivial = { ...options, cwd: join(root, "bench", "trivial") };
  const pulumi = (where: typeof stack, ...args: string[]) =>
    execa("pulumi", [...args, "--stack", "sandbox", "--non-interactive"], where);

  const { deployment } = JSON.parse((await pulumi(stack, "stack", "export")).stdout);
  const resources = (deployment.resources as unknown[]).length;
  trivial.env = { ...sandbox.env, RESOURCES: String(resources) };
  await pulumi(trivial, "stack", "init");
  await pulumi(trivial, "up", "--yes", "--skip-preview");
  const quickest = { stack: Number.POSITIVE_INFINITY, trivial: Number.POSITIVE_INFINITY };
  // By turns, so that what else the machine does meets both.
  for (let time = 0; time < TIMES; time++)
    for (const [name, where] of Object.entries({ stack, trivial }) as ["stack" | "trivial", typeof stack][])
      quickest[name] = Math.min(
        quickest[name],
        await seconds(() => pulumi(where, "preview", "--expect-no-changes")),
      );
  return { preview: quickest.stack, trivial: quickest.trivial, resources };
}
