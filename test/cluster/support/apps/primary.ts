import { ROLE_FILE } from '../../../../charts/database/layout';
import { Hammer } from '../database/hammer';
import { eventually, sleep } from '../eventually';
import type { Pod } from '../kubectl';
import type { AppTrial } from './trial';

const POLL = 0.2;

/** What visitors of a page that needs the databases saw after the primary was lost. */
export interface Loss {
  readonly how: string;
  /** Seconds from the first answer that was none to the last; 0 where all were well. */
  readonly away: number;
  readonly asked: number;
  /** Answers other than 200, by status. */
  readonly failed: Readonly<Record<string, number>>;
}

/** A line for the trial's table. */
export const lossRow = ({ how, away, asked, failed }: Loss): string =>
  `primary lost, ${how} | ${away.toFixed(1)} s away | ${asked} asked | ${JSON.stringify(failed)}`;

/** Ways of losing it. */
export const LOSSES: readonly (readonly [how: string, strike: (trial: AppTrial, primary: Pod) => Promise<unknown>])[] =
  [
    ['its pod deleted', (trial, { metadata }) => trial.kubectl(['delete', 'pod', metadata.name, '--wait=false'])],
    [
      'SIGKILL',
      async (trial, primary) => {
        const hammer = await Hammer.start(() => trial.pods('database'));
        try {
          await hammer.kill(primary);
        } finally {
          await hammer.remove();
        }
      },
    ],
  ];

/** The database that takes writes: what its router says about it. */
export async function primaryOf(trial: AppTrial): Promise<Pod> {
  for (const pod of await trial.pods('database')) {
    if ((await trial.inPod(pod, `cat ${ROLE_FILE}`)).split('\n')[0]?.includes(' primary')) return pod;
  }
  throw new Error('no database takes writes');
}

/** Loses the primary, and asks for a page until it is well for a while. */
export async function lose(trial: AppTrial, page: string, [how, strike]: (typeof LOSSES)[number]): Promise<Loss> {
  const visitor = await trial.visitor();
  const failed: Record<string, number> = {};
  let asked = 0;
  let first = 0;
  let last = 0;
  let over = false;
  const asks = (async () => {
    while (!over) {
      const begun = performance.now();
      const answer = await visitor.get(page).then(
        ({ status }) => String(status),
        (error: Error) => error.message,
      );
      asked++;
      if (answer !== '200') {
        failed[answer] = (failed[answer] ?? 0) + 1;
        first ||= begun;
        last = performance.now();
      }
      await sleep(POLL);
    }
  })();
  try {
    const primary = await primaryOf(trial);
    const { length } = await trial.pods('database');
    const { uid } = primary.metadata;
    await strike(trial, primary);
    await eventually('the databases are whole again', 300, async () => {
      const pods = await trial.pods('database');
      return pods.length === length && (how === 'SIGKILL' || pods.every(({ metadata }) => metadata.uid !== uid));
    });
    await sleep(10);
  } finally {
    over = true;
    await asks;
  }
  return { how, away: (last - first) / 1000, asked, failed };
}
