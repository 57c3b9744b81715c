import { load } from 'js-yaml';
import { alertKeys, alertmanagerYaml } from '../../charts/monitoring/alertmanager/config';
import { alertsYaml, prometheusYaml } from '../../charts/monitoring/prometheus/config';
import { wantedSecrets } from '../../commands/secrets/plan';
import { alertmanagerOf } from '../../config/ways-out';
import { configOf, faultsOf } from '../support/configs';
import { synthesize } from '../support/manifests';

const ALL = [
  { type: 'webhook', to: { namespace: 'on-call' }, port: 8080 },
  { type: 'webhook', name: 'heartbeat', severities: ['watchdog'] },
  {
    type: 'email',
    smarthost: 'mail.example.org:587',
    from: 'site@example.org',
    recipients: ['a@example.org', 'b@example.org'],
    username: 'site',
  },
  {
    type: 'email',
    name: 'tickets',
    severities: ['ticket'],
    smarthost: 'relay.example.org:25',
    from: 'a@b.cd',
    recipients: ['c@d.ef'],
  },
  { type: 'slack', severities: ['page'], channel: '#alerts' },
  { type: 'pagerduty', severities: ['page'] },
];
const settings = (receivers: unknown) => ({
  monitoring: { services: [{ type: 'prometheus', alertmanager: { receivers } }] },
});
const config = configOf(settings(ALL));
const alertmanager = alertmanagerOf(config) ?? fail();
const yaml = alertmanagerYaml(config, alertmanager);

// biome-ignore lint/suspicious/noExplicitAny: a configuration file, read at many depths
const file = load(yaml) as any;

test('each receiver gets its severities, a heartbeat every five minutes', () => {
  const routes = file.route.routes.map((route: { receiver: string; matchers: string[]; repeat_interval: string }) =>
    [route.receiver, ...route.matchers, route.repeat_interval].join(' '),
  );
  expect(routes).toEqual([
    'webhook severity="page" 4h',
    'webhook severity="ticket" 24h',
    'heartbeat severity="watchdog" 5m',
    'email severity="page" 4h',
    'email severity="ticket" 24h',
    'tickets severity="ticket" 24h',
    'slack severity="page" 4h',
    'pagerduty severity="page" 4h',
  ]);
  expect(file.route.routes.every((route: { continue: boolean }) => route.continue)).toBe(true);
  expect(file.receivers.map(({ name }: { name: string }) => name)).toEqual([
    'nobody',
    ...alertmanager.receivers.map(({ name }) => name),
  ]);
});

test('what is secret is read from files, which the Secret has to hold and the pod mounts', () => {
  const keys = ['alert-webhook', 'alert-heartbeat', 'alert-email', 'alert-slack', 'alert-pagerduty'];
  expect(Object.keys(alertKeys(config))).toEqual(keys);
  expect(new Set([...yaml.matchAll(/_file: \/run\/secrets\/threewall\/(\S+)/g)].map(([, key]) => key))).toEqual(
    new Set(keys),
  );
  expect(wantedSecrets(config).find(({ id }) => id === 'monitoringService')?.keys).toEqual(keys);
  expect(yaml).not.toMatch(/^\s*(- )?(url|api_url|routing_key|auth_password):/m);
});

test('Prometheus sends to it, asks how it goes, and has the alert that always fires; without it none of that', () => {
  expect(prometheusYaml(config)).toMatch('alertmanager.foobar-monitoring.svc:9093');
  expect(alertsYaml(config)).toMatch('alert: Watchdog');
  const without = configOf();
  expect(prometheusYaml(without)).not.toMatch('alertmanager');
  expect(alertsYaml(without)).not.toMatch('Watchdog');
  expect(synthesize(without).some(({ metadata }) => metadata.name === 'alertmanager')).toBe(false);
});

const RECEIVERS = 'monitoring.services[0].alertmanager.receivers';
const mail = { type: 'email', smarthost: 'mail.example.org:587', from: 'a@b.cd', recipients: ['c@d.ef'] };

test.each([
  ['none', [], `${RECEIVERS}: `],
  ['of an unknown type', [{ type: 'sms' }], `${RECEIVERS}[0].type: `],
  ['two of one type without names', [{ type: 'slack' }, { type: 'slack' }], `${RECEIVERS}: must have different names`],
  ['without a severity', [{ type: 'slack', severities: [] }], `${RECEIVERS}[0].severities: `],
  ['of a severity twice', [{ type: 'slack', severities: ['page', 'page'] }], 'at most once'],
  ['of the severity info', [{ type: 'slack', severities: ['info'] }], `${RECEIVERS}[0].severities[0]: `],
  ['at a mail server without a port', [{ ...mail, smarthost: 'mail.example.org' }], `${RECEIVERS}[0].smarthost: `],
  ['at port 99999', [{ ...mail, smarthost: 'mail.example.org:99999' }], `${RECEIVERS}[0].smarthost: `],
  ['from no address', [{ ...mail, from: 'site' }], `${RECEIVERS}[0].from: `],
  ['without a recipient', [{ ...mail, recipients: [] }], `${RECEIVERS}[0].recipients: `],
  [
    'with a secret in the configuration',
    [{ type: 'webhook', url: 'https://hooks.example.org/secret' }],
    `${RECEIVERS}[0].url: `,
  ],
  [
    "in the cluster's own pods by range",
    [{ type: 'webhook', to: '10.244.0.0/24' }],
    `${RECEIVERS}[0].to: must not overlap`,
  ],
  ['in the site itself', [{ type: 'webhook', to: { namespace: 'foobar' } }], `${RECEIVERS}[0].to.namespace: `],
  [
    'at a host name without Cilium',
    [{ type: 'webhook', to: 'hooks.example.org' }],
    `${RECEIVERS}[0].to: must be an address range`,
  ],
])('a receiver %s is one clear line', (_, receivers, said) => {
  const faults = faultsOf(settings(receivers));
  expect(faults.filter((fault) => fault.includes(said))).toHaveLength(1);
  expect(faults).toHaveLength(1);
});
