import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { download, events, upload } from '../support/apps/large';
import { restart } from '../support/apps/rolls';
import { AppTrial, duringTests } from '../support/apps/trial';
import { throughout } from '../support/apps/web-socket';
import { sleep } from '../support/eventually';
import { config } from '../support/kubectl';

const PROGRAM = '/app/program.mjs';
const SIZE = 2048;
const AT_ONCE = 10;
const SOCKETS = 12;

let trial: AppTrial;
const rows = duringTests(async () => {
  const program = readFileSync(join('test/cluster/support/apps/patient-image.mjs'), 'utf8');
  const app = {
    ...{ image: config.images.node, command: ['node', PROGRAM], health: '/up' },
    files: { [PROGRAM]: './patient-image.mjs' },
  };
  const limits = { bodySize: '2Gi' };
  trial = await AppTrial.start('patient', { app, limits }, { files: { 'patient-image.mjs': program } });
  return trial;
});

test.each([
  ['uploads', upload],
  ['downloads', download],
])(
  `ten %s of 2 GiB at once arrive whole, and no pod is evicted or restarted`,
  async (what, transfer) => {
    const visitor = await trial.visitor();
    const before = await servers();
    const memory = new Peaks();
    const begun = performance.now();
    const bytes = await Promise.all(Array.from({ length: AT_ONCE }, () => transfer(visitor, SIZE)));
    const seconds = (performance.now() - begun) / 1000;
    const peaks = await memory.stop();
    rows.push(
      `${AT_ONCE} ${what} of ${SIZE} MiB | ${seconds.toFixed(0)} s | ${((AT_ONCE * SIZE) / seconds).toFixed(0)} MiB/s | memory at most ${peaks}`,
    );
    expect(bytes).toEqual(bytes.map(() => SIZE * 2 ** 20));
    expect(await servers()).toEqual(before);
  },
  1_200_000,
);

test('a stream of one event a second arrives as it is sent', async () => {
  const arrived = await events(await trial.visitor(), 12);
  rows.push(`events of 12 s | ${arrived.length} | first after ${(arrived[0] ?? Number.NaN).toFixed(0)} ms`);
  expect(arrived.length).toBeGreaterThanOrEqual(10);
  expect(arrived[0]).toBeLessThan(2500);
  const gaps = arrived.slice(1).map((moment, n) => moment - (arrived[n] ?? 0));
  expect(Math.max(...gaps)).toBeLessThan(2500);
}, 60_000);

test.each([
  // the app closes its own, as its preStop wait allows
  ['app', 120, ['close frame']],
  ['web', 120, ['in order']],
  ['load-balancer', 150, ['in order']],
])(
  'every WebSocket through a rollout of %s ends in good order, and its visitor connects again at once',
  async (deployment, seconds, ways) => {
    const visitor = await trial.visitor();
    const ends = await throughout(visitor, SOCKETS, () => restart(trial, deployment), seconds);
    rows.push(
      `WebSockets, rollout of ${deployment} | ${JSON.stringify(ends.how)} | after ${ends.seconds.map((s) => s.toFixed(0)).join(' to ')} s | silence ${ends.silence.toFixed(2)} s | connected again ${ends.again}`,
    );
    expect(Object.keys(ends.how)).toEqual(ways);
    expect(ends.again).toBe(SOCKETS);
    expect(ends.silence).toBeLessThan(2.5);
  },
  600_000,
);

/** What must stay the same: each pod, and how often its containers have been restarted. */
async function servers(): Promise<string[]> {
  const restarts =
    'custom-columns=NAME:.metadata.name,PHASE:.status.phase,RESTARTS:.status.containerStatuses[*].restartCount';
  const lines = (await trial.kubectl(['get', 'pods', '--no-headers', '-o', restarts])).trim().split('\n');
  return lines.filter((line) => /^(load-balancer|web|app)-/.test(line)).sort();
}

/** Most memory of each tier's pods, in MiB, by the metrics API, while it runs. */
class Peaks {
  private readonly peaks: Record<string, number> = {};
  private running = true;
  private readonly done = this.watch();

  async stop(): Promise<string> {
    this.running = false;
    await this.done;
    return Object.entries(this.peaks)
      .map(([tier, most]) => `${tier} ${most} MiB`)
      .join(', ');
  }

  private async watch(): Promise<void> {
    while (this.running) {
      const all = await trial.kubectl(['top', 'pods', '--no-headers']).catch(() => '');
      for (const line of all.split('\n').filter(Boolean)) {
        const [pod = '', , memory = '0'] = line.split(/\s+/);
        const tier = pod.replace(/-[0-9a-z]+-[0-9a-z]+$|-\d+$/, '');
        this.peaks[tier] = Math.max(this.peaks[tier] ?? 0, Number.parseInt(memory, 10));
      }
      await sleep(3);
    }
  }
}
