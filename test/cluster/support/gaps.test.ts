import { growth, largestGap } from './gaps';

const at = (...times: number[]) => ({ samples: times.map((time) => [time, 0] as const) });
const values = (...list: number[]) => ({ samples: list.map((value, time) => [time, value] as const) });

test('a gap is the longest time between neighbouring samples', () => {
  expect(largestGap(at(0, 10, 20, 50, 60, 70), 0, 70)).toBe(30);
});

test('a series that ends or begins too late has a gap at its end', () => {
  expect(largestGap(at(10, 20), 0, 60)).toBe(40);
  expect(largestGap(at(40, 50), 0, 60)).toBe(40);
  expect(largestGap(at(), 0, 60)).toBe(60);
});

test('samples before and after the time in question hide no gap', () => {
  expect(largestGap(at(-10, 0, 60, 70), 5, 55)).toBe(50);
});

test('a counter that begins again grows by what it counts then', () => {
  expect(growth(values(100, 105, 110))).toBe(10);
  expect(growth(values(100, 105, 3, 4))).toBe(9);
  expect(growth(values())).toBe(0);
});
