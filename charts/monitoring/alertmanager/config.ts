import { dump } from 'js-yaml';
import type { Config } from '../../../config/schema';
import { alertmanagerOf } from '../../../config/ways-out';
import { CONF_PATH } from '../../paths';

type Alertmanager = NonNullable<ReturnType<typeof alertmanagerOf>>;
type Receiver = Alertmanager['receivers'][number];

/** Where its files are. */
export const places = { conf: CONF_PATH, data: '/alertmanager', secret: '/run/secrets/threewall' } as const;

/** How soon an alert is repeated while it fires. */
const REPEATED = {
  page: { repeat_interval: '4h' },
  ticket: { repeat_interval: '24h' },
  // a dead man's switch gets this alert repeatedly, and raises an alarm when it stops coming
  watchdog: { group_wait: '0s', group_interval: '1m', repeat_interval: '5m' },
} as const;

/** Receiver of alerts that are not sent: they explain others. */
const NOBODY = 'nobody';

const keyOf = ({ name }: Pick<Receiver, 'name'>): string => `alert-${name}`;

/** Receivers whose secret value is read from a file. */
const withSecret = (receivers: readonly Receiver[]): readonly Receiver[] =>
  receivers.filter((receiver) => receiver.type !== 'email' || receiver.username !== undefined);

/** Keys of the Secret `secrets.monitoringService` that the receivers need, and what each holds. */
export function alertKeys(config: Pick<Config, 'monitoring'>): Readonly<Record<string, string>> {
  const holds = {
    webhook: 'the address that takes alerts',
    email: 'password of the mail account',
    slack: 'address of an incoming webhook of Slack',
    pagerduty: 'key of a PagerDuty integration (Events API v2)',
  };
  const all = withSecret(alertmanagerOf(config)?.receivers ?? []);
  return Object.fromEntries(all.map((receiver) => [keyOf(receiver), holds[receiver.type]]));
}

/**
 * Configuration of Alertmanager. Secret values are read from files when an alert is sent, so a changed Secret needs no restart.
 * @see https://prometheus.io/docs/alerting/latest/configuration/
 */
export function alertmanagerYaml(config: Config, { receivers }: Alertmanager): string {
  const routes = receivers.flatMap(({ name, severities }) =>
    severities.map((severity) => ({
      matchers: [`severity="${severity}"`],
      receiver: name,
      ...REPEATED[severity],
      continue: true,
    })),
  );
  const file = {
    global: { resolve_timeout: '5m', smtp_hello: config.domain },
    route: { receiver: NOBODY, group_by: ['alertname'], group_wait: '30s', group_interval: '5m', routes },
    receivers: [
      { name: NOBODY },
      ...receivers.map((receiver) => ({ name: receiver.name, ...settingsOf(receiver, config) })),
    ],
  };
  return dump(file, { lineWidth: -1, noRefs: true });
}

const TEXT = '{{ range .Alerts }}{{ .Annotations.summary }} ({{ .Annotations.runbook }})\n{{ end }}';

function settingsOf(receiver: Receiver, { name }: Config): object {
  const file = `${places.secret}/${keyOf(receiver)}`;
  const title = `[${name}] {{ .Status | toUpper }} {{ .CommonLabels.alertname }}`;
  switch (receiver.type) {
    case 'webhook':
      return { webhook_configs: [{ url_file: file, send_resolved: true }] };
    case 'email':
      return {
        email_configs: receiver.recipients.map((to) => ({
          to,
          from: receiver.from,
          smarthost: receiver.smarthost,
          ...(receiver.username ? { auth_username: receiver.username, auth_password_file: file } : {}),
          require_tls: true,
          headers: { Subject: title },
          send_resolved: true,
        })),
      };
    case 'slack':
      return {
        slack_configs: [
          {
            api_url_file: file,
            ...(receiver.channel ? { channel: receiver.channel } : {}),
            title,
            text: TEXT,
            send_resolved: true,
          },
        ],
      };
    case 'pagerduty':
      return {
        pagerduty_configs: [
          {
            routing_key_file: file,
            description: `${title}: {{ .CommonAnnotations.summary }}`,
            send_resolved: true,
          },
        ],
      };
  }
}
