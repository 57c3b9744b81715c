import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { list } from '../../../commands/cluster/kubectl';
import { type Config, parseConfig } from '../../../config';
import { namespacesOf } from '../../../config/namespaces';
import { eventually } from '../support/eventually';
import { isReady, kubectl, type Pod } from '../support/kubectl';
import { Repository } from '../support/repository';
import { CONNECT, type Outcome } from '../support/standins';
import { type Tally, Traffic } from '../support/traffic';
import { Visitor } from '../support/visitor';

/** Sites of one app. The name of one begins with that of another, which careless selectors mix up. */
const SITES = ['sites', 'sites-shop', 'sites-blog'] as const;
/** Ports of all tiers. */
const PORTS = [80, 443, 3306, 4318, 8080, 8404, 8443, 9090];
/** GETs per second of a visitor. */
const RATE = 5;
/** One cdk8s app with all of them. */
const PROGRAM = `
import { App, YamlOutputType } from 'cdk8s';
import { environmentFiles, Threewall } from './library';

const app = new App({ outdir: 'dist/all', yamlOutputType: YamlOutputType.FILE_PER_CHART });
for (const { name, props, origin } of environmentFiles('.')) new Threewall(app, name, props, origin);
app.synth();
`;

const repository = Repository.create(SITES[0]);
const configs: Config[] = [];
const visitors: Visitor[] = [];

beforeAll(async () => {
  const { folder } = repository;
  const text = readFileSync(join(folder, 'config/development.yaml'), 'utf8');
  rmSync(join(folder, 'config/development.yaml'));
  for (const site of SITES) {
    const own = text.replace(/^name: .*/m, `name: ${site}`).replace(/^domain: .*/m, `domain: ${site}.test`);
    writeFileSync(join(folder, `config/${site}.yaml`), own);
    configs.push(parseConfig(own, `config/${site}.yaml`));
  }
  await repository.npm('synth');
  writeFileSync(join(folder, 'sites.ts'), PROGRAM);
  execFileSync(process.execPath, ['--import', 'tsx', 'sites.ts'], { cwd: folder });
  for (const site of SITES) await repository.npm('secrets', site);
  await kubectl(['apply', '--server-side', '-f', join(folder, 'dist/all')], { seconds: 300 });
}, 900_000);

afterAll(async () => {
  for (const site of SITES) await repository.npm('down', site, '--delete-data', '--yes');
  repository.remove();
}, 900_000);

/** The ready pods of a site, in both of its namespaces. */
const podsOf = async (config: Config): Promise<Pod[]> =>
  (await Promise.all(namespacesOf(config).map((namespace) => list<Pod>('pods', namespace)))).flat().filter(isReady);

/** Tries all connections at once from an app pod. */
async function connect(
  { name }: Config,
  targets: readonly (readonly [host: string, port: number])[],
): Promise<Outcome[]> {
  const args = ['exec', '-i', 'deployment/app', '-c', 'app', '-n', name, '--', 'node', '-e', CONNECT];
  return JSON.parse(await kubectl(args, { input: JSON.stringify(targets) })) as Outcome[];
}

test('all come up, and each has its own rows', async () => {
  for (const config of configs) {
    const visitor = await eventually(`${config.name} answers`, 900, async () => {
      const one = await Visitor.arrive(config);
      return (await one.post('/messages', { text: `only in ${config.name}` })).status === 201 && one;
    });
    visitors.push(visitor);
  }
  for (const [n, visitor] of visitors.entries()) {
    const { body } = await visitor.get('/messages?after=0&limit=100&consistent=1');
    expect(body.match(/only in [a-z-]+/g)).toEqual([`only in ${SITES[n]}`]);
  }
}, 1_800_000);

test('none reaches a pod of another', async () => {
  for (const config of configs) {
    const others = (await Promise.all(configs.filter((one) => one !== config).map(podsOf))).flat();
    expect(others.length).toBeGreaterThan(20);
    const targets = others.flatMap(({ status: { podIP = '' } }) => PORTS.map((port) => [podIP, port] as const));
    const outcomes = await connect(config, [...targets, ['database-primary', 3306]]);
    // the last one is its own
    expect(outcomes.pop()).toBe('open');
    expect(targets.filter((_, n) => outcomes[n] !== 'blocked')).toEqual([]);
  }
}, 300_000);

test('`status` calls nothing of one site foreign to another', async () => {
  for (const site of SITES) {
    const { stdout } = await repository.tryNpm('status', site, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ foreign: [] });
  }
}, 120_000);

test('one is taken down with its data, and visitors of the others notice nothing', async () => {
  const [gone, ...staying] = visitors;
  const traffic = staying.map((visitor) => new Traffic(visitor, '/messages?limit=5', RATE));
  let tallies: Tally[];
  try {
    await repository.npm('down', SITES[0], '--delete-data', '--yes');
  } finally {
    tallies = await Promise.all(traffic.map((one) => one.stop()));
  }
  await expect(gone?.get('/')).rejects.toThrow();
  for (const { sent, failed } of tallies) expect([sent > 0, failed]).toEqual([true, {}]);
}, 600_000);
