import { RUN_PATH, TLS_PATH, USERS_PATH } from '../../charts/database/layout';
import { databaseServices, labelsOf, selectorOf } from '../../charts/names';
import { CONF_PATH } from '../../charts/paths';
import { hardenedPod } from '../../charts/pod';
import { untilItsEnd } from '../../charts/scale-down';
import { scriptFiles, settingsSh } from '../../charts/scripts';
import { secretVolume } from '../../charts/secret';
import { port } from '../../charts/topology';
import type { Config } from '../../config';
import { Quantity } from '../../imports/k8s';
import { APPLIER } from './applier';
import type { Peer } from './source';

/** Label of everything that an import makes: which one. A second import finds the first by it. */
export const IMPORT = 'threewall.dev/import';
/** Component of its pod: the firewalls let it go nowhere but to what `policiesOf` names. */
const COMPONENT = { 'app.kubernetes.io/component': 'import' } as const;
/** Container of its pod. */
export const CONTAINER = 'import';

const places = {
  conf: CONF_PATH,
  source: '/run/secrets/source',
  users: USERS_PATH,
  tls: TLS_PATH,
  follower: '/run/secrets/follower',
  work: '/work',
  run: RUN_PATH,
} as const;
/** Where the dump arrives. */
export const WORK = places.work;

/** What an import's Job does. */
export interface Plan {
  /** Name of the Job and of all that lives with it. */
  readonly name: string;
  /** What is imported, so that the same command finds it: a label's value. */
  readonly what: string;
  readonly mode: 'check' | 'load';
  /** Secret of the server that is copied. @default - a dump is sent */
  readonly source?: { readonly secret: string; readonly keys: readonly string[]; readonly peer: Peer };
  /** Name of the database there. */
  readonly from: string;
  /** Password of the account that applies what the server writes after the copy. @default - the copy is all */
  readonly follow?: string;
  /** Whether the database is emptied first. */
  readonly replace: boolean;
  /** Space for the dump in bytes. */
  readonly room: number;
  /** Memory in MiB. */
  readonly memory: number;
  /** How long it may take, in seconds. */
  readonly seconds: number;
}

const metadataOf = ({ name, what }: Pick<Plan, 'name' | 'what'>, { name: namespace }: Config) => ({
  name,
  namespace,
  labels: { [IMPORT]: what, 'app.kubernetes.io/part-of': namespace, ...COMPONENT },
});

const MIB = 2 ** 20;

/** One that follows goes on in another pod when its own has ended (two at once are kept out by a lock). What its script gives up stays given up. */
const GOES_ON = {
  backoffLimit: 100,
  podFailurePolicy: {
    rules: [
      { action: 'FailJob', onExitCodes: { containerName: CONTAINER, operator: 'In', values: [1] } },
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    ],
  },
} as const;

/** The Job, which owns all else: with it everything goes, also when the command was killed. */
export function jobOf(plan: Plan, config: Config): object {
  const { name, source, follow, room, memory, seconds } = plan;
  const disk = Math.ceil(room / MIB) + 64;
  const pod = hardenedPod({
    tier: 'backup',
    config,
    spread: false,
    labels: { ...labelsOf('backup', config), ...COMPONENT, 'app.kubernetes.io/name': 'import' },
    terminationGracePeriodSeconds: 60,
    hostAliases: source?.peer.aliases,
    containers: [
      {
        name: CONTAINER,
        image: config.images.mysql,
        command: ['bash', `${places.conf}/run.sh`, plan.mode],
        resources: {
          requests: { cpu: '100m', memory: '256Mi', 'ephemeral-storage': `${disk}Mi` },
          limits: { cpu: '2', memory: `${memory}Mi`, 'ephemeral-storage': `${disk}Mi` },
        },
        env: [{ name: 'TMPDIR', value: places.run }],
        volumeMounts: [
          { name: 'conf', mountPath: places.conf, readOnly: true },
          { name: 'database-users', mountPath: places.users, readOnly: true },
          { name: 'database-tls', mountPath: places.tls, readOnly: true },
          ...(source ? [{ name: 'source', mountPath: places.source, readOnly: true }] : []),
          ...(follow ? [{ name: 'follower', mountPath: places.follower, readOnly: true }] : []),
          { name: 'work', mountPath: places.work },
          { name: 'run', mountPath: places.run },
        ],
        terminationMessagePolicy: 'FallbackToLogsOnError',
      },
    ],
    volumes: [
      { name: 'conf', configMap: { name, defaultMode: 0o444 } },
      secretVolume('database-users', config.secrets.databaseUsers, ['app']),
      secretVolume('database-tls', config.secrets.databaseTls, ['ca.crt']),
      ...(source ? [secretVolume('source', source.secret, source.keys)] : []),
      ...(follow ? [secretVolume('follower', name, ['password'])] : []),
      { name: 'work', emptyDir: {} },
      { name: 'run', emptyDir: { medium: 'Memory' } },
    ],
  });
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadataOf(plan, config),
    spec: {
      ...(follow ? GOES_ON : { backoffLimit: 0 }),
      activeDeadlineSeconds: seconds,
      ttlSecondsAfterFinished: 300,
      template: plain(untilItsEnd(pod)),
    },
  };
}

