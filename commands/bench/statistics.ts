/** Median and spread of some values: half of them are between `low` and `high`. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** Quartiles, interpolated between two values. NaN without values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const quantile = (share: number): number => {
    const at = share * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN];
    return low + (high - low) * (at % 1);
  };
  return { low: quantile(0.25), median: quantile(0.5), high: quantile(0.75) };
}

/** The median. */
export const median = (values: readonly number[]): number => spreadOf(values).median;

/**
 * Compares values of the same round, so that changes from round to round cancel out.
 * @param ones a value of each round
 * @param others of the same rounds
 */
export const paired = (
  ones: readonly number[],
  others: readonly number[],
  compare: (one: number, other: number) => number,
): Spread => spreadOf(ones.map((one, round) => compare(one, others[round] ?? Number.NaN)));
