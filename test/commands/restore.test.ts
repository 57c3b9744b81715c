import { restoreId, restoreTime } from '../../commands/restore/time';

const NOW = Date.parse('2026-03-31T12:00:00Z');

test.each([
  ['latest', 'latest'],
  ['2026-03-31T11:59:59Z', '2026-03-31T11:59:59Z'],
  ['2026-03-31T13:59:59.25+02:00', '2026-03-31T11:59:59.25Z'],
  ['2026-03-31t11:59:59.123456z', '2026-03-31T11:59:59.123456Z'],
])('a restore goes back to %s', (text, expected) => {
  expect(restoreTime(text, NOW)).toBe(expected);
});

test.each([
  [undefined, '--at: is required'],
  ['yesterday', 'must be "latest" or a time with its zone'],
  ['2026-03-31 11:59:59', 'must be "latest" or a time with its zone'],
  ['2026-03-31T11:59:59', 'must be "latest" or a time with its zone'],
  ['2026-02-31T11:59:59Z', 'must be "latest" or a time with its zone'],
  ['2026-03-31T25:59:59Z', 'must be "latest" or a time with its zone'],
  ['2026-03-31T12:00:01Z', 'must not lie in the future'],
])('fails for the time %s', (text, fault) => {
  expect(() => restoreTime(text, NOW)).toThrow(fault);
});

test.each(['20260131t235959z', '20260131t235959z-undo', '20260131t235959z-undo-undo'])('%s may be taken back', (id) => {
  expect(restoreId(id)).toBe(id);
});

test.each([
  '',
  'latest',
  '20260131t235959z;',
  '20260131T235959Z',
  '20260131t235959z\n',
  `20260131t235959z${'-undo'.repeat(7)}`,
])('%j is no id of a restore', (id) => {
  expect(() => restoreId(id)).toThrow('--undo: must be the ID that a restore said at its end');
});
