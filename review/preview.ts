import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { nameOf } from "./engine-plan.ts";
import { type EngineEvent, parseEvent } from "./events.ts";
import { policyArguments } from "./policies.ts";
import type { Masker } from "./values.ts";

export interface PreviewOptions {
  readonly stack: string;
  /** Folder of Pulumi.yaml. */
  readonly project: string;
  /** Folder of the checkout whose policy pack counts. */
  readonly rules: string;
  readonly masker: Masker;
  /** Looks first at what is really there. */
  readonly refresh: boolean;
  /** Only looks at what is really there and leaves the program alone. */
  readonly refreshOnly?: boolean;
  /** File to save the plan in, for an `up` that does just that. */
  readonly savePlan?: string;
  /** Called with a line for people now and then. */
  readonly progress: (line: string) => void;
}

const PROGRESS_EVERY_SECONDS = 10;

/**
 * Runs the engine and gives its events. The engine's own exit code does not matter: a refused preview is a result too.
 * @throws when the engine could not run, with what it said.
 */
export async function runPreview(options: PreviewOptions): Promise<EngineEvent[]> {
  const { stack, project, rules, masker, refresh, refreshOnly = false, savePlan, progress } = options;
  const command = refreshOnly
    ? ["refresh", "--preview-only"]
    : ["preview", ...(refresh ? ["--refresh"] : [])];
  const args = [
    ...command,
    "--stack",
    stack,
    "--json",
    "--non-interactive",
    ...(refreshOnly ? [] : policyArguments(rules, stack)),
    ...(savePlan === undefined ? [] : ["--save-plan", savePlan]),
  ];
  const child = spawn("pulumi", args, {
    cwd: project,
    env: { ...process.env, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true", PULUMI_SKIP_UPDATE_CHECK: "true" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-4_000);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", (error) =>
      reject(new Error(`pulumi could not be run: ${error.message}; is it on PATH?`)),
    );
    child.once("close", resolve);
  });
  const events: EngineEvent[] = [];
  const talk = talker(progress);
  const lines = createInterface({ input: child.stdout });
  const read = (async () => {
    for await (const line of lines) {
      const event = parseEvent(line);
      if (event === undefined) continue;
      events.push(event);
      talk(event);
    }
  })();
  const code = await ended;
  await read;
  explainEnd(events, command[0] ?? "", code, complaint.trim(), masker);
  return events;
}

/** Throws when the engine had no result; else sees to it that a failure has its reason among the events. */
function explainEnd(
  events: EngineEvent[],
  command: string,
  code: number | null,
  complaint: string,
  masker: Masker,
): void {
  if (!events.some(({ summaryEvent }) => summaryEvent !== undefined)) {
    const said = events.flatMap(({ diagnosticEvent }) =>
      diagnosticEvent?.severity === "error" ? [diagnosticEvent.message.trim()] : [],
    );
    throw new Error(
      `pulumi ${command} ended with code ${code} before it had a result:\n${masker.text([...said, complaint, ...cureOf(complaint)].join("\n"))}`,
    );
  }
  const explained = events.some(
    ({ diagnosticEvent, policyEvent }) =>
      diagnosticEvent?.severity === "error" || policyEvent?.enforcementLevel === "mandatory",
  );
  // The engine prints some failures, such as a stack that does not exist, without an event for them.
  if (code !== 0 && !explained && complaint !== "") {
    const message = [complaint, ...cureOf(complaint)].join("\n");
    events.push({ diagnosticEvent: { severity: "error", message } });
  }
}

/** A stack that does not exist is a name misspelt, another backend, or one that nobody made yet. */
const cureOf = (complaint: string): string[] =>
  /no stack named/.test(complaint)
    ? [
        "  cure: `pulumi stack ls` shows the stacks there are, `pulumi stack init <name> --secrets-provider <as the other stacks have it>` makes one, `pulumi login` logs in to their backend",
      ]
    : [];

/** Says now and then which resource the engine is at. */
function talker(progress: (line: string) => void): (event: EngineEvent) => void {
  let seen = 0;
  let next = Date.now() + PROGRESS_EVERY_SECONDS * 1_000;
  return ({ resourcePreEvent }) => {
    if (resourcePreEvent === undefined) return;
    seen += 1;
    if (Date.now() < next) return;
    next = Date.now() + PROGRESS_EVERY_SECONDS * 1_000;
    progress(`${seen} resources looked at, now ${nameOf(resourcePreEvent.metadata.urn)}`);
  };
}
