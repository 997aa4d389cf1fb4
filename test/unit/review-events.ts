import type { EngineEvent, EventState } from "../../review/events.ts";

/** Builds the engine's events as `pulumi preview --json` streams them. */

export const SECRET_VALUE = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "[secret]",
};
export const UNKNOWN_VALUE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

type Inputs = Record<string, unknown>;
export interface Side {
  inputs?: Inputs;
  outputs?: Inputs;
  protect?: boolean;
  retainOnDelete?: boolean;
  /** The login that it is made with. */
  provider?: string;
  /** Where the state knows it by another type. */
  type?: string;
}

const urn = (type: string, name: string) => `urn:pulumi:prod::flux-ami::${type}::${name}`;

function state(type: string, name: string, side: Side | undefined): EventState | null {
  if (side === undefined) return null;
  return { type, urn: urn(type, name), id: name, custom: true, inputs: {}, outputs: {}, ...side };
}

export function step(
  op: string,
  type: string,
  name: string,
  sides: { old?: Side; new?: Side },
  keys: string[] = [],
): EngineEvent {
  return {
    resourcePreEvent: {
      metadata: {
        op,
        urn: urn(type, name),
        type,
        old: state(type, name, sides.old),
        new: state(type, name, sides.new),
        keys,
        detailedDiff: null,
      },
    },
  };
}

/** What a refresh says of one resource: asked, then found as it is. */
export function refreshed(
  op: string,
  type: string,
  name: string,
  old: Side,
  found: Side | undefined,
): EngineEvent[] {
  const about = { urn: urn(type, name), type, old: state(type, name, old), detailedDiff: null };
  return [
    { resourcePreEvent: { metadata: { ...about, op: "refresh", new: state(type, name, old) } } },
    { resOutputsEvent: { metadata: { ...about, op, new: state(type, name, found) } } },
  ];
}

export const summary = (result = "succeeded"): EngineEvent => ({
  summaryEvent: { durationSeconds: 3, result },
});
