import { casesOf } from '../../commands/bench/cases';
import { median, paired, spreadOf } from '../../commands/bench/statistics';
import {
  handshakeColumns,
  LATENCY_COLUMNS,
  type Round,
  table,
  throughput,
  throughputColumns,
} from '../../commands/bench/table';

describe('the middle and the spread of values', () => {
  test('are values themselves when their number allows it', () => {
    expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ low: 2, median: 3, high: 4 });
    expect(spreadOf([7])).toEqual({ low: 7, median: 7, high: 7 });
  });

  test('are interpolated otherwise', () => {
    expect(spreadOf([1, 2, 3, 10])).toEqual({ low: 1.75, median: 2.5, high: 4.75 });
  });

  test('are sorted by number, not by text, and leave the values as they are', () => {
    const values = [100, 9, 20];
    expect(median(values)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });

  test('are not a number when there is none', () => {
    expect(median([])).toBeNaN();
  });

  test('of differences within rounds know nothing of what changes between rounds', () => {
    const drift = [10, 60, 20, 45];
    const slower = drift.map((value) => value + 2);
    expect(paired(slower, drift, (one, other) => one - other)).toEqual({ low: 2, median: 2, high: 2 });
  });
});

describe('a table', () => {
  const round = (perSecond: number, p99Milliseconds: number, more: Partial<Round> = {}): Round => ({
    ...{ requests: 2000, failures: 0, perSecond, p50Milliseconds: 1, p99Milliseconds, cpuSeconds: 0.5, resumed: 0 },
    ...{ cpu: [0.1, 0.2], ...more },
  });
  const direct = {
    ...{ what: 'static file', way: 'one web server' },
    rounds: [round(1000, 10), round(2000, 50), round(4000, 20)],
  };
  const whole = {
    ...{ what: 'static file', way: 'whole path', rate: 500.4 },
    rounds: [round(900, 12, { failures: 1 }), round(1000, 49, { failures: 2 }), round(3800, 23)],
  };
  const other = { what: '/whoami', way: 'one app server', rounds: [round(10, 1, { resumed: 0.5 })] };
  const cells = (text: string): string[][] =>
    text.split('\n').map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((c) => c.trim()),
    );

  test('of throughputs compares each way with the first of the same request, round by round', () => {
    const [head, , ...rows] = cells(table([direct, whole, other], throughputColumns(['web', 'app'])));
    expect(head).toEqual([
      ...['request', 'way', 'requests/s', 'of direct', 'p50 ms', 'p99 ms', 'failures'],
      ...['CPU s load', 'CPU s web', 'CPU s app'],
    ]);
    expect(rows).toEqual([
      ['static file', 'one web server', '2000', '1.00', '1.00', '20.00', '0', '0.250', '0.100', '0.200'],
      ['static file', 'whole path', '1000', '0.90', '1.00', '23.00', '3', '0.250', '0.100', '0.200'],
      ['/whoami', 'one app server', '10', '1.00', '1.00', '1.00', '0', '0.250', '0.100', '0.200'],
    ]);
  });

  test('of latencies tells what a way adds, and how sure that is', () => {
    const [head, , first, second] = cells(table([direct, whole], LATENCY_COLUMNS));
    const at = head?.indexOf('p99 added ms (quartiles)') ?? -1;
    expect(first?.[at]).toBe('');
    expect(second?.[at]).toBe('+2.00 (+0.50 to +2.50)');
    expect(second?.[head?.indexOf('asked for') ?? -1]).toBe('500/s');
  });

  test('of handshakes tells how many sessions were resumed', () => {
    const [head, , row] = cells(table([other], handshakeColumns([])));
    expect(row?.[head?.indexOf('resumed') ?? -1]).toBe('0.50');
  });

  test('says with a sign that a way is faster', () => {
    const text = table([direct, { ...whole, rounds: [round(1, 7), round(1, 47), round(1, 17)] }], LATENCY_COLUMNS);
    expect(text).toContain('−3.00 (−3.00 to −3.00)');
  });

  test('can be asked for the throughput that it shows', () => {
    expect(throughput(direct)).toBe(2000);
  });
});

describe('what is measured', () => {
  const addresses = { loadBalancer: '10.0.0.1', web: '10.0.0.2', app: '10.0.0.3', appPort: 8080 };
  const tables = (atATime: number) => Object.values({ ...casesOf(addresses, 'foobar.test', atATime) });
  const every = (atATime: number) => tables(atATime).flat();

  test.each([1, 3, 16])('puts %i requests at a time, in every way alike', (atATime) => {
    for (const { load } of every(atATime)) {
      expect(load.connections * (load.streams ?? 1)).toBeGreaterThanOrEqual(atATime);
      expect(load.connections * (load.streams ?? 1)).toBeLessThan(atATime + 4);
    }
    expect(casesOf(addresses, 'foobar.test', 16).http2[0]?.load).toMatchObject({ connections: 4, streams: 4 });
  });

  test('sends a PROXY header to web servers alone: load balancers make one, app servers know none', () => {
    for (const { load } of every(16)) expect(load.proxyHeader).toBe(load.host === addresses.web);
  });

  test('begins with the direct way of each request', () => {
    for (const cases of tables(16)) {
      for (const what of new Set(cases.map((one) => one.what))) {
        const ways = cases.filter((one) => one.what === what).map(({ way }) => way);
        expect(ways[0]).not.toBe('whole path');
        expect(ways.at(-1)).toBe('whole path');
      }
    }
  });
});
