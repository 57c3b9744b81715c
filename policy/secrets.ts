import type { Config } from '../config';
import type { SecretRole } from '../config/secrets-schema';
import { everyPod, type Node, type Rule, type Template } from './rule';

/** A Secret by its role, because its name is configurable. */
type Role = SecretRole;

/** The repositories' password, and access to a store of either kind. */
const REPOSITORY = { backup: ['password', 'access-key-id', 'secret-access-key', 'ca.crt'] };
const ACCOUNT = { databaseTls: ['ca.crt'], databaseUsers: ['backup'] };

/** The keys that each program reads, by `<workload>/<container>`. A program that is not listed reads none. */
export const READS: Readonly<Record<string, Partial<Record<Role, readonly string[]>>>> = {
  'database/database': {
    databaseTls: ['ca.crt', 'tls.crt', 'tls.key'],
    // each server makes every account itself, at each start
    databaseUsers: ['root', 'app', 'replication', 'monitoring', 'backup'],
  },
  'app/app': { databaseTls: ['ca.crt'], databaseUsers: ['app'], appTls: ['ca.crt', 'tls.crt', 'tls.key'] },
  'web/web': { siteTls: ['tls.crt', 'tls.key'], webClientTls: ['ca.crt', 'tls.crt', 'tls.key'] },
  'collector/collector': {
    databaseMonitoring: ['password', 'ca.crt'],
    monitoringService: ['sumologic-endpoint', 'otlp-authorization'],
  },
  // a key for each receiver that has a secret value
  'alertmanager/alertmanager': { monitoringService: ['alert-slack', 'alert-webhook'] },
  'backup/clone': ACCOUNT,
  'backup/store': REPOSITORY,
  'backup-binlogs/resume': REPOSITORY,
  'backup-binlogs/stream': ACCOUNT,
  'backup-binlogs/ship': REPOSITORY,
  'backup-drill/sums': ACCOUNT,
  'backup-drill/fetch': REPOSITORY,
  'backup-drill/record': REPOSITORY,
  'backup-restore/fetch': REPOSITORY,
  'backup-volumes/store': REPOSITORY,
  'backup-volumes-restore/fetch': REPOSITORY,
  // the restored server shows the databases' certificate to the databases that clone it
  'backup-restore/scratch': { databaseTls: ['ca.crt', 'tls.crt', 'tls.key'] },
};

/** A key of a Secret within reach of a container. */
interface Reach {
  readonly container: string;
  readonly secret: string;
  /** `*` if the whole Secret is mounted. */
  readonly key: string;
}

const keysOf = (items: Node): string[] => items?.map(({ key }: Node) => key) ?? ['*'];

/** Every key of a Secret that a container of the pod finds in a file or in its environment. */
export function reachOf({ spec, containers }: Pick<Template, 'spec' | 'containers'>): Reach[] {
  const inVolume = (name: string): Omit<Reach, 'container'>[] => {
    const volume: Node = (spec.volumes ?? []).find((v: Node) => v.name === name) ?? {};
    return [volume.secret, ...(volume.projected?.sources ?? []).map(({ secret }: Node) => secret)]
      .filter(Boolean)
      .flatMap((secret) => keysOf(secret.items).map((key) => ({ secret: secret.secretName ?? secret.name, key })));
  };
  return containers.flatMap(({ name: container, volumeMounts = [], env = [], envFrom = [] }) =>
    [
      ...volumeMounts.flatMap(({ name }: Node) => inVolume(name)),
      ...env.flatMap(({ valueFrom }: Node) => (valueFrom?.secretKeyRef ? [valueFrom.secretKeyRef] : [])),
      ...envFrom.flatMap(({ secretRef }: Node) => (secretRef ? [{ name: secretRef.name, key: '*' }] : [])),
    ].map(({ secret, name, key }) => ({ container, secret: secret ?? name, key })),
  );
}

/** Keys that `app.env` names: what every process of the app may read, whatever it is. */
const ofApp = ({ app, secrets }: Config): string[] => [
  `${secrets.databaseTls} ca.crt`,
  `${secrets.databaseUsers} app`,
  ...Object.entries(app.env).flatMap(([name, value]) => {
    if (typeof value === 'string') return [];
    const own = { random: secrets.appRandom, supplied: secrets.appSupplied }[value.secret];
    return [`${own ?? value.secret} ${own ? name : value.key}`];
  }),
];

/** Containers that run the app's image, or write files for it. */
const isOfApp = (tier: string | undefined, container: string): boolean =>
  (tier === 'app' && ['app', 'files'].includes(container)) ||
  (tier === 'worker' && /^(worker|files|step-\d+)$/.test(container));

const roleOf = (secret: string, { secrets }: Config): Role | undefined =>
  (Object.keys(secrets) as Role[]).find((role) => secrets[role] === secret);

/** What must be true of everything that holds a password or a private key. */
export const secretRules: readonly Rule[] = [
  everyPod(
    'no container reaches more keys of a Secret than its program reads',
    (template, { config, added }) =>
      reachOf(template).map(({ container, secret, key }) => {
        const role = roleOf(secret, config);
        const reads = READS[`${template.workload.metadata.name}/${container}`] ?? {};
        const isOwn =
          isOfApp(template.labels['app.kubernetes.io/component'], container) &&
          ofApp(config).includes(`${secret} ${key}`);
        const isTheirs = !role && added?.secrets?.includes(secret);
        return (
          !isOwn && !isTheirs && !(role && reads[role]?.includes(key)) && `${container} reaches ${key} of ${secret}`
        );
      }),
    (spec) => {
      const mounted = spec.volumes.find(({ secret }: Node) => secret);
      mounted.secret.items = [...keysOf(mounted.secret.items), 'root'].map((key) => ({ key, path: key }));
    },
  ),
];
