import { tiers } from '../../topology';
import type { Panel } from './panels';

const job = (tier: keyof typeof tiers): string => `job="${tiers[tier].component}"`;

/** Series of each tier's servers. */
export const of = {
  web: job('web'),
  app: job('app'),
  monitoring: job('monitoring'),
} as const;

/** Where visitors come in, as HAProxy's configuration names it. */
export const FRONTEND = 'haproxy_proxy_name="https", haproxy_service_name="FRONTEND"';
/** All web servers together, as HAProxy's configuration names them. */
export const BACKEND = 'haproxy_proxy_name="web", haproxy_service_name="BACKEND"';
/** Single web servers as HAProxy sees them. */
export const SERVERS = 'haproxy_proxy_name="web", haproxy_service_name!="BACKEND"';

/** What visitors ask, without the probes. */
export const VISITORS = `${of.app}, route!~"/healthz|/readyz"`;

/** Processor and memory of a tier's pods, which the kubelet tells. */
export const usage = (tier: keyof typeof tiers, containerPods: string): readonly Panel[] => {
  const pods = `k8s_pod_name=~"${containerPods}"`;
  return [
    {
      title: 'Processor of each pod, in cores',
      unit: 'short',
      queries: [{ expr: `sum by (k8s_pod_name) (k8s_pod_cpu_usage{${pods}})`, legend: '{{k8s_pod_name}}' }],
    },
    {
      title: 'Memory of each pod',
      description: `Working set: what counts against the limit of a pod of ${tier}.`,
      unit: 'bytes',
      queries: [
        { expr: `sum by (k8s_pod_name) (k8s_pod_memory_working_set_bytes{${pods}})`, legend: '{{k8s_pod_name}}' },
      ],
    },
  ];
};
