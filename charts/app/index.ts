import type { Construct } from 'constructs';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { autoscaler, fixedReplicas, mostReplicas } from '../autoscaling';
import { files, ThreewallChart } from '../chart';
import { CODE_PATH, type Code } from '../code';
import { databaseServices, nameInTls, selectorOf } from '../names';
import { apartFrom, containerPorts, disruptionBudget, hardenedPod, httpProbe, metadataOf, rollout } from '../pod';
import { CERTIFICATE_KEYS, secretVolume } from '../secret';
import { port } from '../topology';
import { hostAliases, routerContainer } from './router';
import { routerCfg } from './router-cfg';

const TIER = 'app';
/** The headless Service by which web servers find each ready pod, and leave out one that does not answer. */
export const APP_PODS = 'app-pods';
const SECRETS_PATH = '/run/secrets/threewall';
const TLS_PATH = '/run/secrets/app-tls';

/** The application servers: Node runs the site's code from the read-only code volume. */
export class AppChart extends ThreewallChart {
  constructor(scope: Construct, config: Config, code: Code) {
    super(scope, '30', TIER, config.name);
    const { resources, placement, pods, databaseConnections } = config.app;
    const selector = selectorOf(TIER, config);
    const encrypted = config.tls.reencrypt === 'app';
    // the kubelet has no certificate that the port of the web servers accepts
    const probed = encrypted ? 'metrics' : 'http';
    const router = files(this, TIER, config, 'app-router', { 'router.cfg': routerCfg(config) });

    new k8s.KubeDeployment(this, 'deployment', {
      metadata: metadataOf(TIER, config, TIER),
      spec: {
        replicas: fixedReplicas(TIER, config),
        selector: { matchLabels: selector },
        ...rollout,
        template: hardenedPod({
          tier: TIER,
          config,
          placement,
          pods,
          affinity: { podAntiAffinity: apartFrom(TIER, ['database'], config) },
          // preStop wait, then up to 25 s for the requests that run
          terminationGracePeriodSeconds: 45,
          hostAliases: hostAliases(config),
          initContainers: [routerContainer(config, 'router')],
          containers: [
            {
              name: TIER,
              image: config.images.node,
              command: ['node', `${CODE_PATH}/server.mjs`],
              workingDir: CODE_PATH,
              resources,
              ports: containerPorts(TIER, ['http', 'metrics']),
              env: environment(config, databaseConnections),
              volumeMounts: [
                { name: 'code', mountPath: CODE_PATH, readOnly: true },
                { name: 'database', mountPath: SECRETS_PATH, readOnly: true },
                ...(encrypted ? [{ name: 'tls', mountPath: TLS_PATH, readOnly: true }] : []),
                { name: 'tmp', mountPath: '/tmp' },
              ],
              startupProbe: httpProbe('/healthz', probed, { periodSeconds: 1, failureThreshold: 60 }),
              livenessProbe: httpProbe('/healthz', probed, { periodSeconds: 10, timeoutSeconds: 5 }),
              readinessProbe: httpProbe('/readyz', probed, {
                periodSeconds: 3,
                timeoutSeconds: 5,
                failureThreshold: 2,
              }),
              // the address must be gone from every web server's look-ups before the server stops listening: 5 s in the
              // cluster's DNS, 2 s in nginx; a second for both to notice
              lifecycle: { preStop: { sleep: { seconds: 8 } } },
            },
          ],
          volumes: [
            code.volume,
            { name: 'router', configMap: { name: router.name } },
            { name: 'database', projected: { defaultMode: 0o440, sources: databaseAccess(config) } },
            ...(encrypted ? [secretVolume('tls', config.secrets.appTls, ['ca.crt', ...CERTIFICATE_KEYS])] : []),
            { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('16Mi') } },
          ],
        }),
      },
    });

    const ports = [{ name: 'http', port: port(TIER, 'http'), targetPort: k8s.IntOrString.fromString('http') }];
    new k8s.KubeService(this, 'service', { metadata: metadataOf(TIER, config, TIER), spec: { selector, ports } });
    new k8s.KubeService(this, 'service-pods', {
      metadata: metadataOf(TIER, config, APP_PODS),
      spec: { clusterIp: 'None', selector, ports },
    });

    disruptionBudget(this, TIER, config, mostReplicas(TIER, config));
    autoscaler(this, TIER, config);
  }
}

/** Settings of the site: addresses and file names; the password itself is only ever in a file. */
function environment(config: Config, connections: number): k8s.EnvVar[] {
  const values = {
    SITE_NAME: config.name,
    PORT: String(port(TIER, 'http')),
    METRICS_PORT: String(port(TIER, 'metrics')),
    DATABASE_PRIMARY_HOST: databaseServices.primary,
    DATABASE_REPLICA_HOST: databaseServices.replica,
    DATABASE_PORT: String(port('database', 'mysql')),
    DATABASE_NAME: config.database.name,
    DATABASE_USER: 'app',
    DATABASE_PASSWORD_FILE: `${SECRETS_PATH}/password`,
    DATABASE_CA_FILE: `${SECRETS_PATH}/ca.crt`,
    DATABASE_CONNECTIONS: String(connections),
    ...(config.tls.reencrypt === 'app' ? { TLS_DIR: TLS_PATH, TLS_CLIENT_NAME: nameInTls('web', config) } : {}),
  };
  return [
    ...Object.entries(values).map(([name, value]) => ({ name, value })),
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  ];
}

/** The app's own password and the CA, and no more of either Secret. */
const databaseAccess = ({ secrets }: Config): k8s.VolumeProjection[] => [
  { secret: { name: secrets.databaseUsers, items: [{ key: 'app', path: 'password' }] } },
  { secret: { name: secrets.databaseTls, items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
];
