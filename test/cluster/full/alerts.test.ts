import { hasBackup } from '../../../charts/backup';
import { selfSigned } from '../../../commands/secrets/certificates';
import { runNow } from '../support/backups';
import { eventually } from '../support/eventually';
import { config, kubectl, readyPods } from '../support/kubectl';
import { Prometheus } from '../support/prometheus';
import { table } from '../support/table';
import { Visitor } from '../support/visitor';

/** A fault, its repair, and the alerts that must fire. */
interface Fault {
  readonly what: string;
  readonly alerts: readonly string[];
  readonly cause: () => Promise<unknown>;
  /** @default - it mends itself */
  readonly mend?: () => Promise<unknown>;
}

/** Longest time in seconds from a fault to its last alert, and from its end to the last of them resolved. */
const FIRES_WITHIN = 420;
const RESOLVES_WITHIN = 600;
const DAY_MS = 86_400_000;
const LIFE_DAYS = 397;

const SEMI_SYNC = "SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_source_status'";

const rows = [['fault', 'alert', 'fires after', 'resolved after']];
let prometheus: Prometheus;
let visitor: Visitor;
beforeAll(async () => {
  visitor = await Visitor.arrive();
  prometheus = await Prometheus.connect();
});
afterAll(() => {
  prometheus.close();
  console.log(table(rows));
});

const scale = (workload: string, replicas: number): Promise<string> =>
  kubectl(['scale', workload, '-n', config.name, `--replicas=${replicas}`]);

/** Executes a statement on a database, as root. */
const tell = (pod: string, statement: string): Promise<string> =>
  kubectl(
    [
      ...['exec', pod, '-n', config.name, '-c', 'database', '--'],
      ...['mysql', '--defaults-file=/run/threewall/root.cnf', '--skip-column-names', '--batch', '-e', statement],
    ],
    { seconds: 60 },
  );

const firing = async (): Promise<Set<string>> =>
  new Set((await prometheus.query('ALERTS{alertstate="firing"}')).map(({ metric }) => metric.alertname ?? ''));

/**
 * Causes the faults in turn, waits for their alerts, repairs the faults in reverse order, and waits until all alerts
 * are resolved.
 */
async function happens(faults: readonly Fault[]): Promise<void> {
  const wanted = faults.flatMap(({ what, alerts }) => alerts.map((alert) => ({ what, alert })));
  await eventually('none of the alerts fires, whatever was tried before', 180, async () => {
    const before = await firing();
    return wanted.every(({ alert }) => !before.has(alert));
  });
  const fired = new Map<string, number>();
  const resolved = new Map<string, number>();
  const caused = Date.now();
  try {
    for (const { cause } of faults) await cause();
    await eventually(`the alerts of ${faults.map(({ what }) => what).join(', ')} fire`, FIRES_WITHIN, async () => {
      for (const alert of await firing()) if (!fired.has(alert)) fired.set(alert, (Date.now() - caused) / 1000);
      const missing = wanted.filter(({ alert }) => !fired.has(alert));
      if (missing.length > 0) throw new Error(`missing: ${missing.map(({ alert }) => alert).join(', ')}`);
      return true;
    });
  } finally {
    const mended = Date.now();
    const unmended: unknown[] = [];
    for (const { mend } of faults.toReversed()) await mend?.().catch((error: unknown) => unmended.push(error));
    expect(unmended).toEqual([]);
    await eventually(`the alerts are resolved`, RESOLVES_WITHIN, async () => {
      const left = await firing();
      for (const { alert } of wanted)
        if (!left.has(alert) && !resolved.has(alert)) resolved.set(alert, (Date.now() - mended) / 1000);
      const unresolved = wanted.filter(({ alert }) => left.has(alert));
      if (unresolved.length > 0) throw new Error(`left: ${unresolved.map(({ alert }) => alert).join(', ')}`);
      return true;
    });
    const seconds = (of: Map<string, number>, alert: string): string => `${of.get(alert)?.toFixed(0) ?? '-'} s`;
    for (const { what, alert } of wanted) rows.push([what, alert, seconds(fired, alert), seconds(resolved, alert)]);
  }
}

const SECONDS = FIRES_WITHIN + RESOLVES_WITHIN + 60;

