import type { Config } from '../../config';
import { volumesInBackups } from '../../config/app-facts';
import { UsageError } from '../command';

/** What a restore may bring back. */
export type Part = 'database' | 'volumes';

/** What is to be restored. */
export interface Wish {
  /** As `restoreTime` writes it. */
  readonly at: string;
  /** Environment whose backups it is. @default - the one that is restored */
  readonly from?: string;
  /** Do not ask. */
  readonly yes: boolean;
  /** Leave out the latest binary logs: where the databases were lost. */
  readonly skipShipping: boolean;
  /** How long backup and logs may take, in seconds. */
  readonly timeout: number;
  /** `database` or `volumes`. @default - everything that backups contain */
  readonly only?: string;
}

/** The parts of an environment that a command is about. @throws UsageError for one that is none, or that it lacks */
export function partsOf(config: Config, only: string | undefined): readonly Part[] {
  const volumes = volumesInBackups(config).length > 0;
  switch (only) {
    case undefined:
      return volumes ? ['database', 'volumes'] : ['database'];
    case 'database':
      return [only];
    case 'volumes':
      if (volumes) return [only];
      throw new UsageError('--only: must be "database", got "volumes": no app.volumes are in the backups');
    default:
      throw new UsageError(`--only: must be "database" or "volumes", got "${only}"`);
  }
}

/** The parts in words. */
export function inWords(parts: readonly Part[], config: Config): string {
  const volumes = volumesInBackups(config);
  const words = {
    database: 'all databases',
    volumes: `the volume${volumes.length > 1 ? 's' : ''} ${volumes.join(', ')}`,
  };
  return parts.map((part) => words[part]).join(' and ');
}
