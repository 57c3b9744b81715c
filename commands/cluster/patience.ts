import { setTimeout as sleep } from 'node:timers/promises';
import { UnreachableError } from './kubectl';

/** For how long an API server may fail to answer, in milliseconds: one that restarts, or that is too busy for TLS. */
const PATIENCE_MS = 5 * 60_000;
const PAUSE_MS = 2000;

/**
 * Asks the cluster once more as long as its API server does not answer: for questions, and for what may be done twice.
 * @param patience in milliseconds. @default 5 minutes
 * @throws ClusterError of the last try, or at once when the API server answered with an error
 */
export async function patiently<T>(ask: () => Promise<T>, patience = PATIENCE_MS): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof UnreachableError) || Date.now() > deadline) throw error;
    }
    await sleep(Math.min(PAUSE_MS, patience));
  }
}
