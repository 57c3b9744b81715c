import { spawnSync } from 'node:child_process';
import { namespaceOf } from '../../charts/names';
import { tiersOf } from '../../charts/topology';
import { eventually } from './support/eventually';
import { config, ENVIRONMENT, kubectl, readyPods } from './support/kubectl';

/** Every tier that always runs. */
const TIERS = tiersOf(config).filter((tier) => tier !== 'backup');

const run = () =>
  spawnSync(process.execPath, ['--import', 'tsx', 'commands/status.ts', ENVIRONMENT], {
    encoding: 'utf8',
    timeout: 60_000,
  });

test('the status shows every tier ready and metrics with units', async () => {
  await eventually('the status has metrics', 90, async () => {
    const { stdout, stderr } = run();
    const tiers = [...stdout.matchAll(/^([a-z-]+) +(\d+)\/(\d+) +(.*)$/gm)];
    const waiting = tiers.filter(
      ([, , ready, wanted, state]) => wanted === '0' || ready !== wanted || state !== 'ready',
    );
    const shown = new Set(tiers.map(([, tier]) => tier));
    const missing = TIERS.filter((tier) => !shown.has(tier));
    if (waiting.length > 0 || missing.length > 0) throw new Error(stdout + stderr);
    if (!/^requests of visitors +[\d.]+ \/s$/m.test(stdout)) throw new Error(stdout + stderr);
    console.log(stdout);
    return true;
  });
});

test('the exit code is 1 while a tier is not ready, which the status names', async () => {
  const monitoring = namespaceOf('monitoring', config);
  const replicas = (count: number) =>
    kubectl(['scale', 'statefulset/monitoring-service', `--replicas=${count}`, '-n', monitoring]);
  await replicas(0);
  try {
    await eventually('Prometheus is gone', 60, async () => {
      const { status, stdout } = run();
      if (!/^metrics +UNKNOWN: /m.test(stdout)) throw new Error(stdout);
      expect(status).toBe(1);
      return true;
    });
  } finally {
    await replicas(1);
    await eventually('Prometheus is back', 120, async () => (await readyPods('monitoring-service')).length === 1);
  }
});
