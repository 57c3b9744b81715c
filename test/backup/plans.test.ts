import { keyOfPiece, logsOf, piecesIn, whole } from '../../charts/backup/agent/binlogs';
import { backupsIn, idOf, keysOf, microseconds, tablesOf, timeOf } from '../../charts/backup/agent/manifest';
import { figuresOf, otlpOf } from '../../charts/backup/agent/metrics';
import { expired } from '../../charts/backup/agent/retention';
import type { Stored } from '../../charts/backup/agent/store';

const DAY = 86_400_000;
const NOW = Date.parse('2026-03-31T12:00:00Z');
const A = 'aaaaaaaa-0000-0000-0000-000000000000';
const B = 'bbbbbbbb-0000-0000-0000-000000000000';

const at = (key: string, written = NOW, size = 10): Stored => ({ key, size, written });
const daysAgo = (days: number) => idOf(new Date(NOW - days * DAY));
const complete = (days: number): Stored[] =>
  Object.values(keysOf(daysAgo(days))).map((key) => at(key, NOW - days * DAY));
const piece = (server: string, file: string, start: number, end: number, days: number): Stored =>
  at(keyOfPiece(server, file, start, end, NOW - days * DAY), NOW - days * DAY);

describe('a backup', () => {
  test('is called after its time', () => {
    expect(idOf(new Date(NOW))).toBe('20260331T120000Z');
    expect(timeOf('20260331T120000Z')).toBe(NOW);
  });

  test('without its manifest, or without its dump, is none', () => {
    const { dump } = keysOf(daysAgo(1));
    const { manifest } = keysOf(daysAgo(2));
    expect(backupsIn([...complete(3), at(dump), at(manifest)]).map(({ id, size }) => [id, size])).toEqual([
      [daysAgo(3), 20],
    ]);
  });

  test('records tables as MySQL prints them, and fails at any other text', () => {
    expect(tablesOf('site\tmessages\t12\t0AFF\n')).toEqual([
      { schema: 'site', table: 'messages', rows: 12, checksum: '0AFF' },
    ]);
    expect(() => tablesOf('ERROR 1146')).toThrow("not a table's record");
  });
});

describe('retention', () => {
  const kept = (objects: Stored[], days: number) => {
    const gone = new Set(expired(objects, days, NOW));
    return objects.filter(({ key }) => !gone.has(key)).map(({ key }) => key);
  };

  test('keeps what a restore to any time of the last days needs', () => {
    const objects = [9, 8, 4, 2, 0].flatMap(complete);
    // a restore to five days ago begins with the backup of eight days ago
    expect(kept(objects, 5)).toEqual([8, 4, 2, 0].flatMap((days) => complete(days).map(({ key }) => key)));
  });

  test('keeps the last good backup however old it is', () => {
    expect(expired(complete(400), 5, NOW)).toEqual([]);
  });

  test('removes a dump without manifest only when it is too old to be growing', () => {
    const [young, old] = [keysOf(daysAgo(0.5)).dump, keysOf(daysAgo(2)).dump];
    expect(expired([...complete(3), at(young, NOW - DAY / 2), at(old, NOW - 2 * DAY)], 5, NOW)).toEqual([old]);
  });

  test('keeps binary logs that a kept backup needs, whole files only', () => {
    const old = [piece(A, 'binlog.000001', 0, 100, 20), piece(A, 'binlog.000001', 100, 200, 19)];
    const across = [piece(A, 'binlog.000002', 0, 100, 19), piece(A, 'binlog.000002', 100, 200, 7.5)];
    const objects = [...complete(8), ...complete(2), ...old, ...across];
    expect(expired(objects, 5, NOW).sort()).toEqual(old.map(({ key }) => key).sort());
    expect(expired(old, 5, NOW)).toEqual([]);
  });
});

describe('binary logs', () => {
  const logs = (...objects: Stored[]) =>
    logsOf(piecesIn(objects)).map(({ server, file, end, gap }) => [server[0], file, end, gap]);

  test('are put together from parts, in order, whatever the order of the parts', () => {
    expect(
      logs(
        piece(B, 'binlog.000001', 0, 50, 1),
        piece(A, 'binlog.000002', 0, 9, 2),
        piece(A, 'binlog.000001', 60, 90, 3),
        piece(A, 'binlog.000001', 0, 60, 4),
      ),
    ).toEqual([
      // the server of the last shipment first
      ['b', 'binlog.000001', 50, undefined],
      ['a', 'binlog.000001', 90, undefined],
      ['a', 'binlog.000002', 9, undefined],
    ]);
  });

  test('take no harm from a part that came twice', () => {
    expect(logs(piece(A, 'f', 0, 60, 4), piece(A, 'f', 0, 80, 4), piece(A, 'f', 80, 90, 3))).toEqual([
      ['a', 'f', 90, undefined],
    ]);
  });

  test('show a gap where a part is missing', () => {
    expect(logs(piece(A, 'f', 0, 60, 4), piece(A, 'f', 70, 90, 3))).toEqual([['a', 'f', 60, 60]]);
    expect(logs(piece(A, 'f', 70, 90, 3))).toEqual([['a', 'f', 0, 0]]);
  });

  test('end at a gap, which hurts only where no other server goes on', () => {
    const older = [piece(A, '1', 0, 9, 9), piece(A, '2', 5, 9, 8), piece(A, '3', 0, 9, 7)];
    const newer = [piece(B, '1', 0, 9, 6)];
    const left = (...objects: Stored[]) => whole(logsOf(piecesIn(objects)));
    expect(left(...older, ...newer).logs.map(({ server, file }) => server[0] + file)).toEqual(['b1', 'a1', 'a2']);
    expect(left(...older, ...newer).broken).toBe('');
    expect(left(...older).broken).toBe(`2 of ${A} has a gap at 0: a part is missing`);
  });
});

describe('figures', () => {
  test('are those of the newest backup and drill; what never was has none', () => {
    expect(figuresOf([])).toEqual({});
    expect(
      figuresOf([...complete(3), ...complete(1), at(`drills/${daysAgo(1)}.json`), at(`drills/${daysAgo(2)}.json`)]),
    ).toEqual({
      backup_last_success_timestamp_seconds: (NOW - DAY) / 1000,
      backup_size_bytes: 20,
      restore_drill_last_success_timestamp_seconds: (NOW - DAY) / 1000,
    });
  });

  test('are gauges with nanoseconds as text', () => {
    expect(JSON.stringify(otlpOf({ backup_size_bytes: 20 }, NOW))).toContain(
      `{"name":"backup_size_bytes","gauge":{"dataPoints":[{"timeUnixNano":"${NOW}000000","asDouble":20}]}}`,
    );
  });
});

test('times are told apart by the microsecond', () => {
  expect(microseconds('2026-03-31T12:00:00.000001Z') - microseconds('2026-03-31T12:00:00Z')).toBe(1);
  expect(microseconds('2026-03-31T12:00:00.25Z') - microseconds('2026-03-31T12:00:00Z')).toBe(250_000);
});
