import type { Construct } from 'constructs';
import type { Config } from '../config/schema';
import * as k8s from '../imports/k8s';
import { metadataOf } from './pod';

/** Tiers whose number of pods may follow the load. */
type Scaled = 'web' | 'app';

/** Most pods that a tier may have, without the surge of a rollout; budgets and slots are sized for it. */
export const mostReplicas = (tier: Scaled, config: Config): number =>
  config[tier].autoscaling?.maxReplicas ?? config[tier].replicas;

/** `replicas` of the Deployment; undefined with an autoscaler, whose decisions each apply would otherwise undo. */
export const fixedReplicas = (tier: Scaled, config: Config): number | undefined =>
  config[tier].autoscaling ? undefined : config[tier].replicas;

/**
 * HorizontalPodAutoscaler of a tier, where the environment asks for one. It needs the resource metrics API
 * (metrics-server). Kubernetes' default pace: up at once, down after five minutes.
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#default-behavior
 */
export function autoscaler(scope: Construct, tier: Scaled, config: Config): void {
  const { autoscaling } = config[tier];
  if (!autoscaling) return;
  new k8s.KubeHorizontalPodAutoscalerV2(scope, 'autoscaler', {
    metadata: metadataOf(tier, config, tier),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: tier },
      minReplicas: autoscaling.minReplicas,
      maxReplicas: autoscaling.maxReplicas,
      // the larger number of the two metrics wins; while one metric is unavailable, the other can scale up but not
      // down:
      // https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#algorithm-details
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: autoscaling.cpuPercent } },
        },
        ...(autoscaling.requestsPerSecond === undefined ? [] : [requests(autoscaling.requestsPerSecond)]),
      ],
    },
  });
}

const requests = (perSecond: number): k8s.MetricSpecV2 => ({
  type: 'Pods',
  pods: {
    metric: { name: 'requests_per_second' },
    target: { type: 'AverageValue', averageValue: k8s.Quantity.fromString(String(perSecond)) },
  },
});
