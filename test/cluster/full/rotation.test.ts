import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { eventually } from '../support/eventually';
import { config, ENVIRONMENT, secretValue } from '../support/kubectl';
import { Traffic } from '../support/traffic';
import { Visitor } from '../support/visitor';

/** Requests per second, each with statements at the databases. */
const RATE = Number(process.env.RATE ?? 20);
const ACCOUNTS = ['root', 'app', 'replication', 'monitoring', 'backup'];
const { databaseUsers, databaseMonitoring } = config.secrets;

const secrets = (...args: string[]) =>
  promisify(execFile)('npm', ['run', '-s', 'secrets', '--', ENVIRONMENT, ...args], { maxBuffer: 2 ** 24 });
const passwords = () => Promise.all(ACCOUNTS.map((account) => secretValue(config.name, databaseUsers, account)));

test('new passwords of every account fail no request, and a second rotation waits for the first', async () => {
  const before = await passwords();
  const traffic = new Traffic(await Visitor.arrive(), '/whoami', RATE);
  const started = Date.now();
  try {
    const { stdout } = await secrets('--rotate', databaseUsers);
    console.log(`${stdout}rotated within ${((Date.now() - started) / 1000).toFixed(0)} s`);
    const after = await passwords();
    expect(after.filter((password, i) => password === before[i])).toEqual([]);
    for (const password of after) expect(stdout).not.toContain(password);
    expect(await secretValue(`${config.name}-monitoring`, databaseMonitoring, 'password')).toBe(after[3]);
    await expect(secrets('--rotate', databaseUsers)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('was rotated less than 15 minutes ago'),
    });
    // its own check finds nothing to do
    expect((await secrets()).stdout).toMatch(/^all \d+ Secrets are there$/m);
  } finally {
    await traffic.stop();
  }
  const tally = await traffic.stop();
  console.log(JSON.stringify(tally));
  expect(tally).toMatchObject({ failed: {}, ok: tally.sent });
}, 900_000);

test('replication goes on with the new password', async () => {
  const visitor = await Visitor.arrive();
  const text = `after the rotation ${Date.now()}`;
  await visitor.post('/messages', { text });
  await eventually('the replica has it', 60, async () =>
    (await visitor.get('/messages?after=0&limit=1000')).body.includes(text),
  );
});
