import type { Write } from './client/journal';
import { handover, longestBurst, percentile, reigns, span, twoAtOnce, writeOutage } from './summary';

let id = 0;
const write = (server: string, sent: number, acknowledged = sent + 10): Write => ({
  id: id++,
  sent,
  acknowledged,
  server,
});
const every = (server: string, from: number, to: number, step = 100): Write[] =>
  Array.from({ length: (to - from) / step }, (_, n) => write(server, from + n * step));

test('a switchover is one change of hands, a late acknowledgement of the old primary included', () => {
  const late = write('a', 990, 1520);
  const writes = [...every('a', 0, 1000), late, ...every('b', 1500, 3000)];
  expect(reigns(writes).map(({ server }) => server)).toEqual(['a', 'b']);
  expect(twoAtOnce(writes)).toBe(0);
});

test('a primary that comes back after an election is no second one', () => {
  const writes = [...every('a', 0, 1000), ...every('b', 1500, 4000), ...every('a', 5000, 6000)];
  expect(reigns(writes).map(({ server }) => server)).toEqual(['a', 'b', 'a']);
  expect(twoAtOnce(writes)).toBe(0);
});

test('fails when two servers acknowledge by turns', () => {
  const writes = [...every('a', 0, 3000), ...every('b', 1050, 2050)];
  expect(twoAtOnce(writes)).toBeGreaterThan(10);
});

test('fails when an old primary acknowledges a single write after the new one has begun', () => {
  const writes = [...every('a', 0, 1000), ...every('b', 1500, 3000), write('a', 2020)];
  expect(twoAtOnce(writes)).toBeGreaterThan(0);
});

test('the outage is the longest time without an acknowledgement through the Service', () => {
  const direct: Write = { ...write('b', 1400), direct: true };
  expect(writeOutage([...every('b', 2000, 3000), ...every('a', 0, 1000), direct])).toBeCloseTo(1.1);
  expect(writeOutage([])).toBe(0);
});

test('a handover lies between two primaries, whatever else holds writes up', () => {
  const writes = [...every('a', 0, 1000), ...every('b', 1500, 3000), ...every('b', 5000, 6000)];
  expect(handover(writes)).toBeCloseTo(0.6);
  expect(writeOutage(writes)).toBeCloseTo(2.1);
  expect(handover([...every('a', 0, 1000), ...every('a', 5000, 6000)])).toBe(0);
  expect(handover([])).toBe(0);
});

test('failed reads lie between the sending of the first and that of the last', () => {
  const failure = (sent: number) => ({ sent, ended: sent + 1000, reason: 'ECONNRESET' });
  expect(span([failure(1500), failure(1000), failure(1200)])).toBe(0.5);
  expect(span([])).toBe(0);
  expect(longestBurst([failure(9000), failure(1000), failure(1900), failure(2700)])).toBe(1.7);
  expect(longestBurst([failure(1000), failure(2000)])).toBe(0);
  expect(longestBurst([])).toBe(0);
});

test('a percentile is a value that occurred', () => {
  expect(percentile([5, 1, 3, 2, 4], 0.5)).toBe(3);
  expect(percentile([5, 1, 3, 2, 4], 0.95)).toBe(5);
});
