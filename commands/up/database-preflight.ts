import { NAME_ANNOTATION, TOPOLOGY_ANNOTATION } from '../../charts/database';
import { namespaceOf } from '../../charts/names';
import type { Config } from '../../config';
import { get } from '../cluster/kubectl';

/** The immutable parts of the databases' running StatefulSet. */
export interface LiveDatabase {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

/** One line for each setting of `database` that the running databases cannot adopt. */
export function databaseFaults({ database }: Pick<Config, 'database'>, live: LiveDatabase): string[] {
  // databases from before this choice have no annotation
  const topology = live.metadata.annotations?.[TOPOLOGY_ANNOTATION] ?? 'primary-replica';
  const schema = live.metadata.annotations?.[NAME_ANNOTATION] ?? 'site';
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
  ];
}

/** The same of the databases in the cluster. */
export async function liveDatabaseFaults(config: Config): Promise<string[]> {
  const live = await get<LiveDatabase>('statefulset', 'database', namespaceOf('database', config));
  return live ? databaseFaults(config, live) : [];
}
