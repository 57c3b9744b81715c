import type { Config } from '../../../config/schema';
import { type Alert, has } from './alert';
import { databaseAlerts } from './database';
import { loadBalancerAlerts } from './load-balancer';
import { nodeAlerts } from './nodes';
import { promqlCondition } from './promql';
import { webAlerts } from './web';

/** THE list of all alerts. Rules, monitors, tests and runbooks derive from it. */
export const alerts: readonly Alert[] = [...webAlerts, ...loadBalancerAlerts, ...databaseAlerts, ...nodeAlerts];

/** The alerts that can fire in an environment. */
export const alertsOf = (config: Config): readonly Alert[] => alerts.filter(({ needs }) => has(needs, config));

/** Link to the runbook of an alert. */
export const runbookOf = ({ name }: Pick<Alert, 'name'>): string => `docs/runbooks.md#${name.toLowerCase()}`;

/** Alerts as a rule group of Prometheus. */
export const alertRules = (list: readonly Alert[]) => ({
  name: 'alerts',
  rules: list.map((alert) => ({
    alert: alert.name,
    expr: promqlCondition(alert.condition),
    for: alert.for,
    labels: { severity: alert.severity },
    annotations: { summary: alert.summary, runbook: runbookOf(alert) },
  })),
});
