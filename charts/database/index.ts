import type { Construct } from 'constructs';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { files, ThreewallChart } from '../chart';
import { disruptionBudget } from '../disruption-budget';
import { databaseServices, selectorOf } from '../names';
import { CONF_PATH } from '../paths';
import { apartFrom, containerPorts, hardenedPod, metadataOf } from '../pod';
import { scriptFiles, settingsSh } from '../scripts';
import { CERTIFICATE_KEYS, secretVolume } from '../secret';
import { claimTemplate, StatefulSet } from '../stateful-set';
import { port } from '../topology';
import { ACCOUNT_NAMES, accountsSql, schemaSql } from './accounts';
import { RUN_PATH, TLS_PATH, USERS_PATH, VOLUME_PATH } from './layout';
import { memberParts, memberServices } from './members';
import { myCnf } from './my-cnf';
import { routerContainer } from './router';
import { routerCfg } from './router-cfg';
import { serversOf } from './servers';
import { settingsOf } from './settings';

const TIER = 'database';
/** Scripts of both topologies; its folders `pair` and `group` hold what differs. */
const SCRIPTS = 'charts/database/scripts';
/**
 * Annotation with the topology that the volumes of a running StatefulSet were created for: `npm run up` refuses
 * another.
 */
export const TOPOLOGY_ANNOTATION = 'threewall.dev/database-topology';
/** The same for the schema. */
export const NAME_ANNOTATION = 'threewall.dev/database-name';

/**
 * The databases, and in each pod a router to the current primary and replicas. See
 * docs/decisions/database-roles.md, database-group.md and database-routing.md.
 */
export class DatabaseChart extends ThreewallChart {
  constructor(scope: Construct, config: Config) {
    super(scope, '20', TIER, config.name);
    const { name, storage, topology } = config.database;
    const servers = serversOf(config.database);
    const conf = files(this, TIER, config, 'mysql', {
      'my.cnf': myCnf(config),
      'schema.sql': schemaSql(config),
      'accounts.sql': accountsSql(config),
      'router.cfg': routerCfg(config),
      ...scriptFiles(SCRIPTS),
      ...scriptFiles(`${SCRIPTS}/${topology === 'group' ? 'group' : 'pair'}`),
      'settings.sh': settingsSh(settingsOf(config)),
    });

    new StatefulSet(this, 'statefulset', {
      metadata: {
        ...metadataOf(TIER, config, TIER),
        annotations: { [TOPOLOGY_ANNOTATION]: topology, [NAME_ANNOTATION]: name },
      },
      spec: {
        replicas: servers,
        serviceName: TIER,
        selector: { matchLabels: selectorOf(TIER, config) },
        // pods start independently: with OrderedReady, a lost primary would keep a deleted replica from returning
        podManagementPolicy: 'Parallel',
        template: this.pod(config, conf.name),
        volumeClaimTemplates: [claimTemplate('data', storage)],
      },
    });

    // each pod by name, ready or not: for replication, clone and the comparison of data
    this.service(config, TIER, 'mysql', { clusterIp: 'None', publishNotReadyAddresses: true });
    // through the router of any ready pod
    this.service(config, databaseServices.primary, 'writer');
    this.service(config, databaseServices.replica, 'reader');
    memberServices(this, config);
    disruptionBudget(this, TIER, config, servers);
  }

  private pod(config: Config, conf: string): k8s.PodTemplateSpec {
    const { placement, pods, resources, terminationGracePeriodSeconds } = config.database;
    const member = memberParts(config);
    return hardenedPod({
      tier: TIER,
      config,
      placement,
      pods,
      terminationGracePeriodSeconds,
      affinity: { podAntiAffinity: apartFrom(TIER, ['web', 'app'], config) },
      initContainers: [...member.initContainers, routerContainer(config)],
      containers: [
        {
          name: TIER,
          image: config.images.mysql,
          command: ['bash', `${CONF_PATH}/start.sh`],
          resources,
          ports: containerPorts(TIER, config, ['mysql', 'group']),
          env: member.env,
          volumeMounts: [
            { name: 'conf', mountPath: CONF_PATH, readOnly: true },
            { name: 'database-tls', mountPath: TLS_PATH, readOnly: true },
            { name: 'database-users', mountPath: USERS_PATH, readOnly: true },
            { name: 'data', mountPath: VOLUME_PATH },
            { name: 'run', mountPath: RUN_PATH },
            ...member.volumeMounts,
          ],
          // a clone or a crash recovery takes long; the other two probes wait until the server is in service
          startupProbe: { ...alive, periodSeconds: 2, failureThreshold: (6 * 3600) / 2 },
          livenessProbe: { ...alive, periodSeconds: 20, failureThreshold: 3 },
          readinessProbe: {
            exec: { command: ['bash', `${CONF_PATH}/ready.sh`] },
            periodSeconds: 5,
            timeoutSeconds: 5,
            failureThreshold: 2,
          },
          lifecycle: { preStop: { exec: { command: ['bash', `${CONF_PATH}/stop.sh`] } } },
          terminationMessagePolicy: 'FallbackToLogsOnError',
        },
      ],
      volumes: [
        { name: 'conf', configMap: { name: conf, defaultMode: 0o444 } },
        secretVolume('database-tls', config.secrets.databaseTls, ['ca.crt', ...CERTIFICATE_KEYS]),
        secretVolume('database-users', config.secrets.databaseUsers, ACCOUNT_NAMES),
        { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('16Mi') } },
        ...member.volumes,
      ],
    });
  }

  private service(config: Config, name: string, targetPort: string, spec: k8s.ServiceSpec = {}): void {
    new k8s.KubeService(this, `service-${name}`, {
      metadata: metadataOf(TIER, config, name),
      spec: {
        ...spec,
        selector: selectorOf(TIER, config),
        ports: [{ name: 'mysql', port: port(TIER, 'mysql'), targetPort: k8s.IntOrString.fromString(targetPort) }],
      },
    });
  }
}

/** Any answer counts, also an error: killing a busy, full or recovering server does not help. */
const alive: k8s.Probe = {
  exec: { command: ['mysqladmin', `--defaults-file=${RUN_PATH}/monitoring.cnf`, '--connect-timeout=4', 'ping'] },
  timeoutSeconds: 5,
};
