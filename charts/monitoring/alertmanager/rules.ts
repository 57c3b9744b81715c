import type { Config } from '../../../config/schema';
import { alertmanagerOf } from '../../../config/ways-out';
import { runbookOf } from '../alerts';

/** Alerts about the alerts themselves: there is nobody to tell without an Alertmanager. */
const OWN = [
  {
    name: 'Watchdog',
    expr: 'vector(1)',
    for: '0s',
    severity: 'watchdog',
    summary: 'Alerts reach their receiver. This one always fires: whoever misses it should look why.',
  },
  {
    name: 'NotificationsFail',
    expr: 'sum by (integration) (increase(alertmanager_notifications_failed_total[10m])) > 0',
    for: '5m',
    severity: 'page',
    summary: 'A receiver does not take alerts: what it should be told is told to the others only.',
  },
] as const;

/** Names of these alerts, for the runbooks. */
export const ownAlerts: readonly string[] = OWN.map(({ name }) => name);

/** Groups of Prometheus' rules, none where nobody is to be told. */
export const ownRules = (config: Config): readonly object[] =>
  alertmanagerOf(config)
    ? [
        {
          name: 'alerting',
          rules: OWN.map(({ name, expr, for: span, severity, summary }) => ({
            alert: name,
            expr,
            for: span,
            labels: { severity },
            annotations: { summary, runbook: runbookOf({ name }) },
          })),
        },
      ]
    : [];
