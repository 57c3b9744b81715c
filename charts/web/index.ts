import type { Construct } from 'constructs';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { files, ThreewallChart } from '../chart';
import { CODE_PATH, type Code } from '../code';
import {
  containerPorts,
  disruptionBudget,
  hardenedPod,
  httpProbe,
  keepOffNodesOf,
  metadataOf,
  rollingUpdate,
} from '../pod';
import { port, selectorOf } from '../topology';
import { maintenancePage } from './maintenance';
import { CONF_PATH, DRAINING, nginxConf, TLS_PATH } from './nginx-conf';

const TIER = 'web';

/** The web servers: Nginx ends TLS, serves static files from the code volume and hands the rest to the app. */
export class WebChart extends ThreewallChart {
  constructor(scope: Construct, config: Config, code: Code) {
    super(scope, '40', TIER, config.name);
    const { replicas, resources, placement } = config.web;
    const selector = selectorOf(TIER, config);
    const conf = files(this, TIER, config, 'nginx', {
      'nginx.conf': nginxConf(config),
      'maintenance.html': maintenancePage(config.domain),
    });

    new k8s.KubeDeployment(this, 'deployment', {
      metadata: metadataOf(TIER, config, TIER),
      spec: {
        replicas,
        selector: { matchLabels: selector },
        strategy: rollingUpdate,
        template: hardenedPod({
          tier: TIER,
          config,
          placement,
          affinity: {
            podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: keepOffNodesOf(['database'], config) },
          },
          // preStop wait, then the longest request (proxy_read_timeout) within nginx's graceful stop
          terminationGracePeriodSeconds: 60,
          containers: [
            {
              name: TIER,
              image: config.images.nginx,
              command: ['nginx', '-c', `${CONF_PATH}/nginx.conf`, '-g', 'daemon off;'],
              resources,
              ports: containerPorts(TIER),
              volumeMounts: [
                { name: 'conf', mountPath: CONF_PATH, readOnly: true },
                { name: 'site-tls', mountPath: TLS_PATH, readOnly: true },
                { name: 'code', mountPath: CODE_PATH, readOnly: true },
                { name: 'tmp', mountPath: '/tmp' },
              ],
              startupProbe: httpProbe('/healthz', 'metrics', { periodSeconds: 1, failureThreshold: 60 }),
              livenessProbe: httpProbe('/healthz', 'metrics', { periodSeconds: 10, timeoutSeconds: 5 }),
              readinessProbe: httpProbe('/readyz', 'metrics', {
                periodSeconds: 3,
                timeoutSeconds: 3,
                failureThreshold: 2,
              }),
              // health checks fail at once, and twice before the wait ends; then the image's SIGQUIT: finish what runs
              lifecycle: { preStop: { exec: { command: ['/bin/sh', '-c', `touch ${DRAINING} && sleep 10`] } } },
            },
          ],
          volumes: [
            { name: 'conf', configMap: { name: conf.name } },
            { name: 'site-tls', secret: { secretName: config.secrets.siteTls, defaultMode: 0o440 } },
            code.volume,
            { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } },
          ],
        }),
      },
    });

    // headless: each ready pod is an SRV record, which is how the load balancer finds web servers
    new k8s.KubeService(this, 'service', {
      metadata: metadataOf(TIER, config, TIER),
      spec: {
        clusterIp: 'None',
        selector,
        ports: [{ name: 'https', port: port(TIER, 'https'), targetPort: k8s.IntOrString.fromString('https') }],
      },
    });

    disruptionBudget(this, TIER, config, replicas);
  }
}
