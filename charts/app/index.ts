import type { Construct } from 'constructs';
import { appNearStore, isSingle } from '../../config/app-facts';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { autoscaler, fixedReplicas, mostReplicas } from '../autoscaling';
import { files, ThreewallChart } from '../chart';
import type { Code } from '../code';
import { disruptionBudget } from '../disruption-budget';
import { selectorOf } from '../names';
import { beside } from '../placing';
import { apartFrom, containerPorts, hardenedPod, metadataOf, rollout } from '../pod';
import { appGraceSeconds } from '../seconds';
import { port, portsOf } from '../topology';
import { APP_PEERS } from './environment';
import type { MountedFiles } from './files';
import { probesOf } from './probes';
import { processOf } from './process';
import { hostAliases, routerContainer } from './router';
import { routerCfg } from './router-cfg';

const TIER = 'app';
/** The headless Service by which web servers find each ready pod and skip one that does not answer. */
export const APP_PODS = 'app-pods';
/** The same of all pods: what web servers ask while none is ready. */
export const ALL_APP_PODS = 'app-pods-all';

/** The application servers: your own image, or Node with the site's code from the read-only code volume. */
export class AppChart extends ThreewallChart {
  constructor(scope: Construct, config: Config, code: Code | undefined, appFiles: MountedFiles) {
    super(scope, '30', TIER, config.name);
    const { app } = config;
    const selector = selectorOf(TIER, config);
    const process = processOf(config, code, appFiles, TIER);
    const router = files(this, TIER, config, 'app-router', { 'router.cfg': routerCfg(config, TIER) });
    const { env, volumeMounts, ...container } = process.container(TIER, app);
    const ownPorts = Object.keys(portsOf(TIER, config)).filter((name) => name !== 'router');

    new k8s.KubeDeployment(this, 'deployment', {
      metadata: metadataOf(TIER, config, TIER),
      spec: {
        replicas: fixedReplicas(TIER, config),
        selector: { matchLabels: selector },
        ...rollout,
        // a volume that one node mounts: the old pod must release it before the new one starts
        ...(isSingle(app) ? { strategy: { type: 'Recreate' } } : {}),
        template: hardenedPod({
          tier: TIER,
          config,
          placement: app.placement,
          pods: app.pods,
          affinity: { podAntiAffinity: apartFrom(TIER, ['database'], config), podAffinity: nearStore(config) },
          terminationGracePeriodSeconds: appGraceSeconds(config),
          hostAliases: hostAliases(config),
          initContainers: [routerContainer(TIER, config, 'router'), ...process.initContainers],
          containers: [
            {
              ...container,
              ports: containerPorts(TIER, config, ownPorts),
              env,
              volumeMounts,
              ...probesOf(config),
              // the address must have left every web server's DNS answers before the server stops listening: 5 s in the
              // cluster's DNS, 2 s in nginx, one second of margin
              lifecycle: { preStop: { sleep: { seconds: 8 } } },
            },
          ],
          volumes: process.volumes(router.name),
        }),
      },
    });

    const http = [{ name: 'http', port: port(TIER, 'http', config), targetPort: k8s.IntOrString.fromString('http') }];
    new k8s.KubeService(this, 'service', { metadata: metadataOf(TIER, config, TIER), spec: { selector, ports: http } });
    new k8s.KubeService(this, 'service-pods', {
      metadata: metadataOf(TIER, config, APP_PODS),
      spec: { clusterIp: 'None', selector, ports: http },
    });
    new k8s.KubeService(this, 'service-pods-all', {
      metadata: metadataOf(TIER, config, ALL_APP_PODS),
      spec: { clusterIp: 'None', publishNotReadyAddresses: true, selector, ports: http },
    });
    if (app.peers.length > 0) this.peers(config);

    disruptionBudget(this, TIER, config, mostReplicas(TIER, config));
    autoscaler(this, TIER, config);
  }

  /** A cluster of app pods forms before any of them is ready. */
  private peers(config: Config): void {
    new k8s.KubeService(this, 'service-peers', {
      metadata: metadataOf(TIER, config, APP_PEERS),
      spec: {
        clusterIp: 'None',
        publishNotReadyAddresses: true,
        selector: selectorOf(TIER, config),
        ports: config.app.peers.map((peer) => ({
          name: `peer-${peer}`,
          port: peer,
          targetPort: k8s.IntOrString.fromString(`peer-${peer}`),
        })),
      },
    });
  }
}

/** Backups of a volume of one node in a store of one node need both on the same. Preferred: the site matters more. */
function nearStore(config: Config): k8s.PodAffinity | undefined {
  if (!appNearStore(config)) return undefined;
  return {
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: beside('backup', config) }],
  };
}
