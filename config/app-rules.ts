import {
  APP_USER,
  type AppConfig,
  CODE_PATH,
  connectionsOf,
  hasCode,
  hasWorkers,
  healthOf,
  isOwnImage,
  isSingle,
  lies,
  placeOf,
  servedFolders,
  writableOf,
} from './app-facts';
import { pathFaults, urlFaults } from './app-path-rules';
import { portFaults, protocolFaults } from './app-port-rules';
import type { Config } from './schema';
import { variableFaults } from './variables';

/** Contradictions between settings of the app: one line each, none if they are consistent. */
export const appRules = (app: AppConfig, { tls, secrets, firewall, web }: Partial<Config>): string[] => [
  ...variableFaults(app),
  ...secretFaults(app, secrets),
  ...portFaults(app),
  ...pathFaults(app),
  ...volumeFaults(app),
  ...urlFaults(app),
  ...protocolFaults(app, tls),
  ...programFaults(app),
  ...staticFaults(app),
  ...workerFaults(app, firewall),
  ...(web?.microCache && app.protocol === 'fastcgi'
    ? ['web.microCache: must be left out with app.protocol "fastcgi", got a cache; it keeps answers of http alone']
    : []),
];

/** Egress of a tier that does not exist would have no effect. */
const workerFaults = (app: AppConfig, firewall: Config['firewall'] | undefined): string[] =>
  (firewall?.extraEgress ?? []).flatMap(({ from }, i) =>
    from === 'worker' && !hasWorkers(app)
      ? [
          `firewall.extraEgress[${i}].from: must be a tier that exists, got "worker"; there is one with app.workers, app.schedule or app.release`,
        ]
      : [],
  );

function secretFaults({ env }: AppConfig, secrets: Config['secrets'] | undefined): string[] {
  const owners = Object.entries(secrets ?? {}).filter(([setting]) => setting !== 'create');
  return Object.entries(env).flatMap(([name, value]) => {
    if (typeof value === 'string') return [];
    const { secret, key, format, length } = value;
    const path = `app.env.${name}`;
    const isOurs = secret === 'random' || secret === 'supplied';
    const owner = owners.find(([, name]) => name === secret)?.[0];
    return [
      ...(owner
        ? [
            `${path}.secret: must not be one of the site's own Secrets, got "${secret}" (secrets.${owner}); $(DATABASE_PASSWORD) is the app's password`,
          ]
        : []),
      ...(!isOurs && key === undefined
        ? [`${path}.key: is required with the Secret "${secret}": the key of it that holds the value`]
        : []),
      ...(isOurs && key !== undefined
        ? [`${path}.key: must be left out with secret "${secret}", got "${key}"; its key is the name of the variable`]
        : []),
      ...(secret !== 'random' && (format ?? length) !== undefined
        ? [
            `${path}.${format ? 'format' : 'length'}: must be left out unless secret is "random", got ${JSON.stringify(format ?? length)}`,
          ]
        : []),
    ];
  });
}

/** Claims that hold databases, backups, or another volume of the app: mounted here, they would be open to the app. */
const isOfTheSite = (claim: string, name: string, { volumes }: AppConfig): boolean =>
  /^(backups|data-database-\d+)$/.test(claim) ||
  Object.entries(volumes).some(([other, { claimName }]) => other !== name && !claimName && claim === `app-${other}`);

