import type { Database } from '../../site/database';
import { DatabaseTrouble, type Trouble } from '../../site/errors';
import { MysqlStore } from '../../site/store';

type Reply = Trouble | Record<string, unknown>[] | { insertId: number };

/** One side that gives its replies in order, the last one again and again. */
function side(...replies: Reply[]) {
  const run = jest.fn(async () => {
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    if (typeof reply === 'string') throw new DatabaseTrouble(reply, undefined);
    return reply;
  });
  return { run, renew: jest.fn() };
}

function storeOf(writer: ReturnType<typeof side>, reader: ReturnType<typeof side>) {
  const onFallback = jest.fn();
  const onLoss = jest.fn();
  const store = new MysqlStore(writer as unknown as Database, reader as unknown as Database, onFallback, onLoss);
  return { store, onFallback, onLoss };
}

const plain = { after: 0, limit: 10, last: false, consistent: false };
const consistent = { ...plain, consistent: true };
const row = { read_only: 0, id: 7, text: 'hello', created_at: '2026-01-02 03:04:05.678000' };
const nothing = { read_only: 0, id: null, text: null, created_at: null };

test('a plain read goes to the reader alone, and times are ISO 8601 in UTC', async () => {
  const writer = side([row]);
  const { store } = storeOf(writer, side([{ ...row, read_only: 1 }]));
  expect(await store.find(plain)).toEqual({
    from: 'reader',
    messages: [{ id: 7, text: 'hello', createdAt: '2026-01-02T03:04:05.678Z' }],
  });
  expect(writer.run).not.toHaveBeenCalled();
});

test('no message is an empty list', async () => {
  expect((await storeOf(side([nothing]), side([nothing])).store.find(consistent)).messages).toEqual([]);
});

test('the writer serves reads while the reader is lost, which is counted; the reader then rests', async () => {
  const reader = side('unreachable');
  const { store, onFallback, onLoss } = storeOf(side([row]), reader);
  expect((await store.find(plain)).from).toBe('writer');
  expect((await store.find(plain)).from).toBe('writer');
  expect([onFallback, onLoss, reader.run].map(({ mock }) => mock.calls.length)).toEqual([2, 1, 1]);
});

test('a busy reader does not pass its load on to the writer', async () => {
  const writer = side([row]);
  await expect(storeOf(writer, side('busy')).store.find(plain)).rejects.toMatchObject({ trouble: 'busy' });
  expect(writer.run).not.toHaveBeenCalled();
});

test('a plain read asks both sides in turn while both are away for a moment', async () => {
  const [writer, reader] = [side('unreachable', 'unreachable', [row]), side('unknown', 'not-ready', 'unreachable')];
  expect((await storeOf(writer, reader).store.find(plain)).from).toBe('writer');
  expect([writer, reader].map(({ run }) => run.mock.calls.length)).toEqual([3, 3]);
});

test('a plain read ends when both sides stay away', async () => {
  await expect(storeOf(side('unknown'), side('unreachable')).store.find(plain)).rejects.toThrow(DatabaseTrouble);
});

test('a consistent read is tried once more on another connection', async () => {
  const { store, onFallback } = storeOf(side('unknown', [row]), side([row]));
  expect((await store.find(consistent)).messages).toHaveLength(1);
  expect(onFallback).not.toHaveBeenCalled();
});

test('fails when a consistent read meets a demoted primary, and lets go of its connections', async () => {
  const writer = side([{ ...row, read_only: 1 }]);
  await expect(storeOf(writer, side([row])).store.find(consistent)).rejects.toMatchObject({ trouble: 'read-only' });
  expect(writer.renew).toHaveBeenCalledTimes(2);
});

test('a write is answered with its id', async () => {
  expect(await storeOf(side({ insertId: 9 }), side('busy')).store.add('a')).toMatchObject({ id: 9, text: 'a' });
});

test('fails without a second attempt when a write has no answer', async () => {
  const writer = side('unknown', { insertId: 9 });
  await expect(storeOf(writer, side([row])).store.add('a')).rejects.toMatchObject({ trouble: 'unknown' });
  expect(writer.run).toHaveBeenCalledTimes(1);
});

test('the table is created only when it is missing', async () => {
  const present = side([]);
  await storeOf(present, side([])).store.prepare();
  expect(present.run).toHaveBeenCalledTimes(1);
  const missing = side('not-ready', []);
  await storeOf(missing, side([])).store.prepare();
  expect(missing.run).toHaveBeenCalledTimes(2);
});

test('one side that answers is enough to be ready', async () => {
  await storeOf(side('unreachable'), side([{ 1: 1 }])).store.ping();
  await expect(storeOf(side('unreachable'), side('unreachable')).store.ping()).rejects.toThrow();
});
