import { randomBytes } from 'node:crypto';
import { eventually } from '../support/eventually';
import { config, kubectl, readyPods, secretValue } from '../support/kubectl';
import { Traffic } from '../support/traffic';
import { Visitor } from '../support/visitor';

/** Requests per second, each with statements at the databases. */
const RATE = Number(process.env.RATE ?? 20);
/** The kubelet takes up to two minutes to update a mounted Secret, follow.sh checks every 15 s. */
const BROUGHT = 180;
/** How long the old password stays valid after a server has adopted the new one. */
const RETAINED = 600;

let before: string;
beforeAll(async () => {
  before = await secretValue(config.name, config.secrets.databaseUsers, 'app');
});
afterAll(async () => {
  await put(before);
  await openedByAll(before, true, BROUGHT);
}, 300_000);

/** Sets the app's password in the Secret. */
function put(app: string): Promise<string> {
  const metadata = { name: config.secrets.databaseUsers, namespace: config.name };
  const wanted = { apiVersion: 'v1', kind: 'Secret', metadata, data: { app: Buffer.from(app).toString('base64') } };
  const manager = ['--server-side', '--force-conflicts', '--field-manager=password-trial'];
  return kubectl(['apply', ...manager, '-f', '-'], { input: JSON.stringify(wanted) });
}

/** Whether a database accepts a password of the app, which is passed through standard input only. */
async function opens(pod: string, password: string): Promise<boolean> {
  const script = `. /etc/threewall/common.sh
RUN=$(mktemp -d) USERS=$RUN
trap 'rm -r "$RUN"' EXIT
base64 -d >"$RUN/app" <<<${Buffer.from(password).toString('base64')}
options app
mysql --defaults-file="$RUN/app.cnf" --skip-column-names --batch --execute='SELECT 7' 2>&1 || true`;
  const answer = await kubectl(['exec', '-i', pod, '-n', config.name, '-c', 'database', '--', 'bash'], {
    input: script,
  });
  if (answer.trim() === '7') return true;
  if (answer.includes('ERROR 1045')) return false;
  throw new Error(answer);
}

/** Waits until every database answers so. @returns seconds */
async function openedByAll(password: string, wanted: boolean, seconds: number): Promise<number> {
  const started = Date.now();
  for (const { metadata } of await readyPods('database')) {
    await eventually(`${metadata.name} ${wanted ? 'takes' : 'refuses'} the password`, seconds, async () => {
      return (await opens(metadata.name, password)) === wanted;
    });
  }
  return (Date.now() - started) / 1000;
}

test('a new password of the app fails no request, and the old one opens for ten minutes more', async () => {
  const fresh = randomBytes(24).toString('base64url');
  const traffic = new Traffic(await Visitor.arrive(), '/whoami', RATE);
  try {
    await put(fresh);
    const taken = await openedByAll(fresh, true, BROUGHT);
    for (const { metadata } of await readyPods('database')) expect(await opens(metadata.name, before)).toBe(true);
    const refused = await openedByAll(before, false, RETAINED + BROUGHT);
    // pods that start from now on have only the new password
    await kubectl(['rollout', 'restart', 'deployment/app', '-n', config.name]);
    await kubectl(['rollout', 'status', 'deployment/app', '-n', config.name, '--timeout=220s'], { seconds: 230 });
    console.log(
      `new password: taken by all after ${taken.toFixed(0)} s, the old one refused ${refused.toFixed(0)} s later`,
    );
    expect(refused).toBeGreaterThan(RETAINED - BROUGHT);
  } finally {
    await traffic.stop();
  }
  const tally = await traffic.stop();
  console.log(JSON.stringify(tally));
  expect(tally).toMatchObject({ failed: {}, ok: tally.sent });
}, 1_500_000);
