/** Label of the kind of worker: `worker-<name>`, `schedule-<name>`, or `RELEASE`. */
export const KIND_LABEL = 'threewall.dev/worker';

/** `KIND_LABEL` of the Job with the release steps, and the prefix of its name. */
export const RELEASE = 'release';
