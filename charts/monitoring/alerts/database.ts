import type { StateName } from '../../database/states';
import type { Alert } from './alert';
import {
  above,
  age,
  below,
  count,
  type Expression,
  last,
  type Metric,
  max,
  min,
  minus,
  over,
  rate,
  reported,
  silent,
  sum,
  times,
} from './expression';
import { metrics } from './metrics';
import { certificate } from './web';

const POD = 'k8s.pod.name';
const PRACTICES = 'https://samber.github.io/awesome-prometheus-alerts/';
const HOURS = 3600;
const APART: StateName = 'apart';

/**
 * Seconds since a time that the backup tier reports. It may be away for longer than Prometheus' look-back of a minute.
 */
export const since = (metric: Metric): Expression => age(max(reported(metric, '3d')));

/** Alerts about the databases and their backups. */
export const databaseAlerts: readonly Alert[] = [
  {
    name: 'MysqlDown',
    condition: silent(POD, metrics.databaseUptime),
    for: '30s',
    severity: 'page',
    summary: 'A database that answered within the last hour no longer answers.',
    source: `${PRACTICES}; plus Prometheus' look-back of a minute`,
  },
  {
    name: 'MysqlRestarted',
    condition: below(max(last(metrics.databaseUptime), POD), 60),
    for: '0s',
    severity: 'info',
    summary: 'A database has started within the last minute.',
    source: `60 s: ${PRACTICES}`,
  },
  {
    name: 'NoWritablePrimary',
    condition: below(sum(last(metrics.databasePrimary)), 1, metrics.databasePrimary),
    for: '10s',
    severity: 'page',
    summary: 'No database takes writes.',
    source: 'own: 10 s, longer than a planned switch-over',
  },
  {
    name: 'TwoWritablePrimaries',
    // servers that take writes, rightly or wrongly
    condition: above(minus(count(last(metrics.databaseReadOnly)), sum(last(metrics.databaseReadOnly))), 1),
    // a lost primary's last sample counts for one more minute: see --query.lookback-delta
    for: '75s',
    severity: 'page',
    summary: 'More than one database takes writes: their data will diverge.',
    source: "own: as soon as Prometheus' look-back of a minute excludes the metrics of a lost server",
  },
  {
    name: 'ReplicaThreadsStopped',
    condition: below(times(min(last(metrics.databaseReceiver), POD), min(last(metrics.databaseApplier), POD)), 1),
    for: '1m',
    severity: 'page',
    summary: 'A replica does not receive or does not apply what the primary writes.',
    source: `1 minute: ${PRACTICES}`,
    needs: 'primary-replica',
  },
  {
    name: 'ReplicaLag',
    condition: above(max(last(metrics.databaseLag), POD), 30),
    for: '1m',
    severity: 'ticket',
    summary: 'A replica is more than 30 seconds behind.',
    source: `30 s: ${PRACTICES}; Sumo Logic's 900 s are too lax for a failover`,
  },
  {
    name: 'ReplicaLagHigh',
    condition: above(max(last(metrics.databaseLag), POD), 300),
    for: '1m',
    severity: 'page',
    summary: 'A replica is more than five minutes behind.',
    source: "own: a third of Sumo Logic's 900 s",
  },
  {
    name: 'SemiSyncOff',
    // one metric is 0 when the source has stopped waiting, the other when no replica acknowledges
    condition: below(times(sum(last(metrics.databaseSemiSyncActive)), sum(last(metrics.databaseSemiSyncClients))), 1),
    for: '1m',
    severity: 'page',
    summary: 'No replica acknowledges writes: they stop, or a lost primary loses them.',
    source: 'own',
    needs: 'primary-replica',
  },
  {
    name: 'ErrantTransactions',
    condition: above(max(last(metrics.databaseState, { state: APART }), POD), 0),
    for: '0s',
    severity: 'page',
    summary: 'A database has transactions that the primary lacks, and is kept out.',
    source: 'own',
  },
  {
    name: 'DatabaseOutOfService',
    condition: below(min(last(metrics.databaseInService), POD), 1),
    for: '15m',
    severity: 'ticket',
    summary: 'A database takes neither writes nor reads; `database_state` names why.',
    source: 'own: 15 minutes, longer than a restart and most clones',
  },
  {
    name: 'GroupMemberMissing',
    condition: above(minus(max(last(metrics.databaseGroupSize)), max(last(metrics.databaseMembers))), 0),
    for: '2m',
    severity: 'ticket',
    summary: 'A member of the group is not online.',
    source: 'own: 2 minutes, longer than a restart',
    needs: 'group',
  },
  {
    name: 'DatabaseCertificateEndsSoon',
    condition: certificate(metrics.databaseCertificateEnd, 21),
    for: '10m',
    severity: 'ticket',
    summary: 'The certificate of a database ends in less than 21 days.',
    source: 'own: 21 days, as for the site',
  },
  {
    name: 'DatabaseCertificateEnds',
    condition: certificate(metrics.databaseCertificateEnd, 7),
    for: '1m',
    severity: 'page',
    summary: 'The certificate of a database ends in less than 7 days: then no client can connect.',
    source: 'own: 7 days, as for the site',
  },
  {
    name: 'MysqlConnectionsHigh',
    condition: above(
      over(max(last(metrics.databaseConnections), POD), max(last(metrics.databaseConnectionsLimit), POD)),
      0.8,
    ),
    for: '2m',
    severity: 'ticket',
    summary: 'A database has more than 80 % of the connections that it can have.',
    source: `80 %: ${PRACTICES}`,
  },
  {
    name: 'MysqlThreadsRunningHigh',
    condition: above(
      over(max(last(metrics.databaseRunning), POD), max(last(metrics.databaseConnectionsLimit), POD)),
      0.6,
    ),
    for: '2m',
    severity: 'ticket',
    summary: 'A database works on more than 60 % of the connections that it can have.',
    source: `60 %: ${PRACTICES}`,
  },
  {
    name: 'SlowQueries',
    condition: above(times(sum(rate(metrics.mysqlSlow, '5m'), POD), 300), 5),
    for: '0s',
    severity: 'ticket',
    summary: 'A database had more than five slow queries in five minutes.',
    source: "5 in 5 minutes: Sumo Logic's stock monitor",
  },
  {
    name: 'InnodbLogWaits',
    condition: above(sum(rate(metrics.mysqlLog, '15m', { operation: 'waits' }), POD), 0.1),
    for: '5m',
    severity: 'ticket',
    summary: 'Writes of a database wait for the log buffer.',
    source: `more than 10 in 100 seconds: ${PRACTICES}`,
  },
  {
    name: 'BufferPoolFull',
    condition: above(
      over(max(last(metrics.mysqlPages, { kind: 'data' }), POD), max(last(metrics.mysqlPages, { kind: 'total' }), POD)),
      0.9,
    ),
    for: '30m',
    severity: 'info',
    summary: 'The buffer pool of a database is more than 90 % full: further reads go to disk.',
    source: "90 %: Sumo Logic's stock monitor; usual for data that is larger than the pool",
  },
  ...(
    [
      [
        'BackupStale',
        metrics.backupSuccess,
        26 * HOURS,
        'The last backup is older than 26 hours.',
        'a day and two hours',
      ],
      [
        'BinlogShippingStale',
        metrics.backupBinlog,
        120,
        'Binary logs were shipped more than two minutes ago.',
        'four times the 30 s that may be lost',
      ],
      [
        'RestoreDrillStale',
        metrics.drillSuccess,
        8 * 24 * HOURS,
        'No backup was restored for trial in eight days.',
        'a week and a day',
      ],
    ] as const
  ).map(
    ([name, metric, seconds, summary, source]): Alert => ({
      name,
      condition: above(since(metric), seconds),
      for: '5m',
      severity: name === 'BackupStale' ? 'page' : 'ticket',
      summary,
      source: `own: ${source}`,
      needs: 'backup',
    }),
  ),
  {
    name: 'VolumeBackupStale',
    condition: above(since(metrics.volumeBackupSuccess), 24 * HOURS),
    // one that was configured just now counts from the first backup of the databases until its own first one
    for: '2h',
    severity: 'page',
    summary: "The last complete backup of the app's volumes is older than 26 hours.",
    source: 'own: as of the databases',
    needs: 'volume-backup',
  },
  {
    name: 'BinlogGap',
    condition: above(max(reported(metrics.backupGap, '5m')), 0),
    for: '0s',
    severity: 'page',
    summary: 'Binary logs are missing from the backups: no time after them can be restored until the next full backup.',
    source: 'own: none may be missing',
    needs: 'backup',
  },
];
