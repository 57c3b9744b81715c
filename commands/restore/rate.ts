const MIB = 2 ** 20;
/** A line at least so often, in milliseconds. */
const EVERY_MS = 10_000;

/**
 * Progress in words: how much of how much, how fast, and the time left at that rate.
 * @param now clock in milliseconds
 * @returns for bytes that are there and bytes in all a line, or nothing while the last one is fresh
 */
export function rate(now: () => number = Date.now): (done: number, all: number) => string | undefined {
  const begun = now();
  let printed = begun;
  return (done, all) => {
    if (now() - printed < EVERY_MS || all <= 0) return undefined;
    printed = now();
    const perSecond = (done / (printed - begun)) * 1000;
    const left = perSecond > 0 ? `${Math.ceil((all - done) / perSecond)} s left` : 'no end in sight';
    return `${(done / MIB).toFixed(0)} of ${(all / MIB).toFixed(0)} MiB, ${(perSecond / MIB).toFixed(1)} MiB/s, ${left}`;
  };
}
