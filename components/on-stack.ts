/** Commands of the engine in texts for people. */

/** Where nobody knows the stack that a text speaks of. */
const ANY = "<stack>";

/**
 * Has the commands in a text name their stack: without one they work on whichever is selected, and change that.
 * @param stack "<stack>" where it is not known
 */
export const onStack = (text: string, stack = ANY): string =>
  text
    .replaceAll(`-s ${ANY}`, `-s ${stack}`)
    .replace(
      /\bpulumi (config (?:set|rm)|up|refresh|destroy|preview)\b(?![^`\n&;|]*\s-s )/g,
      `pulumi $1 -s ${stack}`,
    );
