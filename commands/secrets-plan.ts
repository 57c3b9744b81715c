import { namespaceOf } from '../charts/topology';
import type { Config } from '../config';
import { password, tlsValues } from './secret-values';

/** Values of a Secret by key. */
export type Found = Readonly<Record<string, string>>;

/** A Secret that an environment refers to. */
export interface Wanted {
  readonly id: 'site' | 'database' | 'users' | 'databaseMonitoring' | 'monitoringService';
  readonly namespace: string;
  readonly name: string;
  readonly type: 'kubernetes.io/tls' | 'Opaque';
  readonly keys: readonly string[];
  /** What it holds, for people who supply it. */
  readonly holds: string;
  /** Makes its values, given those of the Secrets before it. Absent: only people can know them. */
  readonly make?: (found: ReadonlyMap<string, Found>) => Promise<Found> | Found;
}

const USERS = ['root', 'app', 'replication', 'monitoring', 'backup'];
const TLS = ['tls.crt', 'tls.key'];

/** Every Secret that the manifests of an environment refer to, those first from which others are made. */
export function wantedSecrets(config: Config): Wanted[] {
  const { secrets, monitoring } = config;
  const site = namespaceOf('app', config);
  const monitoringNamespace = namespaceOf('monitoring', config);
  const serviceKeys = monitoring.services.flatMap(({ type }) => (type === 'sumologic' ? ['sumologic-endpoint'] : []));
  const wantsService = monitoring.services.some(({ type }) => type !== 'prometheus');
  const wanted: Wanted[] = [
    {
      id: 'site',
      namespace: site,
      name: secrets.siteTls,
      type: 'kubernetes.io/tls',
      keys: TLS,
      holds: `certificate and key of ${config.domain}`,
      make: () => tlsValues([config.domain]),
    },
    {
      id: 'database',
      namespace: site,
      name: secrets.databaseTls,
      type: 'kubernetes.io/tls',
      keys: [...TLS, 'ca.crt'],
      holds: `certificate, key and authority of the databases, for ${databaseNames(config).join(', ')}`,
      make: () => tlsValues(databaseNames(config)),
    },
    {
      id: 'users',
      namespace: site,
      name: secrets.databaseUsers,
      type: 'Opaque',
      keys: USERS,
      holds: 'passwords of the database accounts',
      make: () => Object.fromEntries(USERS.map((user) => [user, password()])),
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
  ];
  return wantsService
    ? [
        ...wanted,
        {
          id: 'monitoringService',
          namespace: monitoringNamespace,
          name: secrets.monitoringService,
          type: 'Opaque',
          keys: serviceKeys,
          holds:
            'access to the external monitoring service: sumologic-endpoint for Sumo Logic, otlp-authorization (may be left out) for OTLP',
        },
      ]
    : wanted;
}

/** Names under which databases are reached: a wildcard needs two dots after it to be matched by OpenSSL. */
export function databaseNames(config: Config): string[] {
  const namespace = namespaceOf('database', config);
  const suffixes = ['', `.${namespace}`, `.${namespace}.svc`, `.${namespace}.svc.${config.cluster.domain}`];
  return [
    'localhost',
    ...['database-primary', 'database-replica', '*.database'].flatMap((host) =>
      suffixes.map((suffix) => host + suffix),
    ),
  ];
}

/** What people have to do before the Secrets fit: one line each, none when the rest can be made. */
export function faultsOf(wanted: readonly Wanted[], found: ReadonlyMap<string, Found>, config: Config): string[] {
  const faults = wanted.flatMap((secret) => {
    const { id, namespace, name, keys, holds } = secret;
    const values = found.get(id);
    const label = `${namespace}/${name}`;
    if (values) {
      const missing = keys.filter((key) => !values[key]);
      return missing.length > 0
        ? [`${label}: lacks ${missing.join(', ')}; add what is missing or delete it (${holds})`]
        : [];
    }
    if (secret.make && config.secrets.create) return [];
    const literals = keys.map((key) => `--from-file=${key}=FILE`).join(' ');
    return [
      `${label}: is missing; it must hold ${keys.join(', ')}: ${holds}; kubectl create secret generic ${name} -n ${namespace} ${literals}`,
    ];
  });
  return [...faults, ...disagreements(wanted, found)];
}

/** The copy for the monitoring namespace must be what it is a copy of. */
function disagreements(wanted: readonly Wanted[], found: ReadonlyMap<string, Found>): string[] {
  const copy = found.get('databaseMonitoring');
  const secret = wanted.find(({ id }) => id === 'databaseMonitoring');
  if (!copy || !secret) return [];
  const label = `${secret.namespace}/${secret.name}`;
  const differs = (value: string | undefined, original: string | undefined): boolean =>
    original === undefined || value !== original;
  return [
    ...(differs(copy.password, found.get('users')?.monitoring)
      ? [`${label}: its password is not that of the account monitoring; delete it, it is made again`]
      : []),
    ...(differs(copy['ca.crt'], found.get('database')?.['ca.crt'])
      ? [`${label}: its ca.crt is not that of the databases; delete it, it is made again`]
      : []),
  ];
}
