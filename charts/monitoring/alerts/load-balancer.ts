import type { Alert } from './alert';
import { above, below, last, max, over, plus, rate, sum, times } from './expression';
import { metrics } from './metrics';

const POD = 'k8s.pod.name';
const PRACTICES = 'https://samber.github.io/awesome-prometheus-alerts/';
const BACKEND = { 'haproxy.proxy_name': 'web', 'haproxy.service_name': 'BACKEND' };
const FRONTEND = { 'haproxy.proxy_name': 'https', 'haproxy.service_name': 'FRONTEND' };

/** Alerts about the load balancers. */
export const loadBalancerAlerts: readonly Alert[] = [
  {
    name: 'LbNoAliveBackends',
    condition: below(
      plus(max(last(metrics.haproxyActive, BACKEND), POD), max(last(metrics.haproxyBackup, BACKEND), POD)),
      1,
    ),
    for: '0s',
    severity: 'page',
    summary: 'A load balancer sees no live web server: visitors get no answer.',
    source: `at once: Sumo Logic's stock monitor, ${PRACTICES}`,
  },
  {
    name: 'LbServerDown',
    condition: above(times(sum(rate(metrics.haproxyFailedChecks, '1m'), POD), 60), 2),
    for: '0s',
    severity: 'ticket',
    summary: 'Health checks of web servers fail.',
    source: `more than 2 in a minute: ${PRACTICES}`,
  },
  {
    name: 'LbSessionsHigh',
    condition: above(
      over(max(last(metrics.haproxySessions, FRONTEND), POD), max(last(metrics.haproxySessionsLimit, FRONTEND), POD)),
      0.8,
    ),
    for: '2m',
    severity: 'page',
    summary: 'A load balancer has more than 80 % of the sessions that it can have.',
    source: `80 %: Sumo Logic's stock monitor, ${PRACTICES}`,
  },
  {
    name: 'LbQueue',
    condition: above(max(last(metrics.haproxyQueued, BACKEND), POD), 0),
    for: '2m',
    severity: 'ticket',
    summary: 'Connections wait in a load balancer for a web server.',
    source: `2 minutes: ${PRACTICES}`,
  },
  {
    name: 'LbRetryHigh',
    condition: above(sum(rate(metrics.haproxyRetries, '1m', BACKEND), POD), 10),
    for: '2m',
    severity: 'ticket',
    summary: 'A load balancer retries more than 10 connections a second.',
    source: `10 a second: ${PRACTICES}`,
  },
];
