import type { Construct } from 'constructs';
import { CODE_PATH, servesImage } from '../../config/app-facts';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { autoscaler, fixedReplicas, mostReplicas } from '../autoscaling';
import { files, ThreewallChart } from '../chart';
import type { Code } from '../code';
import { disruptionBudget } from '../disruption-budget';
import { selectorOf } from '../names';
import { CONF_PATH } from '../paths';
import { apartFrom, containerPorts, hardenedPod, httpProbe, metadataOf, rollout } from '../pod';
import { scriptFiles, settingsSh } from '../scripts';
import { DRAIN_SECONDS, webGraceSeconds } from '../seconds';
import { CERTIFICATE_KEYS, secretVolume } from '../secret';
import { port } from '../topology';
import { certificateConf } from './certificate-conf';
import { spoolVolume } from './connections';
import { errorPages } from './error-pages';
import { nginxConf } from './nginx-conf';
import { ownFolders } from './own-files';
import { type CertificateName, DRAINING, MICRO_CACHE_PATH, PEM_FOLDER, secretOf } from './paths';
import { settings } from './settings';

const TIER = 'web';

/** The web servers: Nginx ends TLS, serves static files from the code volume and hands the rest to the app. */
export class WebChart extends ThreewallChart {
  constructor(scope: Construct, config: Config, code: Code | undefined) {
    // web servers with the new version's files are ready before pages refer to these files
    super(scope, servesImage(config.app) ? '27' : '40', TIER, config.name);
    const { resources, placement, pods, microCache } = config.web;
    const certificates = certificatesOf(config);
    const selector = selectorOf(TIER, config);
    const own = ownFolders(config);
    const conf = files(this, TIER, config, 'nginx', {
      ...scriptFiles('charts/web/scripts'),
      'settings.sh': settingsSh(settings()),
      'nginx.conf': nginxConf(config),
      'certificate.conf': certificateConf(),
      ...errorPages(config),
    });

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
          terminationGracePeriodSeconds: webGraceSeconds(config),
          containers: [
            {
              name: TIER,
              image: config.images.nginx,
              command: ['/bin/sh', `${CONF_PATH}/start.sh`, ...certificates.map(({ name }) => name)],
              resources,
              ports: containerPorts(TIER, config),
              volumeMounts: [
                { name: 'conf', mountPath: CONF_PATH, readOnly: true },
                ...certificates.map(({ name }) => ({ name: `${name}-tls`, mountPath: secretOf(name), readOnly: true })),
                { name: 'pem', mountPath: PEM_FOLDER },
                ...(code ? [{ name: 'code', mountPath: CODE_PATH, readOnly: true }] : []),
                ...own.mounts,
                { name: 'tmp', mountPath: '/tmp' },
                ...(microCache ? [{ name: 'micro-cache', mountPath: MICRO_CACHE_PATH }] : []),
              ],
              startupProbe: httpProbe('/healthz', 'metrics', { periodSeconds: 1, failureThreshold: 60 }),
              livenessProbe: httpProbe('/healthz', 'metrics', { periodSeconds: 10, timeoutSeconds: 5 }),
              readinessProbe: httpProbe('/readyz', 'metrics', {
                periodSeconds: 3,
                timeoutSeconds: 3,
                failureThreshold: 2,
              }),
              // health checks fail at once, and twice before the wait ends; then the image's SIGQUIT: finish open
              // requests
              lifecycle: {
                preStop: { exec: { command: ['/bin/sh', '-c', `touch ${DRAINING} && sleep ${DRAIN_SECONDS}`] } },
              },
            },
          ],
          volumes: [
            { name: 'conf', configMap: { name: conf.name } },
            ...certificates.map(({ name, secretName, keys }) => secretVolume(`${name}-tls`, secretName, keys)),
            { name: 'pem', emptyDir: inMemory('1Mi') },
            ...(code ? [code.volume] : []),
            ...own.volumes,
            { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString(spoolVolume(config)) } },
            ...(microCache ? [{ name: 'micro-cache', emptyDir: inMemory(microCache.size) }] : []),
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

    disruptionBudget(this, TIER, config, mostReplicas(TIER, config));
    autoscaler(this, TIER, config);
  }
}

/** A volume in memory, which counts towards the container's memory limit. */
const inMemory = (size: string): k8s.EmptyDirVolumeSource => ({
  medium: 'Memory',
  sizeLimit: k8s.Quantity.fromString(size),
});

/** The certificates of a web server, and the Secret of each. */
const certificatesOf = ({
  secrets,
  tls,
}: Config): { readonly name: CertificateName; readonly secretName: string; readonly keys: readonly string[] }[] => [
  { name: 'site', secretName: secrets.siteTls, keys: CERTIFICATE_KEYS },
  ...(tls.reencrypt === 'app'
    ? [{ name: 'client' as const, secretName: secrets.webClientTls, keys: ['ca.crt', ...CERTIFICATE_KEYS] }]
    : []),
];
