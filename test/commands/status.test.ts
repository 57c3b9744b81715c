import { foreignOf } from '../../commands/status/foreign-policies';
import { healthy, lines, type Status } from '../../commands/status/lines';
import { questions } from '../../commands/status/status';
import { config, SERVICES } from '../support/monitoring';

const tier = { tier: 'web', ready: 2, wanted: 2, done: true };
const status = (more: Partial<Status> = {}): Status => ({
  name: 'shop',
  tiers: [tier],
  metrics: [{ name: 'requests of visitors', value: 12.345, unit: '/s' }],
  alerts: [],
  foreign: [],
  ...more,
});

test('shows each tier with its ready pods, and each metric with its unit', () => {
  const metrics: Status['metrics'] = [
    { name: 'requests of visitors', value: 12.345, unit: '/s' },
    { name: 'failed answers', value: 0.0123, unit: '%' },
    { name: 'time to answer, p99', value: 0.0421, unit: 's' },
    { name: 'last backup', value: 3 * 3600 + 120, unit: 'age' },
  ];
  expect(lines(status({ metrics })).join('\n')).toMatchInlineSnapshot(`
"shop: well

web                         2/2    ready

requests of visitors        12.3 /s
failed answers              1.23 %
time to answer, p99         42 ms
last backup                 3 h 2 min ago
alerts                      none fires"
`);
});

test('says "no data" where there is none, never zero', () => {
  const text = lines(status({ metrics: [{ name: 'last backup', value: undefined, unit: 'age' }] })).join('\n');
  expect(text).toMatch(/^last backup +no data$/m);
  expect(text).not.toMatch(/\b0\b/);
});

test('says that there are no backups where none are configured', () => {
  const asked = questions(config(SERVICES.prometheus)).filter(({ unit }) => unit === 'age');
  const text = lines(status({ metrics: asked.map((one) => ({ ...one, value: undefined })) })).join('\n');
  expect(text.match(/none: the configuration has no section `backup`$/gm)).toHaveLength(2);
});

test('says where metrics would come from when no Prometheus is in the cluster', () => {
  expect(lines(status({ metrics: 'external' })).join('\n')).toMatch(
    `${'metrics'.padEnd(28)}at the external monitoring service; none is in the cluster`,
  );
});

test('fails when a tier has fewer pods ready than wanted', () => {
  const shown = status({ tiers: [tier, { tier: 'app', ready: 1, wanted: 2, done: false }] });
  expect(healthy(shown)).toBe(false);
  expect(lines(shown).join('\n')).toMatch(/^app +1\/2 +NOT READY$/m);
});

test('fails when a tier runs no pod that it should, or does not exist', () => {
  const shown = status({ tiers: [{ tier: 'app', ready: 0, wanted: undefined, done: false }] });
  expect(healthy(shown)).toBe(false);
  expect(lines(shown).join('\n')).toMatch(/^app +MISSING$/m);
});

test('fails when a firewall policy is in no manifest, and names it', () => {
  const policy = (name: string) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop' },
  });
  const foreign = foreignOf([policy('web'), policy('allow-all')], [policy('web')]);
  expect(foreign).toEqual(['NetworkPolicy shop/allow-all']);
  expect(healthy(status({ foreign }))).toBe(false);
  expect(lines(status({ foreign })).join('\n')).toMatch(/^FOREIGN FIREWALL +NetworkPolicy shop\/allow-all is in no/m);
});

test('fails when an alert fires, and names it', () => {
  const shown = status({ alerts: [{ name: 'ReplicaLag', severity: 'page', about: 'database-1' }] });
  expect(healthy(shown)).toBe(false);
  expect(lines(shown).join('\n')).toMatch(/^FIRING +ReplicaLag \(page\) database-1$/m);
});

test('is well while an alert merely explains others, and shows it', () => {
  const shown = status({ alerts: [{ name: 'MysqlRestarted', severity: 'info', about: 'database-0' }] });
  expect(healthy(shown)).toBe(true);
  expect(lines(shown).join('\n')).toMatch(/^FIRING +MysqlRestarted \(info\) database-0$/m);
});

test('fails when Prometheus is part of the site but does not answer: the alerts are unknown', () => {
  const shown = status({ metrics: { trouble: 'no answer within 10 s' }, alerts: undefined });
  expect(healthy(shown)).toBe(false);
  expect(lines(shown).join('\n')).toMatch(/^metrics +UNKNOWN: no answer within 10 s$/m);
});

test('is well with all pods ready and no alert, also while a rollout brings a newer version', () => {
  expect(healthy(status({ tiers: [{ ...tier, done: false }] }))).toBe(true);
});

test('says which pods are ready but not the newest version yet', () => {
  expect(lines(status({ tiers: [{ ...tier, done: false }] })).join('\n')).toMatch(
    /^web +2\/2 +ready, its new version/m,
  );
});

test('errors and latency are what the web servers answered; the app is asked where no access log is read', () => {
  const asked = (collectLogs: boolean) =>
    Object.fromEntries(
      questions(config(SERVICES.prometheus, `, collectLogs: ${collectLogs}`)).map(({ name, promql }) => [name, promql]),
    );
  expect(asked(true)).toMatchObject({
    'failed answers': expect.stringContaining('nginx_access_requests_total{status_class="5xx"}'),
    'time to answer, p99': expect.stringContaining('nginx_access_duration_bucket_total'),
  });
  expect(asked(false)).toMatchObject({
    'failed answers': expect.stringContaining('http_requests_total'),
    'time to answer, p99': expect.stringContaining('http_request_duration_seconds_bucket'),
  });
});
