/** Label that tells the kinds of workers apart: `worker-<name>`, `schedule-<name>`, or `RELEASE`. */
export const KIND_LABEL = 'threewall.dev/worker';

/** Value of `KIND_LABEL` of the Job that runs the release steps, and what its name begins with. */
export const RELEASE = 'release';
