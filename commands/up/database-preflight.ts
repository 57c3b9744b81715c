import { NAME_ANNOTATION, TOPOLOGY_ANNOTATION } from '../../charts/database';
import { namespaceOf } from '../../charts/names';
import type { Config } from '../../config';
import { bytes } from '../../config/fields';
import { get } from '../cluster/kubectl';
import { UsageError } from '../command';

/** The immutable parts of the databases' running StatefulSet. */
export interface LiveDatabase {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly volumeClaimTemplates?: readonly {
      readonly spec: {
        readonly storageClassName?: string;
        readonly resources: { readonly requests: { readonly storage: string } };
      };
    }[];
  };
}

/** One line for each setting of `database` that the running databases and their volumes cannot adopt. */
export function databaseFaults({ database, name }: Pick<Config, 'database' | 'name'>, live: LiveDatabase): string[] {
  // databases from before this choice have no annotation
  const topology = live.metadata.annotations?.[TOPOLOGY_ANNOTATION] ?? 'primary-replica';
  const schema = live.metadata.annotations?.[NAME_ANNOTATION] ?? 'site';
  const claim = live.spec.volumeClaimTemplates?.[0]?.spec;
  const size = claim?.resources.requests.storage;
  const shrink = size !== undefined && bytes(database.storage.size) < bytes(size);
  const grow = size !== undefined && bytes(database.storage.size) > bytes(size);
  return [
    ...(topology !== database.topology
      ? [
          `database.topology: must stay "${topology}", got "${database.topology}"; the volumes belong to that one: bring up a second site and move the data by a backup`,
        ]
      : []),
    ...(schema !== database.name
      ? [
          `database.name: must stay "${schema}", got "${database.name}"; the app's tables are there: bring up a second site and move the data by a backup`,
        ]
      : []),
    ...(shrink
      ? [
          `database.storage.size: must be at least ${size}, got "${database.storage.size}"; a volume does not shrink: bring up a second site and move the data by a backup`,
        ]
      : []),
    ...(grow
      ? [
          `database.storage.size: must stay ${size} until the volumes have grown, got "${database.storage.size}"; enlarge each claim (kubectl edit pvc data-database-N -n ${name}), then run \`kubectl delete statefulset database -n ${name} --cascade=orphan\`, which leaves the databases running`,
        ]
      : []),
  ];
}

/** Refuses changes that would end half done. @throws UsageError with a line for each fault */
export async function checkDatabase(config: Config): Promise<void> {
  const live = await get<LiveDatabase>('statefulset', 'database', namespaceOf('database', config));
  const faults = live ? databaseFaults(config, live) : [];
  if (faults.length > 0) {
    throw new UsageError(
      `the databases that run cannot become what the configuration says\n${faults.map((f) => `  ${f}`).join('\n')}`,
    );
  }
}
