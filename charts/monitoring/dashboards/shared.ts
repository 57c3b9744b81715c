import { tiers } from '../../topology';
import type { Panel } from './panels';

const job = (tier: keyof typeof tiers): string => `job="${tiers[tier].component}"`;

/** Series of each tier's servers. */
export const of = {
  web: job('web'),
  app: job('app'),
  monitoring: job('monitoring'),
} as const;

/** HAProxy's frontend for visitors. */
export const FRONTEND = 'haproxy_proxy_name="https", haproxy_service_name="FRONTEND"';
/** HAProxy's backend with all web servers. */
export const BACKEND = 'haproxy_proxy_name="web", haproxy_service_name="BACKEND"';
/** Single web servers of this backend. */
export const SERVERS = 'haproxy_proxy_name="web", haproxy_service_name!="BACKEND"';

/** Requests of visitors, without probes. */
export const VISITORS = `${of.app}, route!~"/healthz|/readyz"`;

/** CPU and memory of a tier's pods, from the kubelet. */
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
