import { selectorOf } from '../../../charts/names';
import { runNow } from '../support/backups';
import { eventually, sleep } from '../support/eventually';
import { config, kubectl, secretValue } from '../support/kubectl';
import { S3Server } from '../support/s3-server';
import { MARK, StoreTrial, storeProgram, thereAndBack } from '../support/store-trial';

const { binary, given } = storeProgram('S3', 'THREEWALL_S3_SERVER', 'versitygw');

/** How long the store is away, in seconds: ten minutes. */
const AWAY = 600;

let server: S3Server;
let trial: StoreTrial;

beforeAll(async () => {
  if (binary === '') return;
  server = await S3Server.start(binary);
  const { endpoint, bucket, port } = server;
  const access = { prefix: `${config.name}/`, region: 'us-east-1', allowPlainHttp: false };
  trial = await StoreTrial.begin(server, { type: 's3', endpoint, bucket, port, ...access }, server.access);
}, 600_000);

afterAll(async () => {
  await trial?.end();
}, 900_000);

/** Seconds since the streaming pod has stored the binary logs. */
async function sinceShipped(): Promise<number> {
  const pod = ['exec', 'deployment/backup-binlogs', '-n', config.name, '-c', 'stream', '--'];
  return Number(await kubectl([...pod, 'bash', '-c', 'echo $(($(date +%s) - $(stat -c %Y /work/shipped)))']));
}
const restarts = async (): Promise<string> => {
  const selector = Object.entries(selectorOf('backup', config)).map(([name, value]) => `${name}=${value}`);
  const path = 'jsonpath={.items[*].status.containerStatuses[*].restartCount}';
  const field = '--field-selector=status.phase=Running';
  return kubectl(['get', 'pods', '-n', config.name, '-l', selector.join(), field, '-o', path]);
};

given(
  'a backup, binary logs, a drill and a restore go through a bucket with Object Lock',
  () => thereAndBack(trial),
  1_800_000,
);

given('the store contains no readable data of the databases, and no version of an object is removed', async () => {
  const objects = await server.objects();
  const size = objects.reduce((sum, one) => sum + one.size, 0);
  trial.note('objects, in all versions', `${objects.length}, ${(size / 2 ** 20).toFixed(0)} MiB`);
  expect(objects.length).toBeGreaterThan(10);
  expect(await server.holding(MARK, 'CREATE TABLE', 'INSERT INTO', 'store_trial')).toEqual([]);
});

given(
  'requests that are refused for a moment, and bodies that break off, keep nothing from being stored and proved',
  async () => {
    await trial.enlarge(40);
    await server.faults({ slowDown: 10, cutUploads: 5, cutAnswers: 5 });
    const full = await runNow('backup', 600);
    expect(full.log).toMatch(/backup of [-0-9: ]+ is stored/);
    // another ten for what reads
    await server.faults({ slowDown: 10 });
    const drill = await runNow('backup-drill', 600);
    expect(drill.log).toMatch(/give what the database held/);
    expect(await server.faults()).toMatchObject({ slowDown: 0, cutUploads: 0, cutAnswers: 0 });
    trial.note('20 × 503 SlowDown, 5 uploads and 5 answers cut', 'all stored, all proved');
    trial.note('  full backup, drill', `${full.seconds.toFixed(0)} s, ${drill.seconds.toFixed(0)} s`);
  },
  1_800_000,
);

given(
  'through a connection of 1 MB/s the binary logs go on being stored while a backup is',
  async () => {
    await trial.enlarge(20);
    await server.faults({ bytesPerSecond: 1_000_000 });
    let longest = 0;
    let running = true;
    const watched = (async () => {
      for (; running; await sleep(1)) longest = Math.max(longest, await sinceShipped());
    })();
    const full = await runNow('backup', 900);
    running = false;
    await watched;
    await server.faults({ bytesPerSecond: 0 });
    expect(full.log).toMatch(/backup of [-0-9: ]+ is stored/);
    trial.note('full backup at 1 MB/s', `${full.seconds.toFixed(0)} s`);
    trial.note('  longest time without a shipment', `${longest} s`);
    expect(longest).toBeLessThanOrEqual(60);
  },
  1_800_000,
);

given(
  'a store that is away for ten minutes is waited for: nothing is lost, and what was begun meanwhile ends well',
  async () => {
    const before = await restarts();
    await server.faults({ away: true });
    const begun = Date.now();
    const backup = runNow('backup', AWAY + 900);
    await trial.fill();
    await sleep(AWAY - (Date.now() - begun) / 1000);
    await server.faults({ away: false });
    const back = Date.now();
    await eventually(
      'all binary logs are stored',
      120,
      async () => (await sinceShipped()) < (Date.now() - back) / 1000,
    );
    trial.note('binary logs stored after the store is back', `${((Date.now() - back) / 1000).toFixed(0)} s`);
    const { log } = await backup;
    trial.note('backup that was begun meanwhile ends', `${((Date.now() - back) / 1000).toFixed(0)} s after`);
    expect(log).toMatch(/backup of [-0-9: ]+ is stored/);
    expect(await restarts()).toBe(before);
    expect((await runNow('backup-drill', 300)).log).toMatch(/give what the database held/);
    await trial.restoresDropped();
  },
  3_000_000,
);

given('a store whose certificate the Secret does not vouch for is refused, and the log says why', async () => {
  await trial.give('ca.crt', await secretValue(config.name, config.secrets.databaseTls, 'ca.crt'));
  await expect(runNow('backup-drill', 240)).rejects.toThrow(/certificate/i);
  await trial.give('ca.crt', server.access['ca.crt'] ?? '');
});
