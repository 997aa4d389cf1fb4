/** The timeline of a load: which step took how long, on a warehouse of which size. */
import { timestamp } from "../snowflake/times.ts";

interface Step {
  step: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  seconds: number;
  warehouseSize: string;
}

export interface Steps {
  /** What comes now; ends the step before it. */
  begin(step: string): void;
  /** From now on the warehouse has this size. */
  resized(size: string): void;
  /** The readings hold the load from now on. */
  published(): void;
  isPublished(): boolean;
  /** The step under way. */
  current(): string;
  startedAt(): string;
  taken(): Step[];
}

export function startSteps(size: string): Steps {
  const began = Date.now();
  const steps: { step: string; startedAt: number; warehouseSize: string }[] = [];
  let warehouseSize = size;
  let isPublished = false;
  return {
    begin: (step) => steps.push({ step, startedAt: Date.now(), warehouseSize }),
    resized: (now) => {
      warehouseSize = now;
    },
    published: () => {
      isPublished = true;
    },
    isPublished: () => isPublished,
    current: () => steps.at(-1)?.step ?? "logging in",
    startedAt: () => timestamp(new Date(began)),
    taken: () =>
      steps.map((one, index) => ({
        ...one,
        seconds: ((steps[index + 1]?.startedAt ?? Date.now()) - one.startedAt) / 1000,
      })),
  };
}
