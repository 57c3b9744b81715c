import type { Config } from '../../config/schema';
import { secretKeys } from '../backup/store';
import { ACCOUNT_NAMES } from '../database/accounts';
import { alertKeys } from '../monitoring/alertmanager/config';
import { serviceKeys } from '../monitoring/collector/exporters';
import { databaseServices, namespaceOf } from '../names';
import { secretsOfApp } from './app';
import { internalSecrets } from './internal-tls';
import type { Needed } from './needed';

const TLS = ['tls.crt', 'tls.key'];

/** Every Secret that the manifests of an environment refer to; a source comes before the Secrets derived from it. */
export function neededSecrets(config: Config): Needed[] {
  const { secrets, monitoring } = config;
  const site = namespaceOf('app', config);
  const monitoringNamespace = namespaceOf('monitoring', config);
  const alerting = alertKeys(config);
  const external = [...serviceKeys(monitoring), ...Object.keys(alerting)];
  const ofService: Needed = {
    id: 'monitoringService',
    namespace: monitoringNamespace,
    name: secrets.monitoringService,
    type: 'Opaque',
    keys: external,
    emptyAllowed: ['otlp-authorization'],
    holds: `access to external monitoring services and receivers of alerts (${external
      .map((key) => SERVICE_KEYS[key] ?? (alerting[key] ? `${key}: ${alerting[key]}` : key))
      .join('; ')})`,
  };
  return [
    {
      id: 'site',
      namespace: site,
      name: secrets.siteTls,
      type: 'kubernetes.io/tls',
      keys: TLS,
      holds: `certificate with its chain, and key, of ${namesOf(config).join(', ')}`,
      hosts: namesOf(config),
      ...(config.tls.certificate.source === 'cert-manager' ? { madeByOthers: true } : {}),
    },
    ...internalSecrets(config),
    {
      id: 'database',
      namespace: site,
      name: secrets.databaseTls,
      type: 'kubernetes.io/tls',
      keys: [...TLS, 'ca.crt'],
      holds: `certificate, key and CA of the databases, for ${databaseNames(config).join(', ')}`,
      hosts: databaseNames(config),
    },
    {
      id: 'users',
      namespace: site,
      name: secrets.databaseUsers,
      type: 'Opaque',
      keys: ACCOUNT_NAMES,
      holds: 'passwords of the database accounts',
    },
    {
      id: 'databaseMonitoring',
      namespace: monitoringNamespace,
      name: secrets.databaseMonitoring,
      type: 'Opaque',
      keys: ['password', 'ca.crt'],
      holds: `password of the account monitoring (from ${secrets.databaseUsers}) and CA of the databases (from ${secrets.databaseTls})`,
      copies: { password: { from: 'users', key: 'monitoring' }, 'ca.crt': { from: 'database', key: 'ca.crt' } },
    },
    ...secretsOfApp(config),
    ...(config.backup ? [ofBackup(config, config.backup)] : []),
    ...(external.length > 0 ? [ofService] : []),
  ];
}

const ofBackup = ({ secrets, name }: Config, { store }: NonNullable<Config['backup']>): Needed => ({
  id: 'backup',
  namespace: name,
  name: secrets.backup,
  type: 'Opaque',
  keys: secretKeys(store),
  holds: `password of the backup repositories, which are unreadable without it: keep a copy elsewhere (any long text${store.type === 'claim' ? '' : '; and access to the store'})`,
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

/** Names that visitors use. */
const namesOf = ({ domain, aliases }: Config): string[] => [domain, ...aliases];
