import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { type Config, parseConfig } from '../../../config';
import { EXAMPLES } from '../../support/examples';
import { absence, cordon, type Layout, Nodes } from '../support/kwok/nodes';
import { production, Site } from '../support/kwok/site';
import { table } from '../support/table';

const reason = absence();
if (reason) console.log(`the spread over zones is not tried: ${reason}`);

/** Nodes in zones. */
interface Case {
  readonly title: string;
  readonly layout: Layout;
  /** Zones of which one node takes no new pods. @default - none */
  readonly cordoned?: readonly string[];
  /** Zones whose nodes others fill to two thirds. @default - none */
  readonly busy?: readonly string[];
  /** Whether Deployments roll before a second look. @default - they do not */
  readonly roll?: boolean;
}
const CASES: readonly Case[] = [
  { title: 'three zones', layout: { a: 2, b: 2, c: 2 }, roll: true },
  { title: 'three zones, one busy', layout: { a: 2, b: 2, c: 2 }, busy: ['c'] },
  { title: 'uneven zones', layout: { a: 1, b: 1, c: 4 }, roll: true },
  { title: 'a node of each zone cordoned', layout: { a: 2, b: 2, c: 2 }, cordoned: ['a', 'b', 'c'] },
  { title: 'two zones', layout: { a: 2, b: 2 } },
  { title: 'one zone', layout: { a: 3 } },
  { title: 'no zones', layout: { '': 4 } },
];

const example = (file: string, name: string): Config =>
  parseConfig(
    JSON.stringify({ ...(load(readFileSync(`${EXAMPLES}/${file}`, 'utf8')) as object), name, web: { replicas: 3 } }),
    file,
  );

/** Sites by what is particular about them. */
const SITES: Readonly<Record<string, (name: string) => Config>> = {
  production: (name) => production(name),
  'a pair, workers': (name) =>
    production(name, {
      database: { topology: 'primary-replica', replicas: 1, members: undefined },
      app: {
        replicas: 5,
        workers: {
          mail: { command: ['node', 'mail.mjs'], replicas: 2 },
          index: { command: ['node', 'i.mjs'], replicas: 3 },
        },
      },
    }),
  'a group of five, autoscaled': (name) =>
    production(name, {
      database: { members: 5, resources: { requests: { cpu: '500m', memory: '1Gi' } } },
      web: { autoscaling: { minReplicas: 4, maxReplicas: 8 } },
    }),
  'a foreign app': (name) => example('django.yaml', name),
};

const rows: string[][] = [['nodes', 'site', 'workload', 'pods', 'per zone', 'most on a node']];
afterAll(() => {
  if (!reason) console.log(table(rows));
});

describe.each(CASES)('$title', (given) => {
  const { title, layout, cordoned = [], busy = [] } = given;
  let nodes: Nodes;
  beforeAll(async () => {
    if (reason) return;
    nodes = await Nodes.make(layout);
    await nodes.fill(busy);
    await cordon(cordoned.flatMap((zone) => nodes.of(zone).slice(0, 1)));
  }, 300_000);
  afterAll(() => nodes?.end(), 300_000);

  (reason ? test.skip : test).each(Object.entries(SITES))(
    '%s: every pod runs, and its tier is spread',
    async (name, configOf) => {
      const site = new Site(configOf(`zones-${CASES.indexOf(given)}-${name.length}`));
      try {
        await site.apply();
        await site.settled();
        const workloads = await site.workloads();
        const first = await faultsOf(title, name, site, nodes, given);
        if (given.roll) {
          const deployments = workloads
            .filter(({ kind }) => kind === 'Deployment')
            .map(({ metadata }) => metadata.name);
          for (const deployment of deployments) await site.restart(`deployment/${deployment}`);
          for (const deployment of deployments) await site.rolled(`deployment/${deployment}`);
          await site.settled();
        }
        const second = given.roll ? await faultsOf(`${title}, rolled`, name, site, nodes, given) : [];
        expect([...first, ...second]).toEqual([]);
      } finally {
        await site.end();
      }
    },
    600_000,
  );
});

/** Workloads of which a zone or a node has more than its share: what docs/decisions/zones.md promises. */
async function faultsOf(title: string, name: string, site: Site, nodes: Nodes, given: Case): Promise<string[]> {
  const faults: string[] = [];
  for (const workload of await site.workloads()) {
    const { replicas } = workload.spec;
    const perZone = await site.spread(workload, (node) => nodes.zoneOf.get(node) ?? node);
    const perNode = await site.spread(workload, (node) => node);
    const counts = Object.keys(given.layout).map((zone) => perZone.get(zone) ?? 0);
    const [inZone, onNode] = [Math.max(...counts), Math.max(...perNode.values())];
    rows.push([title, name, workload.metadata.name, String(replicas), counts.join('/'), String(onNode)]);
    const share = shareOf(replicas, given);
    if (inZone > share.zone || onNode > share.node) {
      faults.push(`${title}, ${workload.metadata.name}: ${counts.join('/')} in zones, ${onNode} on a node`);
    }
  }
  return faults;
}

/** Most pods of a workload that may be in one zone and on one node. */
function shareOf(replicas: number, { layout, cordoned = [] }: Case): { readonly zone: number; readonly node: number } {
  const zone = Math.ceil(replicas / Object.keys(layout).length);
  const free = Object.entries(layout).map(([name, count]) => count - (cordoned.includes(name) ? 1 : 0));
  // a zone with fewer nodes than its share has several on a node
  return { zone, node: Math.ceil(zone / Math.min(...free)) };
}
