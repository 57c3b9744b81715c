import type { Series } from './prometheus';

/** Longest time without a sample between two moments, in seconds; both moments count as its ends. */
export function largestGap({ samples }: Pick<Series, 'samples'>, from: number, to: number): number {
  const times = samples.map(([time]) => time).filter((time) => time > from && time < to);
  const all = [from, ...times, to];
  return Math.max(...all.slice(1).map((time, index) => time - (all[index] ?? time)));
}

/** How much a counter grew from its first sample to its last; a decrease means that it restarted from zero. */
export function growth({ samples }: Pick<Series, 'samples'>): number {
  let last = samples[0]?.[1] ?? 0;
  let sum = 0;
  for (const [, value] of samples) {
    sum += value < last ? value : value - last;
    last = value;
  }
  return sum;
}
