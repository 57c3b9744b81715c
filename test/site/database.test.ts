import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { ACQUIRE_TIMEOUT_MS, Database, STATEMENT_TIMEOUT_MS } from '../../site/database';

jest.mock('mysql2/promise', () => ({ __esModule: true, default: { createPool: jest.fn() } }));

const folder = mkdtempSync(join(tmpdir(), 'database-'));
const file = join(folder, 'file');
const createPool = jest.mocked(mysql.createPool);
const refused = Object.assign(new Error('Access denied'), { errno: 1045 });

const connection = { connection: {}, query: jest.fn(), release: jest.fn(), destroy: jest.fn() };
const pool = { getConnection: jest.fn(), end: jest.fn(), pool: { _freeConnections: [] } };

beforeEach(() => {
  jest.resetAllMocks();
  jest.useFakeTimers();
  writeFileSync(file, 'first\n');
  connection.connection = {};
  connection.query.mockResolvedValue([]);
  // the pool opens another then
  connection.destroy.mockImplementation(() => {
    connection.connection = {};
  });
  pool.getConnection.mockResolvedValue(connection);
  pool.end.mockResolvedValue(undefined);
  createPool.mockReturnValue(pool as never);
});
afterEach(() => jest.useRealTimers());
afterAll(() => rmSync(folder, { recursive: true }));

const open = (role: 'primary' | 'replica' = 'primary') =>
  new Database({
    role,
    host: 'database-primary',
    port: 3306,
    database: 'site',
    user: 'app',
    passwordFile: file,
    caFile: file,
    connections: 10,
  });

test('the certificate is verified, and the password has no newline', () => {
  open();
  expect(createPool.mock.calls[0]?.[0]).toMatchObject({
    password: 'first',
    ssl: { ca: 'first\n', rejectUnauthorized: true, verifyIdentity: true },
  });
});

test('a connection gets its session once and goes back after a statement', async () => {
  const database = open();
  for (const _ of [1, 2]) expect(await database.run(async () => [[], undefined])).toEqual([]);
  expect(connection.query).toHaveBeenCalledTimes(1);
  expect(connection.release).toHaveBeenCalledTimes(2);
  expect(connection.destroy).not.toHaveBeenCalled();
});

test('a connection that has served long enough is not used again: another is opened', async () => {
  const database = open();
  await database.run(async () => [[], undefined]);
  jest.advanceTimersByTime(120_001);
  await database.run(async () => [[], undefined]);
  expect(connection.destroy).toHaveBeenCalledTimes(1);
  expect(connection.query).toHaveBeenCalledTimes(2);
});

/** Times at which a reader opens a connection while it reads every half second of so many. */
async function openings(readOnly: 0 | 1, seconds: number): Promise<number> {
  connection.query.mockImplementation(async (sql: string) =>
    sql.startsWith('SELECT') ? [[{ read_only: readOnly }], []] : [],
  );
  const database = open('replica');
  for (let i = 0; i < seconds * 2; i++) {
    await database.run(async () => [[], undefined]);
    jest.advanceTimersByTime(500);
  }
  return connection.query.mock.calls.filter(([sql]) => sql.startsWith('SELECT')).length;
}

test('a reader whose connection leads to the primary opens another within ten seconds, again and again', async () => {
  expect(await openings(0, 60)).toBeGreaterThanOrEqual(6);
});

test('a reader keeps a connection to a replica', async () => {
  expect(await openings(1, 60)).toBe(1);
});

test('fails with an unknown outcome when a statement has no answer, and closes the connection', async () => {
  const answer = expect(open().run(() => new Promise(() => {}))).rejects.toMatchObject({ trouble: 'unknown' });
  await jest.advanceTimersByTimeAsync(STATEMENT_TIMEOUT_MS);
  await answer;
  expect(connection.destroy).toHaveBeenCalledTimes(1);
  expect(connection.release).not.toHaveBeenCalled();
});

test('fails as unreachable when no connection comes, and gives back one that comes late', async () => {
  let arrive = (_: unknown) => {};
  pool.getConnection.mockReturnValue(
    new Promise((resolve) => {
      arrive = resolve;
    }),
  );
  const statement = jest.fn();
  const answer = expect(open().run(statement)).rejects.toMatchObject({ trouble: 'unreachable' });
  await jest.advanceTimersByTimeAsync(ACQUIRE_TIMEOUT_MS);
  await answer;
  arrive(connection);
  await jest.advanceTimersByTimeAsync(0);
  expect(connection.release).toHaveBeenCalledTimes(1);
  expect(statement).not.toHaveBeenCalled();
});

test('fails as read-only at a demoted server, and lets go of all connections to it', async () => {
  const demoted = Object.assign(new Error('--read-only'), { errno: 1290 });
  await expect(open().run(() => Promise.reject(demoted))).rejects.toMatchObject({ trouble: 'read-only' });
  expect(connection.destroy).toHaveBeenCalledTimes(1);
  expect(pool.end).toHaveBeenCalledTimes(1);
  expect(createPool).toHaveBeenCalledTimes(2);
});

test('a rotated password is read from its file when the old one is refused', async () => {
  const database = open();
  writeFileSync(file, 'second\n');
  pool.getConnection.mockRejectedValueOnce(refused);
  expect(await database.run(async () => [[], undefined])).toEqual([]);
  expect(createPool.mock.calls[1]?.[0]).toMatchObject({ password: 'second' });
});

test('fails without a further attempt when the password is refused and its file has not changed', async () => {
  pool.getConnection.mockRejectedValue(refused);
  await expect(open().run(jest.fn())).rejects.toMatchObject({ trouble: 'not-ready' });
  expect(pool.getConnection).toHaveBeenCalledTimes(1);
});
