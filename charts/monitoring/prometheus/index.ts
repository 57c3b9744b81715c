import type { Construct } from 'constructs';
import { bytes } from '../../../config/fields';
import type { Config } from '../../../config/schema';
import * as k8s from '../../../imports/k8s';
import { files, ThreewallChart } from '../../chart';
import { namespaceOf, selectorOf } from '../../names';
import { containerPorts, hardenedPod, httpProbe, metadataOf } from '../../pod';
import { claimTemplate, StatefulSet } from '../../stateful-set';
import { port } from '../../topology';
import { alertsYaml, prometheusYaml, rulesYaml } from './config';

const TIER = 'monitoring-service';
const CONF_PATH = '/etc/threewall';
const DATA_PATH = '/prometheus';

/** A monitoring service inside the cluster: one Prometheus to which the collectors push. */
export class PrometheusChart extends ThreewallChart {
  constructor(scope: Construct, config: Config) {
    super(scope, '60', TIER, namespaceOf(TIER, config));
    const service = config.monitoring.services.find(({ type }) => type === 'prometheus');
    if (service?.type !== 'prometheus') throw new Error('monitoring.services names no prometheus');
    const { storage, resources, placement, pods } = service;
    const selector = selectorOf(TIER, config);
    const conf = files(this, TIER, config, 'prometheus', {
      'prometheus.yaml': prometheusYaml(config),
      'rules.yaml': rulesYaml(config),
      'alerts.yaml': alertsYaml(config),
    });

    new StatefulSet(this, 'statefulset', {
      metadata: metadataOf(TIER, config, TIER),
      spec: {
        serviceName: TIER,
        replicas: 1,
        // OrderedReady would never replace a pod that does not become ready, not even by a working version:
        // https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: selector },
        template: hardenedPod({
          tier: TIER,
          config,
          placement,
          pods,
          spread: false,
          // for writing its memory to disk
          terminationGracePeriodSeconds: 120,
          containers: [
            {
              name: 'prometheus',
              image: config.images.prometheus,
              args: flags(config, service.retention, bytes(storage.size)),
              resources,
              ports: containerPorts(TIER, config),
              volumeMounts: [
                { name: 'conf', mountPath: CONF_PATH, readOnly: true },
                { name: 'data', mountPath: DATA_PATH },
              ],
              // replays its write-ahead log first: minutes after an unclean end
              startupProbe: httpProbe('/-/ready', 'http', { periodSeconds: 2, failureThreshold: 450 }),
              livenessProbe: httpProbe('/-/healthy', 'http', { periodSeconds: 10, timeoutSeconds: 5 }),
              readinessProbe: httpProbe('/-/ready', 'http', { periodSeconds: 5, timeoutSeconds: 5 }),
            },
          ],
          volumes: [{ name: 'conf', configMap: { name: conf.name } }],
        }),
        volumeClaimTemplates: [claimTemplate('data', storage)],
      },
    });

    new k8s.KubeService(this, 'service', {
      metadata: metadataOf(TIER, config, TIER),
      spec: {
        selector,
        ports: [{ name: 'http', port: port(TIER, 'http'), targetPort: k8s.IntOrString.fromString('http') }],
      },
    });
  }
}

/** Neither the lifecycle nor the admin API is on: clients of the port can read and push, not stop or delete. */
function flags({ monitoring }: Config, retention: string, volume: number): string[] {
  return [
    `--config.file=${CONF_PATH}/prometheus.yaml`,
    `--storage.tsdb.path=${DATA_PATH}`,
    `--storage.tsdb.retention.time=${retention}`,
    // the oldest blocks are deleted before the volume is full; the rest is for the write-ahead log
    `--storage.tsdb.retention.size=${Math.floor((volume * 0.75) / 2 ** 20)}MB`,
    // pushed series have no staleness marker: a lost pod must not count for the usual five minutes
    `--query.lookback-delta=${Math.max(60, 3 * monitoring.intervalSeconds)}s`,
    '--web.enable-remote-write-receiver',
    '--log.format=json',
  ];
}
