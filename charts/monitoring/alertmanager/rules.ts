import type { Config } from '../../../config/schema';
import { alertmanagerOf } from '../../../config/ways-out';
import { runbookOf } from '../alerts';

/** Alerts about the alerts themselves; without an Alertmanager they would reach no receiver. */
const OWN = [
  {
    name: 'Watchdog',
    expr: 'vector(1)',
    for: '0s',
    severity: 'watchdog',
    summary: 'Alerts reach their receiver. This one always fires: find out why when it stops coming.',
  },
  {
    name: 'NotificationsFail',
    expr: 'sum by (integration) (increase(alertmanager_notifications_failed_total[10m])) > 0',
    for: '5m',
    severity: 'page',
    summary: 'A receiver does not take alerts: only the others get them.',
  },
] as const;

/** Names of these alerts, for the runbooks. */
export const ownAlerts: readonly string[] = OWN.map(({ name }) => name);

/** Rule groups of Prometheus, none without receivers. */
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
