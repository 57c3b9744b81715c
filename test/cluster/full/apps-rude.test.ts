import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { restart, rowOf, under } from '../support/apps/rolls';
import { AppTrial, duringTests, type Written } from '../support/apps/trial';
import { sleep } from '../support/eventually';
import { config } from '../support/kubectl';

/** Path of the program in the container. */
const PROGRAM = '/app/program.mjs';

/** Apps as people bring them: the program's behaviour is in RUDE. */
const app = (rude: string, more: Written = {}): Written => ({
  image: config.images.node,
  command: ['node', PROGRAM],
  files: { [PROGRAM]: './rude-image.mjs' },
  env: { RUDE: rude },
  startSeconds: 20,
  ...more,
});

let trial: AppTrial;
const rows = duringTests(async () => {
  const program = readFileSync(join('test/cluster/support/apps/rude-image.mjs'), 'utf8');
  const polite = app('late', { health: '/up', timeoutSeconds: 5 });
  trial = await AppTrial.start('rude', { app: polite }, { files: { 'rude-image.mjs': program } });
  return trial;
});

test('one that listens late and stops at once fails no request while it rolls', async () => {
  const survived = await under(trial, { file: '/file', page: '/page' }, () => restart(trial));
  rows.push(rowOf('rolling restart of an app that stops at once', survived));
  expect({ ...survived.files.failed, ...survived.pages.failed }).toEqual({});
}, 600_000);

test('one that ends idle connections after two seconds fails no POST', async () => {
  const visitor = await trial.visitor();
  const statuses: number[] = [];
  for (let n = 0; n < 8; n++) {
    const { status } = await visitor.post('/page', {});
    statuses.push(status);
    // longer than the app keeps an idle connection, and the connection would be used again
    await sleep(2.2);
  }
  expect(statuses).toEqual(statuses.map(() => 200));
}, 120_000);

test.each<[string, Written, RegExp[]]>([
  [
    'writes where its root is read-only',
    app('write'),
    [/app: pod app-\S+ does not start/, /its root is read-only: write `app\.writable: \[\/tmp, \/app\]`/, /EROFS/],
  ],
  ['listens at another port', app('another port'), [/nothing listens on port 8080 .* `app\.port`/]],
  ['listens for itself alone', app('loopback'), [/nothing listens on port 8080 .* not on 127\.0\.0\.1 alone/]],
  ['wants to be root', app('root'), [/it runs as uid 10103, which may not use \/tmp: write `app\.user`/]],
  ['has no such health path', app('late', { health: '/missing' }), [/it has no \/missing: .*`app\.health`/]],
  [
    'mounts a claim that does not exist',
    app('late', { volumes: { x: { path: '/x', accessMode: 'ReadWriteMany', claimName: 'nobodys' } } }),
    [/the claim nobodys is not in the namespace: make it first/],
  ],
])(
  'of one that %s `up` says what to write, and the earlier version serves',
  async (_, written, words) => {
    trial.edit((all) => {
      all.app = written;
    });
    const begun = performance.now();
    const error: Error = await trial.up('3m').then(
      () => new Error('up was content'),
      (e) => e,
    );
    rows.push(`${_} | said after ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    console.log(error.message);
    for (const word of words) expect(error.message).toMatch(word);
    expect((await (await trial.visitor()).get('/page')).status).toBe(200);
  },
  600_000,
);
