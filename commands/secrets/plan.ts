import { ACCOUNT_NAMES } from '../../charts/database/accounts';
import { serviceKeys } from '../../charts/monitoring/collector/exporters';
import { databaseServices, namespaceOf } from '../../charts/names';
import type { Config } from '../../config';
import { checkCertificate, type Findings } from './certificate-check';
import { internalSecrets, strangers } from './internal-tls';
import { backupKey, password, tlsValues } from './values';

/** Values of a Secret by key. */
export type Found = Readonly<Record<string, string>>;

/** A Secret that an environment refers to. */
export interface Wanted {
  readonly id:
    | 'site'
    | 'internalCa'
    | 'appTls'
    | 'webClientTls'
    | 'database'
    | 'users'
    | 'backup'
    | 'databaseMonitoring'
    | 'monitoringService';
  readonly namespace: string;
  readonly name: string;
  readonly type: 'kubernetes.io/tls' | 'Opaque';
  readonly keys: readonly string[];
  /** Keys whose value may be empty. @default - none */
  readonly emptyAllowed?: readonly string[];
  /** What it holds, for people who supply it. */
  readonly holds: string;
  /** Host names that its certificate has to bear. @default - it holds no certificate */
  readonly hosts?: readonly string[];
  /** Another tool of the cluster makes it, maybe later: it is neither made nor missed. @default false */
  readonly madeByOthers?: boolean;
  /** It is there only to make these; where they all are, it is neither made nor missed. @default - needed for itself */
  readonly onlyFor?: readonly Wanted['id'][];
  /** Makes its values, given those of the Secrets before it. Absent: only people can know them. */
  readonly make?: (found: ReadonlyMap<string, Found>) => Promise<Found> | Found;
}

const TLS = ['tls.crt', 'tls.key'];

/** Every Secret that the manifests of an environment refer to, those first from which others are made. */
export function wantedSecrets(config: Config): Wanted[] {
  const { secrets, monitoring } = config;
  const site = namespaceOf('app', config);
  const monitoringNamespace = namespaceOf('monitoring', config);
  const external = serviceKeys(monitoring);
  const ofService: Wanted = {
    id: 'monitoringService',
    namespace: monitoringNamespace,
    name: secrets.monitoringService,
    type: 'Opaque',
    keys: external,
    emptyAllowed: ['otlp-authorization'],
    holds: `access to the external monitoring service (${external.map((key) => SERVICE_KEYS[key] ?? key).join('; ')})`,
  };
  return [
    {
      id: 'site',
      namespace: site,
      name: secrets.siteTls,
      type: 'kubernetes.io/tls',
      keys: TLS,
      holds: `certificate with its chain, and key, of ${config.domain}`,
      hosts: [config.domain],
      ...(config.tls.certificate.source === 'cert-manager'
        ? { madeByOthers: true }
        : { make: () => tlsValues([config.domain]) }),
    },
    ...internalSecrets(config),
    {
      id: 'database',
      namespace: site,
      name: secrets.databaseTls,
      type: 'kubernetes.io/tls',
      keys: [...TLS, 'ca.crt'],
      holds: `certificate, key and authority of the databases, for ${databaseNames(config).join(', ')}`,
      hosts: databaseNames(config),
      make: () => tlsValues(databaseNames(config)),
    },
    {
      id: 'users',
      namespace: site,
      name: secrets.databaseUsers,
      type: 'Opaque',
      keys: ACCOUNT_NAMES,
      holds: 'passwords of the database accounts',
      make: () => Object.fromEntries(ACCOUNT_NAMES.map((user) => [user, password()])),
    },
    {
      id: 'databaseMonitoring',
      namespace: monitoringNamespace,
      name: secrets.databaseMonitoring,
      type: 'Opaque',
      keys: ['password', 'ca.crt'],
      holds: `password of the account monitoring (from ${secrets.databaseUsers}) and authority of the databases (from ${secrets.databaseTls})`,
      make: (found) => ({
        password: found.get('users')?.monitoring ?? '',
        'ca.crt': found.get('database')?.['ca.crt'] ?? '',
      }),
    },
    ...(config.backup ? [ofBackup(config, config.backup)] : []),
    ...(external.length > 0 ? [ofService] : []),
  ];
}

