import type { Construct } from 'constructs';
import type { Config } from '../../../config/schema';
import type { alertmanagerOf } from '../../../config/ways-out';
import { ThreewallChart } from '../../chart';
import { namespaceOf } from '../../names';
import { secretVolume } from '../../secret';
import { onePod } from '../one-pod';
import { alertKeys, alertmanagerYaml, places } from './config';

const TIER = 'alertmanager';

/** Sends people the alerts that Prometheus fires. One pod: a dead man's switch reports its absence. */
export class AlertmanagerChart extends ThreewallChart {
  constructor(scope: Construct, config: Config, settings: NonNullable<ReturnType<typeof alertmanagerOf>>) {
    super(scope, '60', TIER, namespaceOf(TIER, config));
    const keys = Object.keys(alertKeys(config));
    onePod(this, config, {
      tier: TIER,
      program: 'alertmanager',
      contents: { 'alertmanager.yaml': alertmanagerYaml(config, settings) },
      args: [
        `--config.file=${places.conf}/alertmanager.yaml`,
        `--storage.path=${places.data}`,
        // no other one to agree with
        '--cluster.listen-address=',
        '--log.format=json',
      ],
      settings,
      dataPath: places.data,
      // silences, and which alerts were sent
      stopSeconds: 30,
      start: { periodSeconds: 1, failureThreshold: 60 },
      secret:
        keys.length > 0
          ? { volume: secretVolume('receivers', config.secrets.monitoringService, keys), mountPath: places.secret }
          : undefined,
      headless: true,
    });
  }
}
