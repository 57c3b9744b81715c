import { CLAIM } from '../../charts/backup/pods';
import { namespaceOf } from '../../charts/names';
import type { Config } from '../../config';
import { claimOf } from '../../config/app-facts';
import { alertmanagerOf } from '../../config/ways-out';

/** Volumes that one setting describes. */
export interface Volume {
  /** Path of the setting that holds `size` and `storageClassName`. */
  readonly path: string;
  readonly namespace: string;
  /** What makes the claims: one of each pod of a StatefulSet, which has its name, or the manifests themselves. */
  readonly statefulSet?: string;
  /** Name of the claim; of the claims' template in a StatefulSet. */
  readonly claim: string;
  readonly size: string;
  /** @default - the cluster's default class, for a new claim */
  readonly storageClassName?: string;
}

/** Every volume that the manifests make. A claim that the operator made (`claimName`) is none of them. */
export function volumesOf(config: Config): Volume[] {
  const { app, backup, database, monitoring, name } = config;
  const inSet = (tier: 'database' | 'monitoring-service' | 'alertmanager'): Omit<Volume, 'path' | 'size'> => ({
    namespace: namespaceOf(tier, config),
    statefulSet: tier,
    claim: 'data',
  });
  const alerts = alertmanagerOf({ monitoring });
  return [
    { path: 'database.storage', ...inSet('database'), ...database.storage },
    ...monitoring.services.flatMap((service, i): Volume[] =>
      service.type === 'prometheus'
        ? [{ path: `monitoring.services[${i}].storage`, ...inSet('monitoring-service'), ...service.storage }]
        : [],
    ),
    ...(alerts ? [{ path: `${alerts.path}.storage`, ...inSet('alertmanager'), ...alerts.storage }] : []),
    ...(backup?.store.type === 'claim'
      ? [{ path: 'backup.store.storage', namespace: name, claim: CLAIM, ...backup.store.storage }]
      : []),
    ...Object.entries(app.volumes).flatMap(([key, { claimName, size, storageClassName }]): Volume[] =>
      claimName
        ? []
        : [{ path: `app.volumes.${key}`, namespace: name, claim: claimOf(key, app), size, storageClassName }],
    ),
  ];
}

/** Whether a claim of this name belongs to the volume. */
export const isOf = ({ claim, statefulSet }: Volume, name: string): boolean =>
  statefulSet === undefined
    ? name === claim
    : name.startsWith(`${claim}-${statefulSet}-`) && /^\d+$/.test(name.slice(claim.length + statefulSet.length + 2));
