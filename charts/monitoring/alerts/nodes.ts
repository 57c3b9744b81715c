import type { Alert } from './alert';
import { above, avg, below, forecast, last, max, min, over, rate, silent, sum } from './expression';
import { metrics } from './metrics';

const POD = 'k8s.pod.name';
const NODE = 'k8s.node.name';
const VOLUME = { 'k8s.volume.name': 'data' };
const OWN = 'own';

/** Alerts about nodes, volumes and the collectors. */
export const nodeAlerts: readonly Alert[] = [
  {
    name: 'NodeCpuHigh',
    condition: below(avg(last(metrics.nodeCpu, { state: 'idle' }), NODE), 0.15),
    for: '10m',
    severity: 'ticket',
    summary: 'The processors of a node are more than 85 % busy.',
    source: `${OWN}: 85 %`,
  },
  {
    name: 'NodeMemoryHigh',
    condition: above(max(last(metrics.nodeMemory, { state: 'used' }), NODE), 0.9),
    for: '5m',
    severity: 'ticket',
    summary: 'More than 90 % of the memory of a node is used.',
    source: `${OWN}: 90 %`,
  },
  {
    name: 'NodeDiskHigh',
    condition: below(over(min(last(metrics.nodeDisk), NODE), max(last(metrics.nodeDiskSize), NODE)), 0.15),
    for: '5m',
    severity: 'ticket',
    summary: 'The disk of a node is more than 85 % full.',
    source: `${OWN}: 85 %, where a kubelet begins to delete images and then pods`,
  },
  {
    name: 'VolumeHigh',
    condition: below(over(min(last(metrics.volume, VOLUME), POD), max(last(metrics.volumeSize, VOLUME), POD)), 0.15),
    for: '1m',
    severity: 'page',
    summary: 'The volume of a database or of Prometheus is more than 85 % full.',
    source: `${OWN}: 85 %`,
  },
  {
    name: 'VolumeFullIn24h',
    condition: below(min(forecast(metrics.volume, '6h', '24h', VOLUME), POD), 0),
    for: '30m',
    severity: 'ticket',
    summary: 'The volume of a database or of Prometheus will be full in 24 hours.',
    source: `${OWN}: as the last six hours went`,
  },
  {
    name: 'AgentSilent',
    condition: silent(NODE, metrics.nodeLoad),
    for: '5m',
    severity: 'page',
    summary: 'A node that sent metrics within the last hour sends none now.',
    source: `${OWN}: 5 minutes`,
  },
  {
    name: 'TierSilent',
    condition: silent(
      'service.name',
      metrics.haproxyActive,
      metrics.nginxRequests,
      metrics.appPool,
      metrics.databaseUptime,
    ),
    for: '2m',
    severity: 'page',
    summary: 'No server of a tier sends metrics any more.',
    source: `${OWN}: 2 minutes, longer than it takes to replace its pods`,
  },
  {
    name: 'PolicySelfTestFailed',
    condition: above(sum(last(metrics.httpCheck, { 'service.name': 'load-balancer' }), NODE), 0),
    for: '0s',
    severity: 'page',
    summary: 'A connection got through that the firewalls forbid: a collector reached the port for visitors.',
    source: `${OWN}: at once`,
  },
  {
    name: 'LogsUnreadable',
    condition: below(sum(last(metrics.logFiles)), 1, metrics.logFiles),
    for: '15m',
    severity: 'ticket',
    summary: 'No collector can open a log file: no logs, no status classes and no latencies of web servers.',
    source: `${OWN}: 15 minutes, longer than all collectors take to start`,
    needs: 'access-log',
  },
  {
    name: 'AgentQueueFull',
    condition: above(
      over(max(last(metrics.agentQueue), POD, 'exporter'), max(last(metrics.agentQueueSize), POD, 'exporter')),
      0.8,
    ),
    for: '1m',
    severity: 'page',
    summary: 'The queue of a collector is more than 80 % full: soon metrics will be lost.',
    source: `${OWN}: 80 %`,
  },
  {
    name: 'AgentSendFailing',
    condition: above(sum(rate(metrics.agentFailed, '5m'), POD, 'exporter'), 0),
    for: '5m',
    severity: 'ticket',
    summary: 'A monitoring service refuses what a collector sends.',
    source: OWN,
  },
];
