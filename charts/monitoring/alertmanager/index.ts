import type { Construct } from 'constructs';
import type { Config } from '../../../config/schema';
import type { alertmanagerOf } from '../../../config/ways-out';
import * as k8s from '../../../imports/k8s';
import { files, ThreewallChart } from '../../chart';
import { namespaceOf, selectorOf } from '../../names';
import { containerPorts, hardenedPod, httpProbe, metadataOf } from '../../pod';
import { secretVolume } from '../../secret';
import { claimTemplate, StatefulSet } from '../../stateful-set';
import { port } from '../../topology';
import { alertKeys, alertmanagerYaml, places } from './config';

const TIER = 'alertmanager';

/** Sends people the alerts that Prometheus fires. One pod: a dead man's switch reports its absence. */
export class AlertmanagerChart extends ThreewallChart {
  constructor(scope: Construct, config: Config, settings: NonNullable<ReturnType<typeof alertmanagerOf>>) {
    super(scope, '60', TIER, namespaceOf(TIER, config));
    const { storage, resources, placement, pods } = settings;
    const selector = selectorOf(TIER, config);
    const conf = files(this, TIER, config, TIER, { 'alertmanager.yaml': alertmanagerYaml(config, settings) });
    const keys = Object.keys(alertKeys(config));

    new StatefulSet(this, 'statefulset', {
      metadata: metadataOf(TIER, config, TIER),
      spec: {
        serviceName: TIER,
        replicas: 1,
        // as for Prometheus: a version that does not start must not keep its successor out
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: selector },
        template: hardenedPod({
          tier: TIER,
          config,
          placement,
          pods,
          spread: false,
          // writes silences and what was sent to the disk
          terminationGracePeriodSeconds: 30,
          containers: [
            {
              name: TIER,
              image: config.images.alertmanager,
              args: [
                `--config.file=${places.conf}/alertmanager.yaml`,
                `--storage.path=${places.data}`,
                // no other one to agree with
                '--cluster.listen-address=',
                '--log.format=json',
              ],
              resources,
              ports: containerPorts(TIER, config),
              volumeMounts: [
                { name: 'conf', mountPath: places.conf, readOnly: true },
                ...(keys.length > 0 ? [{ name: 'receivers', mountPath: places.secret, readOnly: true }] : []),
                { name: 'data', mountPath: places.data },
              ],
              startupProbe: httpProbe('/-/ready', 'http', { periodSeconds: 1, failureThreshold: 60 }),
              livenessProbe: httpProbe('/-/healthy', 'http', { periodSeconds: 10, timeoutSeconds: 5 }),
              readinessProbe: httpProbe('/-/ready', 'http', { periodSeconds: 5, timeoutSeconds: 5 }),
            },
          ],
          volumes: [
            { name: 'conf', configMap: { name: conf.name } },
            ...(keys.length > 0 ? [secretVolume('receivers', config.secrets.monitoringService, keys)] : []),
          ],
        }),
        volumeClaimTemplates: [claimTemplate('data', storage)],
      },
    });

    new k8s.KubeService(this, 'service', {
      metadata: metadataOf(TIER, config, TIER),
      spec: {
        // headless: one pod, of one name, is all there is to find
        clusterIp: 'None',
        selector,
        ports: [{ name: 'http', port: port(TIER, 'http'), targetPort: k8s.IntOrString.fromString('http') }],
      },
    });
  }
}