/** Quantities of cdk8s as text. */
const plain = (value: object): object =>
  JSON.parse(JSON.stringify(value, (_, one) => (one instanceof Quantity ? one.value : one)));

/** Files and firewall rules of an import. @param uid of its Job */
export function belongingsOf(plan: Plan, config: Config, uid: string): object[] {
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: plan.name, uid };
  const metadata = { ...metadataOf(plan, config), ownerReferences: [owner] };
  const data = {
    ...scriptFiles('commands/import/scripts'),
    'settings.sh': settingsSh({
      DATABASE: config.database.name,
      COLLATION: config.database.collation,
      HOST: `${databaseServices.primary}.${config.name}.svc`,
      PORT: port('database', 'mysql'),
      USERS: places.users,
      CA: `${places.tls}/ca.crt`,
      SOURCE: plan.source ? places.source : '',
      FROM: plan.from,
      REPLACE: plan.replace ? 'yes' : 'no',
      FOLLOW: plan.follow ? 'yes' : 'no',
      JOB: plan.name,
      APPLIER,
      FOLLOWER: places.follower,
      WORK: places.work,
      RUN: places.run,
    }),
  };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { password: plan.follow } };
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data },
    ...policiesOf(plan, config, metadata),
    ...(plan.follow ? [secret] : []),
  ];
}

/** Names, the primary, and the server that is copied; no pod connects to it. */
function policiesOf({ name, source }: Plan, config: Config, metadata: object): object[] {
  const { dns } = config.cluster;
  const own = { matchLabels: { 'app.kubernetes.io/instance': config.name, ...COMPONENT } };
  const writer = [{ port: port('database', 'writer'), protocol: 'TCP' }];
  const lookUp = (number: number) => ['UDP', 'TCP'].map((protocol) => ({ port: number, protocol }));
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': dns.namespace } };
  const egress = [
    { to: [{ podSelector: { matchLabels: selectorOf('database', config) } }], ports: writer },
    ...(dns.pods
      ? [{ to: [{ namespaceSelector, podSelector: { matchLabels: dns.podLabels } }], ports: lookUp(dns.port) }]
      : []),
    ...(dns.addresses.length > 0
      ? [{ to: dns.addresses.map((address) => ({ ipBlock: { cidr: `${address}/32` } })), ports: lookUp(53) }]
      : []),
    ...(source
      ? [{ to: source.peer.to, ports: source.peer.ports.map((number) => ({ port: number, protocol: 'TCP' })) }]
      : []),
  ];
  const policy = (policyName: string, spec: object): object => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { ...metadata, name: policyName },
    spec,
  });
  return [
    policy(name, { podSelector: own, policyTypes: ['Egress'], egress }),
    policy(`${name}-database`, {
      podSelector: { matchLabels: selectorOf('database', config) },
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: own }], ports: writer }],
    }),
  ];
}
