import { LATE_SECONDS, WARM_UP_SECONDS } from '../../commands/bench/load/load';
import { Meter, type Place } from '../../commands/bench/load/meter';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const SECONDS = 2;
/** A place that is answered after so many milliseconds. */
function placeOf(meter: Meter, milliseconds: number, good = true): Place {
  const answer = (): void => {
    meter.answered(place, good);
    meter.free(place);
  };
  const place: Place = { since: 0, ask: () => setTimeout(answer, milliseconds) };
  return place;
}

async function measured(meter: Meter, ...places: readonly Place[]) {
  const measurement = meter.measure({ seconds: SECONDS });
  for (const place of places) meter.free(place);
  await jest.advanceTimersByTimeAsync((WARM_UP_SECONDS + SECONDS + LATE_SECONDS) * 1000);
  return await measurement;
}

test('at a fixed rate what was due within the time counts, not the warm-up', async () => {
  const meter = new Meter(50);
  const { requests, perSecond, failures } = await measured(meter, placeOf(meter, 5));
  expect({ requests, perSecond, failures }).toEqual({ requests: 100, perSecond: 50, failures: 0 });
});

test('a latency counts from when a request was due, also while it waits for a place', async () => {
  const meter = new Meter(50);
  // 40 a second at most: the rest waits longer and longer
  const { p50Milliseconds, p99Milliseconds } = await measured(meter, placeOf(meter, 25));
  expect(p50Milliseconds).toBeGreaterThan(25 * 4);
  expect(p99Milliseconds).toBeGreaterThan(p50Milliseconds);
});

test('without a rate each place asks again as soon as it is answered', async () => {
  const meter = new Meter();
  const result = await measured(meter, placeOf(meter, 10), placeOf(meter, 20, false));
  expect(result).toMatchObject({
    requests: 300,
    perSecond: 150,
    failures: 100,
    p50Milliseconds: 10,
    p99Milliseconds: 20,
  });
});

test('a place that is gone with a request is a failure without an answer', async () => {
  const meter = new Meter();
  const silent: Place = { since: 0, ask: () => undefined };
  const measurement = meter.measure({ seconds: SECONDS });
  await jest.advanceTimersByTimeAsync(WARM_UP_SECONDS * 1000 + 1);
  meter.free(silent);
  expect(meter.gone(silent)).toBe(true);
  await jest.advanceTimersByTimeAsync(SECONDS * 1000);
  expect(await measurement).toMatchObject({ requests: 0, failures: 1 });
});

test('a place that waits and is gone is no failure, and gets no request', async () => {
  const meter = new Meter(1);
  const waiting: Place = { since: 0, ask: jest.fn() };
  meter.free(waiting);
  expect(meter.gone(waiting)).toBe(false);
  expect((await measured(meter)).failures).toBe(0);
  expect(waiting.ask).not.toHaveBeenCalled();
});
