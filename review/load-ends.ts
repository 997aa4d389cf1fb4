/** How a load that runs without the engine ends: its exit codes. */
export const WELL = 0;
/** A check refused it: nothing of it was published. */
export const REFUSED = 1;
/** What it published is not known: nothing, or all of it, as the accounting says. */
export const FAILED = 2;

/**
 * What whoever started the load is told beside the exit code, where there is a channel for it: Node ends with 1 as well when a
 * program cannot even be read.
 */
export const TOLD_REFUSED = "refused";