function volumeFaults(app: AppConfig): string[] {
  const entries = Object.entries(app.volumes);
  return [
    ...entries.flatMap(([name, { accessMode, url }]) => {
      if (accessMode === 'ReadWriteMany') return [];
      const because = `with app.volumes.${name}.accessMode "ReadWriteOnce", which one node mounts`;
      return [
        ...(app.autoscaling ? [`app.autoscaling: must be left out ${because}; or make the volume ReadWriteMany`] : []),
        ...(!app.autoscaling && app.replicas !== 1
          ? [`app.replicas: must be 1 ${because}, got ${app.replicas}; or make the volume ReadWriteMany`]
          : []),
        ...(url
          ? [`app.volumes.${name}.url: must be left out ${because}, got "${url}": web servers run on other nodes too`]
          : []),
        ...servedFolders(app)
          .filter(({ place }) => typeof place === 'object' && place.volume === name)
          .map(
            ({ setting, folder }) =>
              `${setting}: must not lie in a volume ${because}, got "${folder}": web servers run on other nodes too`,
          ),
      ];
    }),
    ...entries.flatMap(([name, { claimName }]) =>
      claimName && isOfTheSite(claimName, name, app)
        ? [
            `app.volumes.${name}.claimName: must be a claim of yours, got "${claimName}", which the site makes for something else; leave it out or name another`,
          ]
        : [],
    ),
    ...entries.flatMap(([name, { claimName, storageClassName }]) =>
      claimName && storageClassName
        ? [
            `app.volumes.${name}.storageClassName: must be left out with claimName "${claimName}", got "${storageClassName}"; the claim has its own`,
          ]
        : [],
    ),
  ];
}

/** Users of the other tiers: charts/topology.ts. */
const isOfAnotherTier = (user: number): boolean => user > 10100 && user < 10200 && user !== APP_USER;

function programFaults(app: AppConfig): string[] {
  const health = healthOf(app);
  return [
    ...(app.user !== undefined && isOfAnotherTier(app.user)
      ? [
          `app.user: must not be 10101 to 10199, the users of the other tiers, got ${app.user}; ${APP_USER} is the app's own`,
        ]
      : []),
    ...(['workers', 'schedule'] as const).flatMap((list) =>
      Object.entries(app[list]).flatMap(([name, { command, args }]) =>
        command || args
          ? []
          : [`app.${list}.${name}: must have command or args, got neither; without one it would be another server`],
      ),
    ),
    ...(health.live !== undefined && health.live === health.ready
      ? [
          `app.health.live: must differ from app.health.ready, got "${health.live}" for both: a database that is away would restart every app pod; leave it out where the app has one path only`,
        ]
      : []),
    ...(isSingle(app) && app.peers.length > 0
      ? ['app.peers: must be left out with a ReadWriteOnce volume, which allows one app pod']
      : []),
  ];
}

function staticFaults(app: AppConfig): string[] {
  return [
    ...servedFolders(app).flatMap(({ setting, folder, place }) => {
      if (place === 'code') {
        return hasCode(app)
          ? []
          : [`${setting}: must be a folder of app.image where app.code is left out, got "${folder}"`];
      }
      if (place !== 'image') return [];
      const written = writableOf(app).find((one) => !one.seed && lies(folder, one.path));
      if (setting === 'app.root' && written) {
        return [
          `app.root: must not lie in app.writable, got "${folder}", which only the app's own pod sees; with a volume at "${written.path}" web servers see its files`,
        ];
      }
      return isOwnImage(app)
        ? []
        : [`${setting}: must lie in ${CODE_PATH} where app.image is left out, got "${folder}"`];
    }),
    ...(app.keep.length > 0 && !Object.values(app.static).some((folder) => placeOf(folder, app) === 'image')
      ? [
          'app.keep: must be left out without a folder of the image in app.static, got a list; only such folders are kept',
        ]
      : []),
  ];
}

/**
 * Without a replica, and in a group after an election, one server has the connections of every app pod, of one
 * more pod while the tier rolls, and of every worker.
 * @param free connections of one database for the app
 */
export function connectionRules(app: AppConfig, free: number): string[] {
  const pods = (app.autoscaling?.maxReplicas ?? app.replicas) + (isSingle(app) ? 0 : 1);
  const workers =
    Object.values(app.workers).reduce((sum, { replicas }) => sum + replicas + 1, 0) +
    Object.keys(app.schedule).length +
    (app.release ? 1 : 0);
  const each = connectionsOf(app);
  if ((pods + workers) * each <= free) return [];
  const beside = workers > 0 ? `, ${workers} of workers, schedules and release` : '';
  const pools = isOwnImage(app) ? '' : ', two pools each';
  const most = Math.floor((free * app.connections) / each / (pods + workers));
  return [
    `app.connections: must be at most ${most} with ${pods} app pods (one more while they roll)${beside}${pools} and ${free} connections at one database, got ${app.connections}; lower it or raise database.resources.limits.memory`,
  ];
}
