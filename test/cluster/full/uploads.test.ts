import { spawn } from 'node:child_process';
import { AppTrial, duringTests } from '../support/apps/trial';
import { runNow } from '../support/backups';
import { eventually } from '../support/eventually';

const OWN = '/srv/own';
const SHARED = '/srv/shared';
const KEPT = '.threewall';
/** Files beside each other, so that a swap takes seconds. */
const MANY = 1500;

let trial: AppTrial;
/** What `contents` finds after `fill`. */
let filled = '';

const rows = duringTests(async () => {
  trial = await AppTrial.start('uploads', {
    // no hour strikes during the trial
    backup: {
      store: { type: 'claim', storage: { size: '2Gi' } },
      retentionDays: 3,
      scratchSize: '2Gi',
      volumesSchedule: '0 0 1 1 *',
    },
    app: {
      replicas: 1,
      user: 10500,
      volumes: {
        own: { path: OWN, size: '1Gi', accessMode: 'ReadWriteOnce' },
        shared: { path: SHARED, size: '1Gi', accessMode: 'ReadWriteMany', url: '/uploads/' },
      },
    },
  });
  return trial;
});

/** Runs a shell where the app runs, as its user. */
async function inApp(script: string): Promise<string> {
  const [pod] = await trial.pods('app');
  if (!pod) throw new Error('no app pod is ready');
  return trial.inPod(pod, `set -e; ${script}`, 300);
}

/** Names and kinds that break what is careless, the same in both volumes. */
const fill = async (): Promise<void> => {
  for (const folder of [OWN, SHARED]) {
    await inApp(`cd ${folder}
mkdir -p 2026/01 'a folder' .hidden empty ./-rf locked many
printf one >2026/01/photo.jpg; : >none; printf two >"$(printf 'new\\nline')"; printf three >"quote' \\"and\\" * \\$(x)"
printf four >"$(printf '\\303\\274n\\303\\257 \\377')"; printf five >.dotfile; printf six >'a folder/ leading'; printf seven >..odd
ln -s 2026/01/photo.jpg link; ln -s /nowhere/at-all dangling
printf eight >locked/file; chmod 0555 locked; printf nine >secret; chmod 0600 secret; printf ten >read; chmod 0444 read
head -c 50000000 /dev/urandom >big`);
  }
  await inApp(`cd ${OWN}; n=0; while [ $n -lt ${MANY} ]; do echo $n >many-$n; n=$((n + 1)); done`);
};

/** Path, mode, owner, size and checksum of all in both volumes; of folders no size, which is the file system's. */
const contents = (): Promise<string> =>
  inApp(`for folder in ${OWN} ${SHARED}; do
cd $folder
find . -path ./${KEPT} -prune -o -path ./lost+found -prune -o -mindepth 1 \\( -type d -printf '%p %m %U:%G %y\\0' -o -printf '%p %m %U:%G %y %s %l\\0' \\) | sort -z | tr '\\n\\0' '?\\n'
find . -path ./${KEPT} -prune -o -type f -print0 | sort -z | xargs -0 sha256sum -z | tr '\\n\\0' '?\\n'
done`);

/** Runs a CronJob to its end. @returns what its containers said */
const backUp = async (cronJob: string): Promise<string> => (await runNow(cronJob, 300, trial.config.name)).log;

const restore = (...args: readonly string[]): Promise<string> =>
  trial.npm('restore', 'development', ...args, '--yes', '--timeout', '15m');

/** The second after all that was done until now. */
async function moment(): Promise<string> {
  const time = new Date(Math.ceil(Date.now() / 1000) * 1000);
  await eventually('the second is over', 5, async () => Date.now() > time.getTime() + 1000);
  return time.toISOString();
}

const post = async (text: string): Promise<void> => {
  expect((await (await trial.visitor()).post('/messages', { text })).status).toBe(201);
};
const messages = async (): Promise<string> =>
  (await (await trial.visitor()).get('/messages?after=0&limit=100&consistent=1')).body;

/** Deletes by force the pod whose name begins so, as soon as its first container runs: by a watch, since that may run for seconds. */
async function strike(begins: string, containers: 'initContainerStatuses' | 'containerStatuses'): Promise<void> {
  const pod = await eventually(`a pod of ${begins} exists`, 240, async () => {
    const present = '--field-selector=status.phase!=Succeeded,status.phase!=Failed';
    const pods = (await trial.kubectl(['get', 'pods', present, '-o', 'name'])).split('\n');
    return pods.find((name) => name.startsWith(`pod/${begins}`));
  });
  const runs = `--for=jsonpath={.status.${containers}[0].state.running.startedAt}`;
  await trial.kubectl(['wait', pod, runs, '--timeout=240s'], 250);
  await trial.kubectl(['delete', pod, '--force', '--grace-period=0']);
}

