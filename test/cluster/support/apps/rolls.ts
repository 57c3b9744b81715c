import { sleep } from '../eventually';
import { type Tally, Traffic } from '../traffic';
import type { AppTrial } from './trial';

/**
 * Requests per second, and how many of them are of a page that the app makes, not of a file that it serves. A page takes WordPress a
 * quarter of a second of a core: two a second leave a machine of two cores to the rollout.
 */
const RATE = Number(process.env.RATE ?? 200);
const PAGES = 2;
/** Seconds of traffic before and after the event. */
const AROUND = 5;

/** What the app answers with status 200. */
export interface Asked {
  readonly file: string;
  readonly page: string;
}

/** What became of the traffic, and how long the event took. */
export interface Survived {
  readonly seconds: number;
  readonly files: Tally;
  readonly pages: Tally;
}

/**
 * Traffic while something happens: most of it for a file, because these apps need more than a core for 200 pages a second.
 * @param repeats whether a visitor's browser sends a lost GET again
 */
export async function under(
  trial: AppTrial,
  { file, page }: Asked,
  event: () => Promise<unknown>,
  repeats = false,
): Promise<Survived> {
  const visitor = await trial.visitor();
  const traffic = [
    new Traffic(visitor, file, RATE - PAGES, repeats),
    new Traffic(visitor, page, PAGES, repeats),
  ] as const;
  const ends = () => Promise.all([traffic[0].stop(), traffic[1].stop()]);
  let seconds = 0;
  try {
    await sleep(AROUND);
    const begun = performance.now();
    await event();
    seconds = (performance.now() - begun) / 1000;
    await sleep(AROUND);
  } catch (error) {
    await ends();
    throw error;
  }
  const [files, pages] = await ends();
  return { seconds, files, pages };
}

/** A row of a table: what happened, its seconds, requests, those that failed, and when the first of them were sent. */
export const rowOf = (what: string, { seconds, files, pages }: Survived): string =>
  [
    what,
    `${seconds.toFixed(0)} s`,
    `${files.sent} files, ${pages.sent} pages`,
    `failed ${JSON.stringify({ ...files.failed, ...pages.failed })}`,
    [...files.examples, ...pages.examples].join('; '),
  ].join(' | ');

/** Replaces every app pod, one after another. */
export async function restart(trial: AppTrial, deployment = 'app'): Promise<void> {
  await trial.kubectl(['rollout', 'restart', `deployment/${deployment}`]);
  await trial.kubectl(['rollout', 'status', `deployment/${deployment}`, '--timeout=280s'], 290);
}

/** The same image by another of its names: a change of image for Kubernetes, which needs no second image. */
export const otherName = (image: string): string =>
  image.startsWith('docker.io/library/')
    ? image.slice('docker.io/library/'.length)
    : image.startsWith('docker.io/')
      ? image.slice('docker.io/'.length)
      : `docker.io/${image.includes('/') ? '' : 'library/'}${image}`;
