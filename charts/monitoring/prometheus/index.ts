import type { Construct } from 'constructs';
import { bytes } from '../../../config/fields';
import type { Config } from '../../../config/schema';
import { ThreewallChart } from '../../chart';
import { namespaceOf } from '../../names';
import { CONF_PATH } from '../../paths';
import { onePod } from '../one-pod';
import { alertsYaml, prometheusYaml, rulesYaml } from './config';

const TIER = 'monitoring-service';
const DATA_PATH = '/prometheus';

/** A monitoring service inside the cluster: one Prometheus to which the collectors push. */
export class PrometheusChart extends ThreewallChart {
  constructor(scope: Construct, config: Config) {
    super(scope, '60', TIER, namespaceOf(TIER, config));
    const service = config.monitoring.services.find(({ type }) => type === 'prometheus');
    if (service?.type !== 'prometheus') throw new Error('monitoring.services names no prometheus');
    onePod(this, config, {
      tier: TIER,
      program: 'prometheus',
      contents: {
        'prometheus.yaml': prometheusYaml(config),
        'rules.yaml': rulesYaml(config),
        'alerts.yaml': alertsYaml(config),
      },
      args: flags(config, service.retention, bytes(service.storage.size)),
      settings: service,
      dataPath: DATA_PATH,
      stopSeconds: 120,
      // replays its write-ahead log first: minutes after an unclean end
      start: { periodSeconds: 2, failureThreshold: 450 },
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
