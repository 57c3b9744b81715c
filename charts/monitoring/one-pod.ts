import type { Config, Placement, PodSettings, Resources, Storage } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { files, type ThreewallChart } from '../chart';
import { selectorOf } from '../names';
import { CONF_PATH } from '../paths';
import { containerPorts, hardenedPod, httpProbe, metadataOf } from '../pod';
import { claimTemplate, StatefulSet } from '../stateful-set';
import { port } from '../topology';

/** A server of the Prometheus project that runs as one pod with a volume. */
export interface OnePod {
  readonly tier: 'monitoring-service' | 'alertmanager';
  readonly program: 'prometheus' | 'alertmanager';
  /** Files in `CONF_PATH`, by name. */
  readonly contents: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly settings: {
    readonly storage: Storage;
    readonly resources: Resources;
    readonly placement: Partial<Placement>;
    readonly pods: PodSettings;
  };
  /** Mount of its volume. */
  readonly dataPath: string;
  /** Time between TERM and KILL, in seconds: it writes its memory to the volume. */
  readonly stopSeconds: number;
  /** Longest time until it is ready, in probes of so many seconds. */
  readonly start: { readonly periodSeconds: number; readonly failureThreshold: number };
  /** A volume of secret values. @default - none */
  readonly secret?: { readonly volume: k8s.Volume; readonly mountPath: string };
  /** No cluster address: the Service's name is the pod's. @default false */
  readonly headless?: boolean;
}

/** StatefulSet, ConfigMap and Service of such a server. */
export function onePod(chart: ThreewallChart, config: Config, server: OnePod): void {
  const { tier, secret } = server;
  const selector = selectorOf(tier, config);
  new StatefulSet(chart, 'statefulset', {
    metadata: metadataOf(tier, config, tier),
    spec: {
      serviceName: tier,
      replicas: 1,
      // OrderedReady would never replace a pod that does not become ready, not even by a working version:
      // https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: selector },
      template: hardenedPod({
        tier,
        config,
        placement: server.settings.placement,
        pods: server.settings.pods,
        spread: false,
        terminationGracePeriodSeconds: server.stopSeconds,
        containers: [
          {
            name: server.program,
            image: config.images[server.program],
            args: [...server.args],
            resources: server.settings.resources,
            ports: containerPorts(tier, config),
            volumeMounts: [
              { name: 'conf', mountPath: CONF_PATH, readOnly: true },
              ...(secret ? [{ name: secret.volume.name, mountPath: secret.mountPath, readOnly: true }] : []),
              { name: 'data', mountPath: server.dataPath },
            ],
            startupProbe: httpProbe('/-/ready', 'http', server.start),
            livenessProbe: httpProbe('/-/healthy', 'http', { periodSeconds: 10, timeoutSeconds: 5 }),
            readinessProbe: httpProbe('/-/ready', 'http', { periodSeconds: 5, timeoutSeconds: 5 }),
          },
        ],
        volumes: [
          { name: 'conf', configMap: { name: files(chart, tier, config, server.program, server.contents).name } },
          ...(secret ? [secret.volume] : []),
        ],
      }),
      volumeClaimTemplates: [claimTemplate('data', server.settings.storage)],
    },
  });

  new k8s.KubeService(chart, 'service', {
    metadata: metadataOf(tier, config, tier),
    spec: {
      clusterIp: server.headless ? 'None' : undefined,
      selector,
      ports: [{ name: 'http', port: port(tier, 'http'), targetPort: k8s.IntOrString.fromString('http') }],
    },
  });
}
