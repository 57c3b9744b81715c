import type { Construct } from 'constructs';
import { bytes } from '../../../config/fields';
import type { Config } from '../../../config/schema';
import * as k8s from '../../../imports/k8s';
import { files, ThreewallChart } from '../../chart';
import { namespaceOf, selectorOf } from '../../names';
import { containerPorts, hardenedPod, httpProbe, metadataOf } from '../../pod';
import { secretVolume } from '../../secret';
import { port } from '../../topology';
import { access } from './access';
import { collectorYaml } from './config';
import { serviceKeys } from './exporters';
import { places, stateBytes } from './places';

const TIER = 'monitoring';

/** The monitoring clients: one OpenTelemetry Collector per node, for the node and the tiers' pods on it. */
export class MonitoringChart extends ThreewallChart {
  constructor(scope: Construct, config: Config) {
    super(scope, '60', TIER, namespaceOf(TIER, config));
    const { resources, tolerations, logFiles } = config.monitoring;
    const serviceAccountName = access(this, config);
    const conf = files(this, TIER, config, 'collector', { 'collector.yaml': collectorYaml(config) });
    const logs = config.monitoring.collectLogs;

    if (config.backup) {
      new k8s.KubeService(this, 'service', {
        metadata: metadataOf(TIER, config, 'collector'),
        spec: {
          selector: selectorOf(TIER, config),
          ports: [{ name: 'otlp', port: port(TIER, 'otlp'), targetPort: k8s.IntOrString.fromString('otlp') }],
        },
      });
    }
    new k8s.KubeDaemonSet(this, 'daemonset', {
      metadata: metadataOf(TIER, config, 'collector'),
      spec: {
        selector: { matchLabels: selectorOf(TIER, config) },
        updateStrategy: { rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(1) } },
        template: hardenedPod({
          tier: TIER,
          config,
          serviceAccountName,
          spread: false,
          placement: { tolerations },
          pods: config.monitoring.pods,
          // the node's log files are readable only by root's group: join the group, stay non-root, mount read-only
          supplementalGroups: logs ? [0] : undefined,
          asRoot: logs && logFiles.readBy === 'root',
          seLinuxType: logs ? logFiles.seLinuxType : undefined,
          // for the last batch and writing the queue to disk
          terminationGracePeriodSeconds: 30,
          containers: [
            {
              name: 'collector',
              image: config.images.collector,
              args: [`--config=${places.conf}/collector.yaml`],
              resources,
              env: environment(config),
              ports: containerPorts(TIER, config),
              volumeMounts: [
                { name: 'conf', mountPath: places.conf, readOnly: true },
                { name: 'database', mountPath: places.databaseSecret, readOnly: true },
                { name: 'state', mountPath: places.state },
                ...(serviceKeys(config.monitoring).length > 0
                  ? [{ name: 'service', mountPath: places.serviceSecret, readOnly: true }]
                  : []),
                ...(logs ? [{ name: 'pod-logs', mountPath: places.podLogs, readOnly: true }] : []),
              ],
              startupProbe: httpProbe('/', 'health', { periodSeconds: 1, failureThreshold: 60 }),
              // live: it answers; ready: its pipelines have started
              livenessProbe: {
                tcpSocket: { port: k8s.IntOrString.fromString('health') },
                periodSeconds: 10,
                timeoutSeconds: 5,
              },
              readinessProbe: httpProbe('/', 'health', { periodSeconds: 5, timeoutSeconds: 5 }),
            },
          ],
          volumes: volumes(conf.name, config, logs),
        }),
      },
    });
  }
}

function environment({ monitoring }: Config): k8s.EnvVar[] {
  const own = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  const memory = Math.floor((bytes(monitoring.resources.limits.memory) * 0.8) / 2 ** 20);
  return [
    own('K8S_NODE_NAME', 'spec.nodeName'),
    own('K8S_NODE_IP', 'status.hostIP'),
    own('K8S_POD_NAME', 'metadata.name'),
    { name: 'GOMEMLIMIT', value: `${memory}MiB` },
    // garbage may grow to 50 % of the live heap instead of 100 %: https://go.dev/doc/gc-guide#GOGC
    { name: 'GOGC', value: '50' },
  ];
}

function volumes(conf: string, config: Config, logs: boolean): k8s.Volume[] {
  const { secrets, monitoring } = config;
  const keys = serviceKeys(monitoring);
  return [
    { name: 'conf', configMap: { name: conf } },
    secretVolume('database', secrets.databaseMonitoring, ['password', 'ca.crt']),
    ...(keys.length > 0 ? [secretVolume('service', secrets.monitoringService, keys)] : []),
    {
      name: 'state',
      emptyDir: { sizeLimit: k8s.Quantity.fromString(`${Math.floor(stateBytes(config) / 2 ** 20)}Mi`) },
    },
    ...(logs ? [{ name: 'pod-logs', hostPath: { path: places.podLogs, type: 'Directory' } }] : []),
  ];
}
