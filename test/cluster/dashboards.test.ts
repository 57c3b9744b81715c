import { dashboardsOf } from '../../charts/monitoring/dashboards';
import { WINDOW } from '../../charts/monitoring/dashboards/panels';
import { eventually } from './support/eventually';
import { config } from './support/kubectl';
import { Prometheus, type Sample } from './support/prometheus';
import { Traffic } from './support/traffic';
import { Visitor } from './support/visitor';

/** Panels that may be empty on a healthy site, each with the reason. */
const MAY_BE_EMPTY: Readonly<Record<string, string>> =
  config.database.topology === 'group'
    ? { 'Semi-synchronous replication': 'a group has a protocol of its own for that' }
    : { 'Members of the group that are online': 'there is a group in the topology of that name only' };

const dashboards = dashboardsOf(config);
let prometheus: Prometheus;
let traffic: Traffic;
beforeAll(async () => {
  prometheus = await Prometheus.connect();
  // latencies and shares of answers are of visitors only
  traffic = new Traffic(await Visitor.arrive(), '/whoami', 4);
});
afterAll(async () => {
  await traffic.stop();
  prometheus.close();
});

/** The narrowest window that Grafana inserts: four collections. */
const asked = (expr: string): string => expr.replaceAll(WINDOW, `${4 * config.monitoring.intervalSeconds}s`);

/** Why a result gives no line, or a line whose legend lacks a label. */
function lacks(samples: readonly Sample[], legend: string): string | undefined {
  if (samples.length === 0) return 'no series';
  if (!samples.some(({ value }) => Number.isFinite(value))) return 'no number';
  const labels = [...legend.matchAll(/{{(\w+)}}/g)].map(([, label]) => label ?? '');
  return labels.find((label) => samples.some(({ metric }) => metric[label] === undefined));
}

describe.each(dashboards)('$title', ({ rows }) => {
  const panels = rows.flatMap((row) => row.panels).filter(({ title }) => !(title in MAY_BE_EMPTY));
  test.each(panels)('$title: every query draws lines that have names', async ({ title, queries }) => {
    for (const { expr, legend } of queries) {
      await eventually(`${title}: ${expr}`, 90, async () => {
        const lack = lacks(await prometheus.query(asked(expr)), legend);
        if (lack !== undefined) throw new Error(lack);
        return true;
      });
    }
  });
});

test('the list of panels that may be empty names panels that exist', () => {
  const titles = dashboards.flatMap(({ rows }) => rows).flatMap(({ panels }) => panels.map(({ title }) => title));
  for (const title of Object.keys(MAY_BE_EMPTY)) expect(titles).toContain(title);
});
