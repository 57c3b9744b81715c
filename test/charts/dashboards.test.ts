import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Testing } from 'cdk8s';
import { dump } from 'js-yaml';
import { threewall } from '../../charts';
import { DashboardsChart, dashboardsOf } from '../../charts/monitoring/dashboards';
import { grafana, uidOf, WINDOW } from '../../charts/monitoring/dashboards/panels';
import { configOf } from '../support/configs';
import { ownApp } from '../support/firewalls';
import { STUB_SITE } from '../support/manifests';
import { config, SERVICES } from '../support/monitoring';
import { withProgram } from '../support/programs';
import { promtool } from '../support/promtool';

const dashboards = dashboardsOf(config());
const without = dashboardsOf(config(SERVICES.prometheus, ', collectLogs: false'));
const ofImage = dashboardsOf(ownApp.config);
const pages = dashboards.map((dashboard) => ({ dashboard, drawn: grafana(dashboard, config()) }));

test('each is a ConfigMap in the monitoring namespace with the label that the sidecar of Grafana looks for', () => {
  const manifests = Testing.synth(new DashboardsChart(Testing.app(), config()));
  expect(manifests.map(({ metadata }) => metadata.name)).toEqual([
    'dashboard-overview',
    'dashboard-load-balancer',
    'dashboard-web',
    'dashboard-database',
    'dashboard-nodes',
  ]);
  for (const { metadata, data } of manifests) {
    expect(metadata).toMatchObject({ namespace: 'shop-monitoring', labels: { grafana_dashboard: '1' } });
    const [[file, text]] = Object.entries<string>(data) as [[string, string]];
    expect(file).toBe(`${JSON.parse(text).uid}.json`);
  }
});

test('a page keeps its address: the uid is the name of the site and of the page, 40 characters at most', () => {
  expect(pages.map(({ drawn }) => drawn.uid)).toEqual([
    'shop-overview',
    'shop-load-balancer',
    'shop-web',
    'shop-database',
    'shop-nodes',
  ]);
  for (const dashboard of dashboards) expect(uidOf(dashboard, { name: 'x'.repeat(40) }).length).toBeLessThanOrEqual(40);
});

describe.each(pages)('$dashboard.title', ({ dashboard, drawn }) => {
  const panels = (drawn.panels ?? []).filter(({ type }) => type !== 'row') as unknown as {
    id: number;
    title: string;
    datasource: { uid: string };
    gridPos: { x: number; y: number; w: number; h: number };
    targets: { expr: string; datasource: { uid: string } }[];
  }[];

  test('asks the Prometheus that the reader chooses, and no other', () => {
    expect(drawn.templating?.list?.map(({ name, type }) => [name, type])).toEqual([['datasource', 'datasource']]);
    for (const { datasource, targets } of panels) {
      expect(new Set([datasource, ...targets.map((target) => target.datasource)].map(({ uid }) => uid))).toEqual(
        new Set(['$datasource']),
      );
    }
  });

  test('has every panel once, titled, beside the others and not on top of them', () => {
    expect(panels.map(({ title }) => title)).toEqual(dashboard.rows.flatMap((r) => r.panels.map((p) => p.title)));
    const ids = (drawn.panels ?? []).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w } }) => Array.from({ length: w }, (_, i) => `${x + i},${y}`));
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  test('has no window of a rate that is fixed: it follows the range of time that is shown', () => {
    for (const { expr } of panels.flatMap(({ targets }) => targets)) expect(expr).not.toMatch(/\[\d/);
  });
});

test('the overview draws the tiers of the whiteboard from left to right, in each row, with and without access log', () => {
  for (const { panels } of [dashboards, without, ofImage].flatMap(([overview]) => overview?.rows ?? [])) {
    expect(panels.map(({ title }) => title.split(':')[0])).toEqual(['Load balancer', 'Web', 'App', 'Database']);
  }
});

describe('of an image', () => {
  const pagesOf = (app: object) => dashboardsOf(configOf({ app: { image: 'registry.example/shop:1.4.2', ...app } }));
  const asked = (list: typeof dashboards): string => JSON.stringify(list.map(({ rows }) => rows));
  const titles = (list: typeof dashboards): string[] => list.flatMap(({ rows }) => rows.map(({ title }) => title));

  test('no panel asks for metrics that the sample site alone has', () => {
    for (const list of [pagesOf({}), pagesOf({ health: '/up' }), pagesOf({ metrics: { port: 9464 } })]) {
      expect(asked(list)).not.toMatch(/http_requests_total|http_request_duration|database_pool|fallback_reads|nodejs_/);
    }
    expect(asked(dashboards)).toMatch(/http_requests_total/);
  });

  test('readiness is drawn where it is asked for, pods are counted where not', () => {
    expect(asked(pagesOf({ health: '/up' }))).toContain('httpcheck_status');
    expect(asked(pagesOf({}))).not.toContain('httpcheck_status');
    expect(asked(pagesOf({}))).toContain('count(k8s_pod_cpu_usage{');
  });

  test('workers and schedules have a row where there are some', () => {
    const row = 'Workers and schedules';
    expect(titles(pagesOf({ workers: { jobs: { command: ['bin/jobs'] } } }))).toContain(row);
    expect(titles(pagesOf({ schedule: { nightly: { command: ['bin/n'], cron: '17 3 * * *' } } }))).toContain(row);
    expect(titles(pagesOf({ release: ['bin/migrate'] }))).not.toContain(row);
    expect(titles(dashboards)).not.toContain(row);
  });
});

test.each([
  ['{ type: prometheus }', '', true],
  ['{ type: sumologic }', '', false],
  ['{ type: sumologic }', ', dashboards: true', true],
  ['{ type: prometheus }', ', dashboards: false', false],
])('services %s%s: part of the manifests: %s', (services, more, expected) => {
  const app = Testing.app();
  threewall(app, config(services, more), { site: STUB_SITE });
  expect(app.charts.some(({ node }) => node.id === '60-dashboards')).toBe(expected);
});

withProgram('promtool', () =>
  test('every query is valid, with and without access log', () => {
    const scratch = mkdtempSync(join(tmpdir(), 'threewall-dashboards-'));
    const panels = [...dashboards, ...without, ...ofImage].flatMap(({ rows }) => rows).flatMap((row) => row.panels);
    const queries = [...new Set(panels.flatMap((panel) => panel.queries.map(({ expr }) => expr)))];
    const rules = queries.map((expr, n) => ({ record: `query:${n}`, expr: expr.replaceAll(WINDOW, '1m') }));
    try {
      writeFileSync(join(scratch, 'rules.yaml'), dump({ groups: [{ name: 'queries', rules }] }));
      expect(promtool(scratch, 'check', 'rules', 'rules.yaml')).toMatch(`SUCCESS: ${rules.length} rules found`);
    } finally {
      rmSync(scratch, { recursive: true });
    }
  }),
);

test('errors and latency of the web servers are those of the access log, where there is one', () => {
  const asked = (list: typeof dashboards) => JSON.stringify(list.map(({ rows }) => rows));
  expect(asked(dashboards)).toContain('nginx_access_duration_bucket_total');
  expect(asked(without)).not.toContain('nginx_access');
});
