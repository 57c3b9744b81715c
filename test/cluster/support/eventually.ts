const POLL_MS = 500;

/**
 * Polls `attempt` until it neither throws nor answers `undefined`, `false` or an empty text, as kubectl does where nothing is found.
 * @param what the sentence that the failure begins with
 * @param seconds deadline
 * @returns what `attempt` answered
 * @throws with the last answer or error once the deadline has passed
 */
export async function eventually<T>(
  what: string,
  seconds: number,
  attempt: () => Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let last: unknown;
  do {
    try {
      const answer = await attempt();
      if (answer !== undefined && answer !== false && answer !== '') return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    await sleep(POLL_MS / 1000);
  } while (Date.now() < deadline);
  throw new Error(`${what}: not within ${seconds} s; last: ${last instanceof Error ? last.message : String(last)}`);
}

/** Waits; only for time that belongs to a trial, never for something to become true. */
export const sleep = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
