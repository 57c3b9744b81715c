import { hasBackup } from '../../charts/backup';
import type { WithBackup } from '../../charts/backup/pods';
import { accessOf } from '../../charts/backup/store';
import { volumesInBackups } from '../../config/app-facts';
import { UsageError } from '../command';
import { environment } from '../environment';
import { type Part, partsOf } from './wish';

/** An environment with backups: one that is restored, or one whose backups another one is restored from. */
export interface BackedUp {
  /** Of its file: `config/<name>.yaml`. */
  readonly name: string;
  readonly config: WithBackup;
}

/** @throws UsageError when the backups of `from` cannot become the data of `target`, or ConfigError */
export function sourceOf(from: string, target: BackedUp, root = process.cwd()): BackedUp {
  if (from === target.name) throw new UsageError(`--from: is ${target.name} itself; leave it out`);
  const { name, config } = named(from, root);
  if (!hasBackup(config))
    throw new UsageError(`--from: config/${name}.yaml has no section backup, so there are no backups`);
  if (config.backup.store.type === 'claim') {
    throw new UsageError(
      `--from: the backups of ${name} lie in a claim of the namespace ${config.name}, which no pod of another namespace or cluster can mount; keep them in a store of type s3, sftp or restic`,
    );
  }
  if (address(target.config) === address(config)) {
    throw new UsageError(
      `config/${target.name}.yaml: backup.store is the repository of ${name}, into which the backups of ${target.name} must not be written; give it another prefix, path or bucket`,
    );
  }
  return { name, config };
}

function named(from: string, root: string) {
  try {
    return environment(from, root);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`--from: ${error.message}`) : error;
  }
}

/** Of the repositories, written in one way only. */
const address = ({ backup }: WithBackup): string =>
  accessOf(backup.store).repository.replaceAll(/\/+/g, '/').replace(/\/$/, '');

/** What of an environment comes from the backups of another one. */
export interface Share {
  readonly parts: readonly Part[];
  /** What a user may miss. */
  readonly notes: readonly string[];
}

/**
 * The parts that come from `source`. Of volumes those with the same names: which ones a backup contains, its Job finds.
 * @throws UsageError when they do not fit
 */
export function shareOf(source: BackedUp, target: BackedUp, only: string | undefined): Share {
  const parts = partsOf(target.config, only);
  if (parts.includes('database')) requireSame(source, target);
  const [own, theirs] = [volumesInBackups(target.config), volumesInBackups(source.config)];
  if (only === 'database' || own.some((name) => theirs.includes(name))) return { parts, notes: [] };
  const [here, there] = [target.name, source.name];
  if (own.length > 0 && theirs.length > 0) {
    throw new UsageError(
      `--from: no volume of ${here} (${own.join(', ')}) has the name of one of ${there} (${theirs.join(', ')}); \`--only database\` restores the databases alone`,
    );
  }
  if (only === 'volumes') {
    throw new UsageError(`--only: must be "database", got "volumes": no app.volumes of ${there} are in its backups`);
  }
  const notes = [
    ...own.map((name) => `volume ${name} stays as it is: no app.volumes of ${there} are in its backups`),
    ...theirs.map((name) => `volume ${name} of ${there} is left out: no app.volumes of ${here} are in its backups`),
  ];
  return { parts: ['database'], notes };
}

/** A restored server takes part in replication, and the app asks for its schema. */
function requireSame(source: BackedUp, target: BackedUp): void {
  for (const field of ['topology', 'name'] as const) {
    const [here, there] = [target.config.database[field], source.config.database[field]];
    if (here !== there) {
      throw new UsageError(
        `config/${target.name}.yaml: database.${field}: must be "${there}", as in config/${source.name}.yaml, got "${here}"`,
      );
    }
  }
}
