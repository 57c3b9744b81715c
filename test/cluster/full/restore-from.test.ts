import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { selectorOf } from '../../../charts/names';
import { type Config, parseConfig } from '../../../config';
import { applyTier } from '../support/apply';
import { AppTrial, duringTests, type Written } from '../support/apps/trial';
import { runNow } from '../support/backups';
import { eventually } from '../support/eventually';
import { kubectl, secretValue } from '../support/kubectl';
import { beside, DATA_PATH, doorTo, type Program, removeProgram, startProgram } from '../support/program';

/** An environment in another cluster, as far as its repository goes: the trial's own site filled it, and left it. */
const OTHER = 'production';
const SECRET = `backup-from-${OTHER}`;
const UPLOADS = '/srv/uploads';
/** A store that the image of Node can run. */
const STORE: Program = {
  name: 'store',
  namespace: 'from-trial-store',
  binary: 'test/cluster/support/rest-server.mjs',
  script: `cp "$PROGRAM" ${DATA_PATH}/server.mjs; exec node ${DATA_PATH}/server.mjs ${DATA_PATH}/store 8000`,
  port: 8000,
  files: {},
};

let trial: AppTrial;
const rows = duringTests(async () => {
  trial = await AppTrial.start('from', {
    // no hour strikes during the trial
    backup: {
      ...{ store: { type: 'claim', storage: { size: '2Gi' } }, retentionDays: 3, scratchSize: '2Gi' },
      volumesSchedule: '0 0 1 1 *',
    },
    app: {
      replicas: 1,
      user: 10500,
      volumes: { uploads: { path: UPLOADS, size: '1Gi', accessMode: 'ReadWriteOnce' } },
    },
  });
  return trial;
});
afterAll(() => removeProgram(STORE.namespace), 200_000);

const apply = (object: object) => kubectl(['apply', '-f', '-'], { input: JSON.stringify(object) });
const giveKeys = (password: string) =>
  apply({
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: SECRET, namespace: trial.config.name } },
    stringData: { password },
  });
/** Backups go where a configuration says. */
async function backUpAs(wanted: Config): Promise<void> {
  await applyTier('backup', wanted);
  await trial.kubectl(['rollout', 'status', 'deployment/backup-binlogs', '--timeout=240s'], 250);
}
const backUp = (cronJob: string) => runNow(cronJob, 400, trial.config.name);

async function inApp(script: string): Promise<string> {
  const [pod] = await trial.pods('app');
  if (!pod) throw new Error('no app pod is ready');
  return trial.inPod(pod, `set -e; cd ${UPLOADS}; ${script}`);
}
const post = async (text: string): Promise<void> => {
  expect((await (await trial.visitor()).post('/messages', { text })).status).toBe(201);
};
const FILES = String.raw`find . -maxdepth 1 -type f -printf '%f=' -exec cat {} \; -printf '\n' | sort`;
/** Rows and files. */
const state = async (): Promise<string> => {
  const { body } = await (await trial.visitor()).get('/messages?after=0&limit=100&consistent=1');
  return `${body.match(/"text":"\w+"/g)?.join()} ${await inApp(FILES)}`;
};
const THEIRS = '"text":"theirs","text":"shipped" only=theirs\nphoto=theirs\n';
const OURS = '"text":"theirs","text":"shipped","text":"own" own=own\nphoto=own\n';

const sums = (): Promise<string> => beside(STORE, `cd ${DATA_PATH}/store; find . -type f -exec sha256sum {} + | sort`);
const restore = (...args: readonly string[]): Promise<string> =>
  trial.npm('restore', 'development', '--from', OTHER, '--at', 'latest', '--skip-shipping', '--yes', ...args);

test('the repository of another environment is filled, and out of reach', async () => {
  await startProgram(STORE);
  const { folder, config } = trial;
  const written = load(readFileSync(join(folder, 'config/development.yaml'), 'utf8')) as Written;
  const repository = `rest:http://${STORE.name}.${STORE.namespace}.svc:${STORE.port}/${OTHER}/`;
  written.backup.store = { type: 'restic', repository, port: STORE.port };
  written.secrets = { ...written.secrets, backup: SECRET };
  writeFileSync(join(folder, `config/${OTHER}.yaml`), dump(written));
  mkdirSync(join(folder, 'dist', OTHER));
  await giveKeys(`${await secretValue(config.name, config.secrets.backup, 'password')}-theirs`);
  await apply(doorTo(STORE, config.name, selectorOf('backup', config)));
  await backUpAs(parseConfig(dump(written), `config/${OTHER}.yaml`));
  await post('theirs');
  await inApp('printf theirs >photo; printf theirs >only');
  await backUp('backup');
  await backUp('backup-volumes');
  await post('shipped');
  // waits for the binary logs
  await backUp('backup-drill');
  await backUpAs(config);
  await trial.kubectl(['delete', 'networkpolicy', `${STORE.name}-trial`]);
  await post('own');
  await inApp('printf own >photo; rm only; printf own >own');
  expect(await state()).toBe(OURS);
}, 1_800_000);

test('without the Secret, and with a wrong key in it, it ends with one line and changes nothing', async () => {
  const password = await secretValue(trial.config.name, SECRET, 'password');
  await trial.kubectl(['delete', 'secret', SECRET]);
  await expect(restore()).rejects.toThrow(new RegExp(`exit code 2[\\s\\S]*there is no Secret ${SECRET}`));
  await giveKeys('a wrong one');
  await expect(restore()).rejects.toThrow(/exit code 2[\s\S]*does not open it/);
  await giveKeys(password);
  expect(await state()).toBe(OURS);
}, 900_000);

test('databases and volumes become what those of the other were, and nothing is written there', async () => {
  const before = await sums();
  expect(before.split('\n').length).toBeGreaterThan(10);
  const said = await restore();
  expect(said).toContain(`the databases are as those of ${OTHER} were at latest`);
  expect(said).toContain(`as those of ${OTHER} were at latest: the volumes that both have`);
  expect(await state()).toBe(THEIRS);
  expect(await sums()).toBe(before);
  const [, id = ''] = /--undo (\w+)/.exec(said) ?? [];
  await trial.npm('restore', 'development', '--undo', id, '--only', 'volumes', '--yes');
  expect(await state()).toBe(THEIRS.replace(/ .*/s, OURS.slice(OURS.indexOf(' '))));
  // ways to the store go with their Jobs
  await trial.kubectl(['delete', 'jobs', '--all']);
  await eventually('no policy of a Job is left', 60, async () =>
    (await trial.kubectl(['get', 'networkpolicy', '-o', 'name'])).includes('/restore-') ? false : 'none',
  );
}, 1_800_000);

test('--only volumes brings back the files alone', async () => {
  await post('after');
  await restore('--only', 'volumes');
  expect(await state()).toMatch(/"shipped","text":"after" only=theirs\nphoto=theirs\n$/);
}, 900_000);

test('an empty cluster, the repository and its keys alone give the site back', async () => {
  const password = await secretValue(trial.config.name, SECRET, 'password');
  await trial.npm('down', 'development', '--delete-data', '--yes');
  const begun = performance.now();
  const since = (): string => `${((performance.now() - begun) / 1000).toFixed(0)} s`;
  await trial.up();
  rows.push(`from nothing | every tier ready after ${since()}`);
  await giveKeys(password);
  await restore();
  expect(await state()).toBe(THEIRS);
  rows.push(`from nothing | served with its data after ${since()}`);
}, 1_800_000);
