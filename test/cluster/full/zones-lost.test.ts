import { eventually } from '../support/eventually';
import type { Pod } from '../support/kubectl';
import { drain, evict } from '../support/kwok/evict';
import { absence, cordon, Nodes } from '../support/kwok/nodes';
import { production, Site } from '../support/kwok/site';
import { table } from '../support/table';

const reason = absence();
if (reason) console.log(`a lost zone is not tried: ${reason}`);
const given = reason ? test.skip : test;

/** Pods of each tier of `production`. */
const PODS = 3;
const TIERS = ['app', 'database', 'load-balancer', 'web'];
const each = (count: number) => Object.fromEntries(TIERS.map((tier) => [tier, count]));

const rows: string[][] = [['case', 'evicted', 'refused', 'left on the nodes', 'fewest ready', 'seconds']];
afterAll(() => {
  if (!reason) console.log(table(rows));
});

let nodes: Nodes;
let site: Site;
let cases = 0;
beforeEach(async () => {
  if (reason) return;
  nodes = await Nodes.make({ a: 2, b: 2, c: 2 });
  site = new Site(production(`zones-lost-${++cases}`));
  await site.apply();
  await site.settled();
}, 300_000);
afterEach(async () => {
  if (reason) return;
  await nodes.end();
  await site.end();
}, 300_000);

const tiersOf = (counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(TIERS.map((tier) => [tier, counts[tier] ?? 0]));
const inWords = (counts: Readonly<Record<string, number>>): string =>
  TIERS.map((tier) => `${tier} ${counts[tier]}`).join(', ');
const podsIn = async (...zones: readonly string[]): Promise<Pod[]> => {
  const there = new Set(nodes.of(...zones));
  return (await site.pods()).filter(({ spec }) => there.has(spec.nodeName ?? ''));
};
const tierOf = ({ metadata }: Pod): string => metadata.labels['app.kubernetes.io/component'] ?? '';
const databases = async (...zones: readonly string[]): Promise<Pod[]> =>
  (await podsIn(...zones)).filter((pod) => tierOf(pod) === 'database');

given(
  'a zone is drained node by node: no tier loses more than one pod, and the next zone waits for the database',
  async () => {
    const began = Date.now();
    const first = await drain(site, nodes.of('a'));
    rows.push(['drain of a zone', ...numbers(first), seconds(began)]);
    expect(first.left).toEqual([]);
    for (const tier of TIERS) expect(first.fewest[tier]).toBeGreaterThanOrEqual(PODS - 1);
    await site.settled(120, ['database']);

    const next = await drain(site, nodes.of('b'));
    rows.push(['drain of the next zone', ...numbers(next), seconds(began)]);
    expect(next.left).toEqual([expect.stringMatching(/^database-/)]);
    expect(next.fewest).toMatchObject({ database: PODS - 1 });

    await cordon(nodes.of('a'), false);
    await site.settled();
  },
  600_000,
);

given(
  'of evictions at once, one of each tier is granted',
  async () => {
    await cordon(nodes.of('a', 'b', 'c'));
    const pods = (await podsIn('a', 'b', 'c')).filter((pod) => TIERS.includes(tierOf(pod)));
    const answers = await Promise.all(pods.map(async (pod) => [tierOf(pod), await evict(pod)] as const));
    for (const tier of TIERS) {
      const of = answers.filter(([one]) => one === tier).map(([, answer]) => answer);
      expect([tier, of.sort()]).toEqual([tier, [201, 429, 429]]);
    }
    rows.push(['evictions of all pods at once', String(TIERS.length), String(TIERS.length * 2), '', '', '']);
    await cordon(nodes.of('a', 'b', 'c'), false);
    await site.settled();
  },
  600_000,
);

given(
  "a zone's nodes are deleted: databases wait for their volumes, and run on new nodes of the zone",
  async () => {
    const began = Date.now();
    const [lost] = await databases('a');
    await nodes.remove(nodes.of('a'));
    await site.settled(240, ['database']);
    await eventually(`${lost?.metadata.name} waits`, 120, async () => {
      const all = await site.pods();
      return all.some(({ metadata, spec }) => metadata.name === lost?.metadata.name && spec.nodeName === undefined);
    });
    const ready = await site.ready();
    rows.push(['the nodes of a zone are deleted', '', '', '', inWords(ready), seconds(began)]);
    expect(tiersOf(ready)).toEqual({ ...each(PODS), database: PODS - 1 });
    await nodes.replace('a');
    await site.settled();
    rows.push(['new nodes', '', '', '', inWords(await site.ready()), seconds(began)]);
    await restored('after new nodes');
  },
  900_000,
);

given(
  'pods that are not ready block no drain, except databases without a majority',
  async () => {
    const stateless = (await podsIn('a', 'b', 'c')).filter((pod) => tierOf(pod) !== 'database');
    await site.probe(stateless, 'False');
    const [victim, other] = await databases('a', 'b', 'c');
    if (!victim || !other) throw new Error('no databases');
    await site.probe([victim], 'False');
    await cordon(nodes.of('a', 'b', 'c'));
    const answers: number[] = [];
    for (const pod of stateless) answers.push(await evict(pod));
    expect(new Set(answers)).toEqual(new Set([201]));
    expect(await evict(other)).toBe(429);
    await site.probe([other], 'False');
    expect([await evict(victim), await evict(other)]).toEqual([429, 429]);
    rows.push(['pods that are not ready', String(answers.length), '3', 'databases', '', '']);
  },
  600_000,
);

const numbers = ({ evicted, refused, left, fewest }: Awaited<ReturnType<typeof drain>>): string[] => [
  String(evicted),
  String(refused),
  left.join(', '),
  inWords(fewest),
];
const seconds = (began: number): string => String(Math.round((Date.now() - began) / 1000));

/** Pods do not move by themselves when a zone is back; the next version spreads them again. */
async function restored(when: string): Promise<void> {
  for (const tier of ['app', 'web', 'load-balancer']) {
    await site.restart(`deployment/${tier}`);
    await site.rolled(`deployment/${tier}`);
  }
  for (const workload of (await site.workloads()).filter(({ metadata }) => TIERS.includes(metadata.name))) {
    const counts = await site.spread(workload, (node) => nodes.zoneOf.get(node) ?? node);
    rows.push([`${workload.metadata.name} ${when}`, '', '', '', [...counts.values()].sort().join('/'), '']);
  }
}
