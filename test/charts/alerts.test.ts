import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Testing } from 'cdk8s';
import { dump } from 'js-yaml';
import { ownAlerts, ownRules } from '../../charts/monitoring/alertmanager/rules';
import { alertRules, alerts, alertsOf } from '../../charts/monitoring/alerts';
import { metrics as names } from '../../charts/monitoring/alerts/metrics';
import { conditionMetrics, promqlCondition } from '../../charts/monitoring/alerts/promql';
import { sumoFolder } from '../../charts/monitoring/alerts/sumo';
import { LABELS } from '../../charts/monitoring/collector/remote-write';
import { PrometheusRuleChart } from '../../charts/monitoring/prometheus/rule';
import { cases } from '../support/alert-cases';
import type { Case, Series } from '../support/alert-series';
import { everySetting } from '../support/firewalls';
import { config, SERVICES } from '../support/monitoring';
import { withProgram } from '../support/programs';
import { promtool } from '../support/promtool';

const scratch = mkdtempSync(join(tmpdir(), 'threewall-alerts-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const samples = (series: Series) => Object.entries(series).map(([name, values]) => ({ series: name, values }));

/** One trial of promtool: whether `name` fires. */
const trial = (name: string, { interval = '30s', at = '2h' }: Case, series: Series, fires: boolean) => ({
  name: `${name} ${fires ? 'fires' : 'does not fire'}`,
  interval,
  input_series: samples(series),
  promql_expr_test: [
    {
      expr: `clamp_max(count(ALERTS{alertname="${name}", alertstate="firing"}), 1) or vector(0)`,
      eval_time: at,
      exp_samples: [{ labels: '{}', value: fires ? 1 : 0 }],
    },
  ],
});

test('each alert has what fires it and what nearly does', () => {
  expect(Object.keys(cases).sort()).toEqual(alerts.map(({ name }) => name).sort());
});

withProgram('promtool', () => {
  test('accepts the rules', () => {
    writeFileSync(join(scratch, 'check.yaml'), dump({ groups: [alertRules(alerts)] }));
    expect(promtool(scratch, 'check', 'rules', 'check.yaml')).toMatch(`SUCCESS: ${alerts.length} rules found`);
    writeFileSync(join(scratch, 'own.yaml'), dump({ groups: ownRules(everySetting.config) }));
    expect(promtool(scratch, 'check', 'rules', 'own.yaml')).toMatch(`SUCCESS: ${ownAlerts.length} rules found`);
  });

  test('fires each alert, and does not when it only nearly should', () => {
    // a file for each: promtool evaluates every rule of a file at every step of every trial
    const files = alerts.map((alert) => {
      const { name } = alert;
      const one = cases[name] as Case;
      const rules = join(scratch, `${name}.rules.yaml`);
      const trials = join(scratch, `${name}.yaml`);
      writeFileSync(rules, dump({ groups: [alertRules([alert])] }));
      const tests = [trial(name, one, one.fires, true), trial(name, one, one.quiet, false)];
      writeFileSync(trials, dump({ rule_files: [rules], evaluation_interval: one.interval ?? '30s', tests }));
      return trials;
    });
    expect(promtool(scratch, 'test', 'rules', ...files).match(/SUCCESS/g)).toHaveLength(alerts.length);
  });
});

describe('the list', () => {
  test('names each alert once, as a heading of the runbooks', () => {
    const headings = readFileSync('docs/runbooks.md', 'utf8').match(/(?<=^## ).*$/gm) ?? [];
    expect(headings).toEqual([...alerts.map(({ name }) => name), ...ownAlerts]);
  });

  test('holds no alert that cannot fire where it is loaded', () => {
    const names = (...args: Parameters<typeof config>) => alertsOf(config(...args)).map(({ name }) => name);
    expect(names()).toEqual(expect.arrayContaining(['WebHigh5xx', 'SemiSyncOff']));
    expect(names()).not.toContain('GroupMemberMissing');
    expect(names(SERVICES.prometheus, ', collectLogs: false')).not.toContain('WebHigh5xx');
    expect(names(SERVICES.prometheus, '', 'database: { topology: group }')).toContain('GroupMemberMissing');
  });

  test("asks for no attribute of a pod or node that Prometheus' series lack", () => {
    const asked = JSON.stringify(alerts.map(({ condition }) => condition)).match(/(?<=")k8s\.[\w.]+(?=")/g) ?? [];
    const metrics: string[] = Object.values(names).map(({ otel }) => otel);
    expect(asked.filter((name) => !LABELS.includes(name) && !metrics.includes(name))).toEqual([]);
  });

  test('says of each threshold where it comes from', () => {
    for (const { source, summary } of alerts) expect([source, summary]).not.toContain('');
  });
});

describe('for Sumo Logic', () => {
  // biome-ignore lint/suspicious/noExplicitAny: an exported folder, read at many depths
  const export_ = (): any => sumoFolder(alerts, config(SERVICES.sumologic));

  test('each alert is a monitor, save those that a monitor cannot ask, each with its reason', () => {
    const { folder, missing } = export_();
    expect(missing).toEqual({
      ...Object.fromEntries(
        ['WebErrorBudgetFast', 'WebErrorBudgetSlow', 'WebErrorBudgetLow'].map((name) => [
          name,
          expect.stringContaining('two windows'),
        ]),
      ),
      ...Object.fromEntries(
        [
          'CertificateEndsSoon',
          'CertificateEnds',
          'DatabaseCertificateEndsSoon',
          'DatabaseCertificateEnds',
          'BackupStale',
          'BinlogShippingStale',
          'RestoreDrillStale',
          'VolumeBackupStale',
        ].map((name) => [name, expect.stringContaining('no clock')]),
      ),
      VolumeFullIn24h: expect.stringContaining('forecast'),
    });
    expect(folder.children).toHaveLength(alerts.length - Object.keys(missing).length);
  });

  test('a monitor asks for the same metrics as the rule, under the names that are shipped', () => {
    for (const { name, queries } of export_().folder.children) {
      const { condition } = alerts.find((alert) => name.endsWith(`: ${alert.name}`)) ?? {};
      if (!condition) throw new Error(`no alert for ${name}`);
      const wanted = conditionMetrics(condition);
      const text = queries.map(({ query }: { query: string }) => query).join('\n');
      const asked = [...text.matchAll(/metric=([^\s)]+)/g)].map(([, metric]) => metric);
      expect(new Set(asked)).toEqual(new Set(wanted.map(({ otel }) => otel)));
    }
  });

  test('rows of a calculation are joined by their groups, and the trigger looks at the last', () => {
    const monitor = (wanted: string) =>
      export_().folder.children.find(({ name }: { name: string }) => name.endsWith(wanted));
    expect(monitor('NginxLatencyHigh')).toMatchObject({
      type: 'MonitorsLibraryMonitorExport',
      monitorType: 'Metrics',
      queries: [
        {
          rowId: 'A',
          query:
            'metric=nginx_access_duration_bucket_total deployment.environment=shop le=3 | rate counter over 5m | sum by k8s.pod.name',
        },
        {
          rowId: 'B',
          query:
            'metric=nginx_access_duration_bucket_total deployment.environment=shop le=+Inf | rate counter over 5m | sum by k8s.pod.name',
        },
        { rowId: 'C', query: '1 - (#A / #B) along k8s.pod.name' },
      ],
      triggers: [
        { triggerType: 'Warning', thresholdType: 'GreaterThan', threshold: 0.01, timeRange: '-5m' },
        { triggerType: 'ResolvedWarning', thresholdType: 'LessThanOrEqual', threshold: 0.01 },
      ],
    });
    expect(monitor('TierSilent').triggers.map(({ triggerType }: { triggerType: string }) => triggerType)).toEqual([
      'MissingData',
      'ResolvedMissingData',
    ]);
  });
});

test('a PrometheusRule has the fields of the operator, and the same rules as the in-cluster Prometheus', () => {
  const [object] = Testing.synth(new PrometheusRuleChart(Testing.app(), config()));
  expect(object).toMatchObject({ apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule' });
  expect(object.spec).toEqual({ groups: [alertRules(alertsOf(config()))] });
  const fields = new Set(object.spec.groups[0].rules.flatMap((rule: object) => Object.keys(rule)));
  expect(fields).toEqual(new Set(['alert', 'expr', 'for', 'labels', 'annotations']));
});

test.each(['BackupStale', 'BinlogShippingStale', 'RestoreDrillStale', 'VolumeBackupStale'])(
  '%s remembers what a job said: it is pushed every two minutes, and Prometheus looks back for one',
  (name) => {
    const alert = alerts.find((one) => one.name === name);
    expect(alert && promqlCondition(alert.condition)).toMatch(/\(time\(\) - max \(last_over_time\(\w+\[3d\]\)\)\) >/);
  },
);
