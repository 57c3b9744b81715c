import { tiers } from '../../topology';
import type { Alert } from './alert';
import { answers, failed } from './answers';
import {
  above,
  age,
  ago,
  below,
  type Condition,
  type Expression,
  last,
  type Metric,
  max,
  min,
  minus,
  over,
  rate,
  type Span,
  sum,
  times,
} from './expression';
import { metrics } from './metrics';

/** Share of requests that may fail: the objective is 99.9 %. */
const BUDGET = 0.001;
const WORKBOOK = 'https://sre.google/workbook/alerting-on-slos/';
const PRACTICES = 'https://samber.github.io/awesome-prometheus-alerts/';
const POD = 'k8s.pod.name';
const DAYS = 86_400;

const burn = (factor: number, long: Span, short: Span): Condition =>
  above(failed(long), factor * BUDGET, above(failed(short), factor * BUDGET));
const qps = answers('30m');
const lastWeek = ago(qps, '7d');

/** True when a certificate has fewer days left. */
export const certificate = (end: Metric, days: number): Condition => above(age(min(last(end))), -days * DAYS);

/** Alerts about the web servers and the app behind them. */
export const webAlerts: readonly Alert[] = [
  {
    name: 'WebErrorBudgetFast',
    condition: burn(14.4, '1h', '5m'),
    for: '2m',
    severity: 'page',
    summary: 'Requests fail so fast that the error budget of 30 days will be used up in two days.',
    source: WORKBOOK,
    needs: 'access-log',
  },
  {
    name: 'WebErrorBudgetSlow',
    condition: burn(6, '6h', '30m'),
    for: '15m',
    severity: 'page',
    summary: 'Requests fail so fast that the error budget of 30 days will be used up in five days.',
    source: WORKBOOK,
    needs: 'access-log',
  },
  {
    name: 'WebErrorBudgetLow',
    condition: burn(1, '3d', '6h'),
    for: '1h',
    severity: 'ticket',
    summary: 'Requests fail so fast that the error budget of 30 days will not last.',
    source: WORKBOOK,
    needs: 'access-log',
  },
  {
    name: 'WebHigh5xx',
    condition: above(failed('5m'), 0.05),
    for: '5m',
    severity: 'page',
    summary: 'More than 5 % of the requests fail.',
    source: `5 % in 5 minutes: Sumo Logic's stock monitor, ${PRACTICES}`,
    needs: 'access-log',
  },
  {
    name: 'WebQpsDrop',
    // by at least 0.3 requests a second, so that a quiet site does not look like a drop
    condition: above(minus(times(lastWeek, 0.3), qps), 0.3),
    for: '10m',
    severity: 'page',
    summary: 'Fewer than 30 % of the requests of the same time last week.',
    source: 'own: under 30 % of the same hour last week',
    needs: 'access-log',
  },
  {
    name: 'WebQpsSurge',
    condition: above(minus(qps, times(lastWeek, 3)), 3),
    for: '10m',
    severity: 'ticket',
    summary: 'More than three times the requests of the same time last week.',
    source: 'own: over 300 % of the same hour last week',
    needs: 'access-log',
  },
  {
    name: 'NginxDroppedConnections',
    condition: above(minus(sum(rate(metrics.nginxAccepted, '5m'), POD), sum(rate(metrics.nginxHandled, '5m'), POD)), 0),
    for: '1m',
    severity: 'page',
    summary: 'A web server drops connections: it has no free worker connection or file.',
    source: "Sumo Logic's stock monitor: dropped connections > 0",
  },
  {
    name: 'NginxLatencyHigh',
    // more than 1 % above 3 s is a p99 above 3 s; 3 is a bucket of the histogram, so nothing is interpolated
    condition: below99(),
    for: '5m',
    severity: 'ticket',
    summary: 'One request in a hundred takes more than 3 seconds.',
    source: `p99 > 3 s: ${PRACTICES}`,
    needs: 'access-log',
  },
  {
    name: 'CertificateEndsSoon',
    condition: certificate(metrics.webCertificateEnd, 21),
    for: '10m',
    severity: 'ticket',
    summary: "The site's certificate ends in less than 21 days.",
    source: 'own: 21 days, one week of them for a renewal by hand',
  },
  {
    name: 'CertificateEnds',
    condition: certificate(metrics.webCertificateEnd, 7),
    for: '1m',
    severity: 'page',
    summary: "The site's certificate ends in less than 7 days.",
    source: 'own: 7 days',
  },
  {
    name: 'AppNotReady',
    condition: above(
      minus(1, max(last(metrics.httpCheck, { 'service.name': 'app', 'http.status_class': '2xx' }), POD)),
      0,
    ),
    for: '1m',
    severity: 'ticket',
    summary: 'An app server reports that it is not ready, or does not answer.',
    source: 'own',
  },
  {
    name: 'AppEventLoopBlocked',
    condition: above(max(last(metrics.appLoopLag), POD), 0.5),
    for: '5m',
    severity: 'ticket',
    summary: 'The event loop of an app server is held up for half a second.',
    source: `own; ${PRACTICES}`,
  },
  {
    name: 'AppPoolExhausted',
    condition: above(
      over(
        max(last(metrics.appPool, { state: 'in_use' }), POD, 'pool'),
        max(last(metrics.appPool, { state: 'limit' }), POD, 'pool'),
      ),
      0.9,
    ),
    for: '2m',
    severity: 'ticket',
    summary: 'An app server uses more than 90 % of its connections to a database.',
    source: 'own',
  },
  {
    name: 'WorkerRestarts',
    condition: below(max(last(metrics.containerUptime, { 'k8s.container.name': tiers.worker.component }), POD), 120),
    for: '10m',
    severity: 'ticket',
    summary: 'A worker ends within two minutes of its start, again and again.',
    source: 'own: 10 minutes, twice the longest wait of the kubelet before it starts a container again',
    needs: 'worker',
  },
];

function below99(): Condition {
  const within = (le: string): Expression => sum(rate(metrics.accessDuration, '5m', { le }), POD);
  return above(minus(1, over(within('3'), within('+Inf'))), 0.01);
}
