import { volumesInBackups } from '../../config/app-facts';
import { bytes } from '../../config/fields';
import { hostOf } from '../database/layout';
import { serversOf } from '../database/servers';
import { namespaceOf } from '../names';
import { settingsSh } from '../scripts';
import { port } from '../topology';
import { places, REFUSED } from './places';
import type { WithBackup } from './pods';
import { accessVariables } from './store';

/** Part of a scratch server's memory limit that its buffer pool gets; the rest is for the server itself and its sessions. */
const BUFFER_POOL = 0.4;

/** Settings of the backup tier's scripts: POSIX shells read them as well, so lists are words of one value. */
export function backupSettings(config: WithBackup): string {
  const { backup, database } = config;
  return settingsSh({
    ...accessVariables(config),
    REFUSED,
    // in full: their certificates bear a wildcard of these
    HOSTS: Array.from({ length: serversOf(database) }, (_, n) => hostOf(String(n), config)).join(' '),
    PORT: port('database', 'mysql'),
    USERS: places.users,
    CA: `${places.tls}/ca.crt`,
    SECRET: places.secret,
    WORK: places.work,
    RUN: places.run,
    APPEND_ONLY: String(backup.appendOnly),
    VOLUMES_AT: places.volumes,
    HIDDEN: places.kept,
    VOLUMES: volumesInBackups(config).join(' '),
    RETENTION_DAYS: backup.retentionDays,
    SHIP_SECONDS: backup.binlogIntervalSeconds,
    COLLECTOR: `collector.${namespaceOf('monitoring', config)}.svc`,
    COLLECTOR_PORT: port('monitoring', 'otlp'),
    // a recipient of a clone needs the plugins of its donor
    PLUGINS: ['mysql_clone.so', ...(database.topology === 'group' ? ['group_replication.so'] : SEMISYNC)].join(' '),
    BUFFER_POOL: Math.floor((bytes(backup.scratchResources.limits.memory) / 2 ** 20) * BUFFER_POOL),
  });
}

const SEMISYNC = ['semisync_source.so', 'semisync_replica.so'];