/** The key can be made, access to somebody's store cannot. */
const ofBackup = ({ secrets, name }: Config, { store }: NonNullable<Config['backup']>): Wanted => ({
  id: 'backup',
  namespace: name,
  name: secrets.backup,
  type: 'Opaque',
  keys: ['identity', 'recipient', ...(store.type === 's3' ? ['access-key-id', 'secret-access-key'] : [])],
  holds: `key of the backups, without which nobody can read them: keep a copy elsewhere (identity and recipient as age-keygen makes them${store.type === 's3' ? `, and access to bucket ${store.bucket}` : ''})`,
  make: store.type === 's3' ? undefined : backupKey,
});

const SERVICE_KEYS: Readonly<Record<string, string>> = {
  'sumologic-endpoint': 'sumologic-endpoint: address of its OTLP/HTTP source',
  'otlp-authorization':
    'otlp-authorization: value of the Authorization header, an empty file where the endpoint wants none',
};

/** Names under which databases are reached. */
export function databaseNames(config: Config): string[] {
  const namespace = namespaceOf('database', config);
  const suffixes = ['', `.${namespace}`, `.${namespace}.svc`, `.${namespace}.svc.${config.cluster.domain}`];
  const hosts = [databaseServices.primary, databaseServices.replica, `*.${databaseServices.pods}`];
  return [...hosts.flatMap((host) => suffixes.map((suffix) => host + suffix)), 'localhost'];
}

/** What people have to do before the Secrets fit: one line each, none when the rest can be made. */
export function faultsOf(wanted: readonly Wanted[], found: ReadonlyMap<string, Found>, config: Config): string[] {
  const faults = wanted.flatMap((secret) => {
    const values = found.get(secret.id);
    if (values) return lacking(secret, values);
    if (!isNeeded(secret, found)) return [];
    return secret.make && config.secrets.create ? [] : [missing(secret)];
  });
  return [...faults, ...disagreements(wanted, found), ...strangers(wanted, found)];
}

/** False for what another tool makes, and for what is there only to make others that are already there. */
export const isNeeded = ({ madeByOthers, onlyFor }: Wanted, found: ReadonlyMap<string, Found>): boolean =>
  !madeByOthers && !onlyFor?.every((id) => found.has(id));

function lacking({ namespace, name, keys, emptyAllowed = [], holds }: Wanted, values: Found): string[] {
  const absent = keys.filter((key) => values[key] === undefined || (values[key] === '' && !emptyAllowed.includes(key)));
  return absent.length > 0
    ? [`${namespace}/${name}: lacks ${absent.join(', ')}; it is left as it is: add what is missing (${holds})`]
    : [];
}

function missing({ namespace, name, type, keys, holds }: Wanted): string {
  const what = `${namespace}/${name}: is missing; it must hold ${keys.join(', ')}: ${holds}`;
  const files = keys.map((key) => `--from-file=${key}=FILE`).join(' ');
  return `${what}\n      kubectl create secret generic ${name} -n ${namespace} --type=${type} ${files}`;
}

/** The copy for the monitoring namespace must be what it is a copy of. */
function disagreements(wanted: readonly Wanted[], found: ReadonlyMap<string, Found>): string[] {
  const copy = found.get('databaseMonitoring');
  const secret = wanted.find(({ id }) => id === 'databaseMonitoring');
  if (!copy || !secret) return [];
  const originals = { password: found.get('users')?.monitoring, 'ca.crt': found.get('database')?.['ca.crt'] };
  const said = {
    password: 'its password is not that of the account monitoring',
    'ca.crt': 'its ca.crt is not that of the databases',
  };
  const differing = (['password', 'ca.crt'] as const).filter((key) => copy[key] && copy[key] !== originals[key]);
  return differing.length > 0
    ? [
        `${secret.namespace}/${secret.name}: ${differing.map((key) => said[key]).join(' and ')}; delete it and run this again, it is a copy:\n      kubectl delete secret ${secret.name} -n ${secret.namespace}`,
      ]
    : [];
}

/** What is wrong with the certificates that are there, each line with the Secret it stands in. */
export function certificateFindings(
  wanted: readonly Wanted[],
  found: ReadonlyMap<string, Found>,
  now: number,
): Findings {
  const all = wanted.flatMap(({ id, namespace, name, hosts }) => {
    const values = found.get(id);
    if (!values?.['tls.crt'] || !values['tls.key'] || !hosts) return [];
    const { faults, warnings } = checkCertificate(values, hosts, now);
    const placed = (text: string): string => `${namespace}/${name}: ${text}`;
    return [{ faults: faults.map(placed), warnings: warnings.map(placed) }];
  });
  return { faults: all.flatMap(({ faults }) => faults), warnings: all.flatMap(({ warnings }) => warnings) };
}