test(
  'replication that stops, slow queries, connections at their limit and a certificate that ends raise alerts',
  async () => {
    const secret = JSON.parse(
      await kubectl(['get', 'secret', config.secrets.siteTls, '-n', config.name, '-o', 'json']),
    ) as { data: Record<string, string> };
    const put = (data: Record<string, string>) =>
      kubectl(['patch', 'secret', config.secrets.siteTls, '-n', config.name, '-p', JSON.stringify({ data })]);
    const limit = (await tell('database-1', 'SELECT @@global.max_connections')).trim();
    await happens([
      {
        what: 'a replica stops',
        alerts: ['ReplicaThreadsStopped', 'SemiSyncOff'],
        cause: () => tell('database-1', 'STOP REPLICA'),
        mend: async () => {
          await tell('database-1', 'START REPLICA');
          // a primary that gave up waiting waits again once a replica has confirmed a write, so there has to be one
          await eventually('writes are confirmed again', 60, async () => {
            await visitor.post('/messages', { text: 'after a fault' });
            return (await tell('database-0', SEMI_SYNC)).includes('ON');
          });
        },
      },
      {
        what: 'a certificate of 5 days',
        alerts: ['CertificateEnds'],
        cause: async () => {
          const short = await selfSigned([config.domain], new Date(Date.now() - (LIFE_DAYS - 5) * DAY_MS));
          const base64 = (text: string): string => Buffer.from(text).toString('base64');
          await put({ 'tls.crt': base64(short.certificate), 'tls.key': base64(short.key) });
        },
        mend: () => put({ 'tls.crt': secret.data['tls.crt'] ?? '', 'tls.key': secret.data['tls.key'] ?? '' }),
      },
      {
        what: 'slow queries',
        alerts: ['SlowQueries'],
        cause: () => tell('database-0', `${'SELECT SLEEP(2);'.repeat(8)}`),
      },
      {
        what: 'connections at their limit',
        alerts: ['MysqlConnectionsHigh'],
        cause: () => tell('database-1', 'SET GLOBAL max_connections = 2'),
        // lets root in only when few others are left
        mend: () =>
          eventually('the limit is lifted', 180, () =>
            tell('database-1', `SET GLOBAL max_connections = ${limit}`).then(() => true),
          ),
      },
    ]);
  },
  SECONDS * 1000,
);

test(
  'lost web servers and databases raise alerts',
  async () => {
    const [web, databases] = await Promise.all([readyPods('web'), readyPods('database')]);
    await happens([
      {
        what: 'no web server',
        alerts: ['LbNoAliveBackends', 'TierSilent'],
        cause: () => scale('deployment/web', 0),
        mend: () => scale('deployment/web', web.length),
      },
      {
        what: 'no database',
        alerts: ['NoWritablePrimary', 'MysqlDown', 'AppNotReady'],
        cause: () => scale('statefulset/database', 0),
        mend: async () => {
          await scale('statefulset/database', databases.length);
          await eventually('the start of the databases raises its alert', 180, async () =>
            (await firing()).has('MysqlRestarted'),
          );
          rows.push(['databases start', 'MysqlRestarted', 'seen', '']);
        },
      },
    ]);
  },
  (SECONDS + 180) * 1000,
);

const binlogs = async (): Promise<string[]> =>
  (await tell('database-0', 'SHOW BINARY LOGS'))
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '')
    .filter((name) => name !== '');

(hasBackup(config) ? test : test.skip)(
  'binary logs that were purged before they were stored raise an alert, which a full backup ends',
  async () => {
    await happens([
      {
        what: 'binary logs purged unstored',
        alerts: ['BinlogGap'],
        cause: async () => {
          await scale('deployment/backup-binlogs', 0);
          await eventually('nothing is stored', 120, async () => (await readyPods('backup')).length === 0);
          await visitor.post('/messages', { text: 'never stored' });
          await tell('database-0', 'FLUSH BINARY LOGS');
          await tell('database-0', `PURGE BINARY LOGS TO '${(await binlogs()).at(-1)}'`);
          await scale('deployment/backup-binlogs', 1);
        },
        mend: () => runNow('backup', 300),
      },
    ]);
  },
  SECONDS * 1000,
);
