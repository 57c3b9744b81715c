import { appRules, connectionRules } from './app-rules';
import { edgeRules } from './edge-rules';
import { bytes, cores } from './fields';
import { networkRules } from './network-rules';
import type { Config, Resources } from './schema';
import { providerRules } from './secrets-schema';
import { RESERVED_CONNECTIONS, sizesOf } from './sizes';
import { alertmanagerOf } from './ways-out';

/**
 * Rules between several settings: one line for each fault, none if all hold.
 * @param config an environment; a rule is skipped if a section that it reads is absent
 */
export function rules(config: Partial<Config>): string[] {
  const { secrets, web, app, database } = config;
  return [
    ...resourceRules(config),
    ...endpointRules(config),
    ...(web ? microCacheRules(web) : []),
    ...networkRules(config),
    ...edgeRules(config),
    ...(secrets ? [...secretRules(secrets), ...providerRules(secrets)] : []),
    ...(database ? [...topologyRules(database), ...memoryRules(database)] : []),
    ...(app ? appRules(app, config) : []),
    ...(app && database ? connectionRules(app, sizesOf(database).connections - RESERVED_CONNECTIONS) : []),
    ...backupRules(config),
  ];
}

function backupRules({ backup }: Partial<Config>): string[] {
  const store = backup?.store;
  if (store?.type !== 's3' || store.allowPlainHttp || store.endpoint.startsWith('https:')) return [];
  return [
    `backup.store.endpoint: must start with https:// unless backup.store.allowPlainHttp is true, got "${store.endpoint}"`,
  ];
}

function resourceRules({ loadBalancer, web, app, database, backup, monitoring }: Partial<Config>): string[] {
  const alerting = monitoring && alertmanagerOf({ monitoring });
  const all: [string, Resources | undefined][] = [
    ['loadBalancer', loadBalancer?.resources],
    ['web', web?.resources],
    ['app', app?.resources],
    ['app.router', app?.router.resources],
    ['database', database?.resources],
    ['database.router', database?.router.resources],
    ['backup', backup?.resources],
    ['backup.scratch', backup?.scratchResources],
    ['monitoring', monitoring?.resources],
    ...(monitoring?.services ?? []).map((service, index): [string, Resources | undefined] => [
      `monitoring.services[${index}]`,
      service.type === 'prometheus' ? service.resources : undefined,
    ]),
    [alerting?.path ?? '', alerting?.resources],
  ];
  return all.flatMap(([path, resources]) => (resources ? overLimit(path, resources) : []));
}

/** The micro-cache counts towards a web server's memory limit, and connections need the rest. */
function microCacheRules({ microCache, resources: { limits } }: Config['web']): string[] {
  if (!microCache || bytes(microCache.size) * 2 <= bytes(limits.memory)) return [];
  return [
    `web.microCache.size: must be at most half of web.resources.limits.memory (${limits.memory}), got "${microCache.size}"; raise the limit as well`,
  ];
}

const AMOUNTS = { cpu: cores, memory: bytes, 'ephemeral-storage': bytes } as const;

const overLimit = (path: string, { requests, limits }: Resources): string[] =>
  (['cpu', 'memory', 'ephemeral-storage'] as const)
    .filter((name) => AMOUNTS[name](requests[name]) > AMOUNTS[name](limits[name]))
    .map(
      (name) =>
        `${path}.resources.requests.${name}: must be at most limits.${name} (${limits[name]}), got "${requests[name]}"; raise the limit as well`,
    );

/** gRPC calls a method of a service: a path in the URL would be ignored silently. */
const endpointRules = ({ monitoring }: Partial<Config>): string[] =>
  (monitoring?.services ?? []).flatMap((service, index) =>
    service.type === 'otlp' && service.protocol === 'grpc' && new URL(service.endpoint).pathname !== '/'
      ? [
          `monitoring.services[${index}].endpoint: must have no path when protocol is "grpc", got "${service.endpoint}"; leave the path out`,
        ]
      : [],
  );

/** A member buffers group messages for others, at least 128 MiB, in addition to a server's memory. */
function memoryRules({ topology, resources: { limits } }: Config['database']): string[] {
  if (topology !== 'group' || bytes(limits.memory) >= bytes('640Mi')) return [];
  return [
    `database.resources.limits.memory: must be at least 640Mi with database.topology "group", got "${limits.memory}"; members keep 128 MiB of the group's messages`,
  ];
}

const OF_TOPOLOGY = { 'primary-replica': ['replicas', 'whenReplicaIsLost'], group: ['members', 'mode'] } as const;

/** A setting of the other topology would have no effect. */
function topologyRules(database: Config['database']): string[] {
  const other = database.topology === 'group' ? 'primary-replica' : 'group';
  return OF_TOPOLOGY[other]
    .filter((name) => database[name] !== undefined)
    .map(
      (name) =>
        `database.${name}: must be left out with database.topology "${database.topology}", got "${database[name]}"; ${name} belongs to "${other}"`,
    );
}

function secretRules(secrets: Config['secrets']): string[] {
  const together = [
    [
      'siteTls',
      'databaseTls',
      'databaseUsers',
      'backup',
      'appTls',
      'webClientTls',
      'internalCa',
      'appRandom',
      'appSupplied',
    ],
    ['databaseMonitoring', 'monitoringService'],
  ] as const;
  return together.flatMap((settings) =>
    settings.flatMap((setting, index) => {
      const other = settings.slice(0, index).find((earlier) => secrets[earlier] === secrets[setting]);
      return other
        ? [`secrets.${setting}: must differ from secrets.${other} in the same namespace, got "${secrets[setting]}"`]
        : [];
    }),
  );
}
