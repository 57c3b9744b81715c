import type { Construct } from 'constructs';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { files, ThreewallChart } from '../chart';
import { disruptionBudget } from '../disruption-budget';
import { selectorOf } from '../names';
import { CONF_PATH } from '../paths';
import { apartFrom, containerPorts, hardenedPod, httpProbe, metadataOf, rollout, unlessEmpty } from '../pod';
import { hardStopSeconds } from '../seconds';
import { haproxyCfg } from './haproxy-cfg';
import { nodesWithVisitors, serviceSpec } from './service';

const TIER = 'load-balancer';

/** The load balancers: HAProxy passes TLS through to the web servers and redirects http to https. */
export class LoadBalancerChart extends ThreewallChart {
  constructor(scope: Construct, config: Config) {
    super(scope, '50', TIER, config.name);
    const { replicas, resources, placement, pods, service } = config.loadBalancer;
    const selector = selectorOf(TIER, config);
    const conf = files(this, TIER, config, 'haproxy', { 'haproxy.cfg': haproxyCfg(config) });

    new k8s.KubeDeployment(this, 'deployment', {
      metadata: metadataOf(TIER, config, TIER),
      spec: {
        replicas,
        selector: { matchLabels: selector },
        // time for the cluster's load balancer to learn of a new pod before the next old one stops
        minReadySeconds: 5,
        ...rollout,
        template: hardenedPod({
          tier: TIER,
          config,
          placement,
          pods,
          affinity: { nodeAffinity: nodesWithVisitors(config), podAntiAffinity: apartFrom(TIER, [], config) },
          // the preStop wait plus HAProxy's hard-stop-after
          terminationGracePeriodSeconds: hardStopSeconds(config) + 20,
          containers: [
            {
              name: TIER,
              image: config.images.haproxy,
              // the image's stop signal is SIGUSR1: stop listening, finish open connections
              command: ['haproxy', '-db', '-f', `${CONF_PATH}/haproxy.cfg`],
              resources,
              ports: containerPorts(TIER, config),
              volumeMounts: [{ name: 'conf', mountPath: CONF_PATH, readOnly: true }],
              startupProbe: httpProbe('/healthz', 'metrics', { periodSeconds: 1, failureThreshold: 60 }),
              livenessProbe: httpProbe('/healthz', 'metrics', { periodSeconds: 10, timeoutSeconds: 5 }),
              readinessProbe: httpProbe('/readyz', 'metrics', {
                periodSeconds: 2,
                timeoutSeconds: 2,
                failureThreshold: 2,
              }),
              lifecycle: { preStop: { sleep: { seconds: 10 } } },
            },
          ],
          volumes: [{ name: 'conf', configMap: { name: conf.name } }],
        }),
      },
    });

    new k8s.KubeService(this, 'service', {
      metadata: { ...metadataOf(TIER, config, TIER), annotations: unlessEmpty({ ...service.annotations }) },
      spec: { ...serviceSpec(config), selector },
    });

    disruptionBudget(this, TIER, config, replicas);
  }
}
