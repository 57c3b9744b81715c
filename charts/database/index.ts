import type { Construct } from 'constructs';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { files, ThreewallChart } from '../chart';
import { apartFrom, containerPorts, disruptionBudget, hardenedPod, metadataOf } from '../pod';
import { port, selectorOf } from '../topology';
import { accountsSql, schemaSql } from './accounts';
import { commonSh } from './common-sh';
import { followSh } from './follow-sh';
import { joinSh } from './join-sh';
import { CONF_PATH, RUN_PATH, TLS_PATH, USERS_PATH, VOLUME_PATH } from './layout';
import { myCnf } from './my-cnf';
import { readySh } from './ready-sh';
import { startSh } from './start-sh';
import { stopSh } from './stop-sh';

const TIER = 'database';
const HOURS = 3600;

/** The databases: `database-0` is the primary, the others replicas. See docs/decisions/database-roles.md. */
export class DatabaseChart extends ThreewallChart {
  constructor(scope: Construct, config: Config) {
    super(scope, '20', TIER, config.name);
    const { replicas, storage } = config.database;
    const conf = files(this, TIER, config, 'mysql', {
      'my.cnf': myCnf(config),
      'schema.sql': schemaSql(),
      'accounts.sql': accountsSql(config),
      'common.sh': commonSh(config),
      'start.sh': startSh(),
      'join.sh': joinSh(),
      'follow.sh': followSh(),
      'ready.sh': readySh(),
      'stop.sh': stopSh(),
    });

    new StatefulSet(this, 'statefulset', {
      metadata: metadataOf(TIER, config, TIER),
      spec: {
        replicas: replicas + 1,
        serviceName: TIER,
        selector: { matchLabels: selectorOf(TIER, config) },
        // each comes back by itself: in order, a lost primary would keep a deleted replica from returning
        podManagementPolicy: 'Parallel',
        template: this.pod(config, conf.name),
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: {
              accessModes: ['ReadWriteOnce'],
              storageClassName: storage.storageClassName,
              resources: { requests: { storage: k8s.Quantity.fromString(storage.size) } },
              volumeMode: 'Filesystem',
            },
          },
        ],
      },
    });

    // each pod by name, ready or not: replication, clone, and the question who holds what
    this.service(config, TIER, { clusterIp: 'None', publishNotReadyAddresses: true }, {});
    this.service(config, 'database-primary', {}, podCalled('database-0'));
    this.service(config, 'database-replica', {}, podCalled('database-1'));
    disruptionBudget(this, TIER, config, replicas + 1);
  }

  private pod(config: Config, conf: string): k8s.PodTemplateSpec {
    const { placement, resources, terminationGracePeriodSeconds } = config.database;
    return hardenedPod({
      tier: TIER,
      config,
      placement,
      terminationGracePeriodSeconds,
      affinity: {
        podAntiAffinity: apartFrom(TIER, ['web', 'app'], config),
      },
      containers: [
        {
          name: TIER,
          image: config.images.mysql,
          command: ['bash', `${CONF_PATH}/start.sh`],
          resources,
          ports: containerPorts(TIER),
          volumeMounts: [
            { name: 'conf', mountPath: CONF_PATH, readOnly: true },
            { name: 'database-tls', mountPath: TLS_PATH, readOnly: true },
            { name: 'database-users', mountPath: USERS_PATH, readOnly: true },
            { name: 'data', mountPath: VOLUME_PATH },
            { name: 'run', mountPath: RUN_PATH },
          ],
          // a clone or a crash recovery takes its time; the two others wait until the server is in service
          startupProbe: { ...alive, periodSeconds: 2, failureThreshold: (6 * HOURS) / 2 },
          livenessProbe: { ...alive, periodSeconds: 10, failureThreshold: 6 },
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
        { name: 'database-tls', secret: { secretName: config.secrets.databaseTls, defaultMode: 0o440 } },
        { name: 'database-users', secret: { secretName: config.secrets.databaseUsers, defaultMode: 0o440 } },
        { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('16Mi') } },
      ],
    });
  }

  private service(config: Config, name: string, spec: k8s.ServiceSpec, selector: Record<string, string>): void {
    new k8s.KubeService(this, `service-${name}`, {
      metadata: metadataOf(TIER, config, name),
      spec: {
        ...spec,
        selector: { ...selectorOf(TIER, config), ...selector },
        ports: [{ name: 'mysql', port: port(TIER, 'mysql'), targetPort: k8s.IntOrString.fromString('mysql') }],
      },
    });
  }
}

/** The API server fills in what a claim template is, and Argo CD would see that as a difference for ever. */
class StatefulSet extends k8s.KubeStatefulSet {
  override toJson(): { spec: { volumeClaimTemplates: object[] } } {
    const json = super.toJson();
    const kind = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' };
    json.spec.volumeClaimTemplates = json.spec.volumeClaimTemplates.map((claim: object) => ({ ...kind, ...claim }));
    return json;
  }
}

/** @see https://kubernetes.io/docs/reference/labels-annotations-taints/#statefulset-kubernetes-io-pod-name */
const podCalled = (name: string) => ({ 'statefulset.kubernetes.io/pod-name': name });

/** Any answer counts, a refusal as well: a busy, full or recovering server is not helped by a kill. */
const alive: k8s.Probe = {
  exec: { command: ['mysqladmin', `--defaults-file=${RUN_PATH}/monitoring.cnf`, '--connect-timeout=4', 'ping'] },
  timeoutSeconds: 5,
};