/** Runs a restore whose pod is deleted. @returns its exit code and what it said */
async function struck(begins: string, ...args: readonly string[]): Promise<{ code: number; output: string }> {
  const all = ['--import', 'tsx', 'commands/restore.ts', 'development', ...args, '--yes'];
  const child = spawn(process.execPath, all, { cwd: trial.folder });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const ended = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 1)));
  await strike(begins, 'containerStatuses');
  return { code: await ended, output };
}

test('a backup whose pod is deleted by force is followed by one that is whole', async () => {
  await fill();
  await post('before');
  filled = await contents();
  expect(filled.split('\n').length).toBeGreaterThan(2 * (MANY + 30));
  await backUp('backup');
  const job = `trial-struck-${Date.now()}`;
  await trial.kubectl(['create', 'job', job, '--from=cronjob/backup-volumes']);
  await strike(job, 'initContainerStatuses');
  await trial.kubectl(['wait', `job/${job}`, '--for=condition=Complete', '--timeout=300s'], 310);
  const begun = performance.now();
  expect(await backUp('backup-volumes')).toMatch(/volumes own shared of [-0-9: ]+ are stored/);
  rows.push(`backup of the volumes, nothing changed | ${((performance.now() - begun) / 1000).toFixed(0)} s`);
}, 1_200_000);

test('claim, files and rows are deleted, and all come back: contents, owners and modes', async () => {
  const time = await moment();
  await post('after');
  await inApp(`cd ${SHARED}; chmod -R u+w .; find . -mindepth 1 -delete`);
  await trial.kubectl(['delete', 'deployment', 'app', '--wait=true']);
  // a claim is in use by pods that have ended, too
  await trial.kubectl(['delete', 'jobs', '--all']);
  await trial.kubectl(['delete', 'pvc', 'app-own'], 120);
  await trial.up();
  expect(
    (await inApp(`ls -A ${OWN} ${SHARED}`)).split('\n').filter((line) => line !== '' && !line.endsWith(':')),
  ).toEqual([]);
  const begun = performance.now();
  const said = await restore('--at', time);
  rows.push(`restore of databases and volumes | ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  expect(said).toMatch(/as they were at .*: the volumes own, shared/);
  expect(await contents()).toBe(filled);
  expect(await messages()).toMatch(/"before"/);
  expect(await messages()).not.toMatch(/"after"/);
  // web servers read what came back, and nothing that the restore keeps
  const visitor = await trial.visitor();
  expect((await visitor.get('/uploads/2026/01/photo.jpg')).body).toBe('one');
  expect((await visitor.get(`/uploads/${KEPT}/lock`)).status).toBe(404);
}, 1_800_000);

test('--only brings one side back and leaves the other; --undo and --drop-kept know of volumes', async () => {
  await backUp('backup-volumes');
  const time = await moment();
  await post('later');
  await inApp(`cd ${OWN}; printf changed >.dotfile; rm big; printf new >new; chmod 0640 secret`);
  const changed = await contents();
  const said = await restore('--at', time, '--only', 'volumes');
  expect(await contents()).toBe(filled);
  expect(await messages()).toMatch(/"later"/);
  const [, id = ''] = /--undo (\S+) --only volumes/.exec(said) ?? [];
  await restore('--undo', id, '--only', 'volumes');
  expect(await contents()).toBe(changed);
  await restore('--at', time, '--only', 'database');
  expect(await contents()).toBe(changed);
  expect(await messages()).not.toMatch(/"later"/);
  await restore('--drop-kept');
  expect(await inApp(`ls -d ${OWN}/${KEPT} ${SHARED}/${KEPT} 2>&1 || true`)).not.toMatch(/^\//m);
  expect(await contents()).toBe(changed);
}, 1_800_000);

test('a restore whose pod is deleted by force changes nothing until its swap, and then ends it', async () => {
  const changed = await contents();
  const fetching = await struck('restore-volumes-', '--at', 'latest', '--only', 'volumes');
  expect([fetching.code, fetching.output]).toEqual([1, expect.stringMatching(/job restore-volumes-\S+ failed/)]);
  expect(await contents()).toBe(changed);
  const swapping = await struck('restore-swap-', '--at', 'latest', '--only', 'volumes');
  expect([swapping.code, swapping.output]).toEqual([0, expect.stringContaining('the volumes own, shared')]);
  expect(await contents()).toBe(filled);
  // a second pod did the rest
  const jobs = JSON.parse(await trial.kubectl(['get', 'jobs', '-o', 'json'])).items as {
    metadata: { name: string };
    status: { failed?: number };
  }[];
  const swaps = jobs.filter(({ metadata }) => metadata.name.startsWith('restore-swap-'));
  expect(swaps.some(({ status }) => (status.failed ?? 0) > 0)).toBe(true);
}, 1_800_000);
