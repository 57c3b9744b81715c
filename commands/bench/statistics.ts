/** The middle of some values and how far they spread: half of them lie between `low` and `high`. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** Quartiles; between two values they are interpolated. NaN when there is none. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const quantile = (share: number): number => {
    const at = share * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN];
    return low + (high - low) * (at % 1);
  };
  return { low: quantile(0.25), median: quantile(0.5), high: quantile(0.75) };
}

/** The middle value. */
export const median = (values: readonly number[]): number => spreadOf(values).median;

/**
 * Compares what was measured in the same round, so that what changes from round to round counts on neither side.
 * @param ones a value of each round
 * @param others of the same rounds
 */
export const paired = (
  ones: readonly number[],
  others: readonly number[],
  compare: (one: number, other: number) => number,
): Spread => spreadOf(ones.map((one, round) => compare(one, others[round] ?? Number.NaN)));
