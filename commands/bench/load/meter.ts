import { LATE_SECONDS, type Load, type Measured, WARM_UP_SECONDS } from './load';

/** Milliseconds before another attempt, so that a server that is down does not cost all CPU. */
const PAUSE_MS = 10;
const sleep = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** A slot for one request: a connection, or one of its streams. */
export interface Place {
  /** When its request was due, in milliseconds of `performance.now()`; 0 while it has none. */
  since: number;
  /** Sends a request. */
  ask(): void;
}

/** Tells each slot when to send, and counts the results. */
export class Meter {
  /** No request is sent or counted any more. */
  over = false;
  /** Counted interval, in milliseconds of `performance.now()`. */
  private from = Number.POSITIVE_INFINITY;
  private until = Number.POSITIVE_INFINITY;
  private readonly latencies: number[] = [];
  /** Failures without a response. */
  private broken = 0;
  private failures = 0;
  private resumed = 0;
  /** Called after each counted response and failure. */
  private onCounted: () => void = () => undefined;
  private readonly idle: Place[] = [];
  /** Due times of requests that wait for a slot. */
  private readonly due: number[] = [];

  /** @param rate requests per second; if omitted, every slot sends as soon as it can */
  constructor(private readonly rate?: number) {}

  /** The slot is free. */
  free(place: Place): void {
    if (this.over) return;
    const since = this.due.shift() ?? (this.rate ? undefined : performance.now());
    if (since === undefined) this.idle.push(place);
    else start(place, since);
  }

  /** @param good status 200 */
  answered(place: Place, good: boolean, resumed = false): void {
    if (this.counts(place)) {
      this.latencies.push(performance.now() - place.since);
      if (!good) this.failures++;
      if (resumed) this.resumed++;
      this.onCounted();
    }
    place.since = 0;
  }

  /** The slot is lost, and its request has failed. @returns whether it had one */
  gone(place: Place): boolean {
    const asked = place.since > 0;
    if (asked && this.counts(place)) {
      this.broken++;
      this.failures++;
      this.onCounted();
    }
    place.since = 0;
    const at = this.idle.indexOf(place);
    if (at >= 0) this.idle.splice(at, 1);
    return asked;
  }

  /** The server has not processed the slot's request and expects it on another connection; its due time stays. */
  askElsewhere(place: Place): void {
    this.begin(place.since);
    place.since = 0;
  }

  /** Retries something after a pause, because a connection broke. */
  later(again: () => void): void {
    setTimeout(() => this.over || again(), PAUSE_MS);
  }

  /** Lets slots send, and counts after the warm-up. */
  async measure({ seconds, requests: enough }: Pick<Load, 'seconds' | 'requests'>): Promise<Measured> {
    const pace = this.rate ? this.keepPace(this.rate) : undefined;
    await sleep(WARM_UP_SECONDS);
    this.from = performance.now();
    const cpu = process.cpuUsage();
    if (enough === undefined) {
      this.until = this.from + seconds * 1000;
      await sleep(seconds);
    } else {
      await new Promise<void>((resolve) => {
        this.onCounted = () => this.latencies.length + this.broken >= enough && resolve();
      });
    }
    const { user, system } = process.cpuUsage(cpu);
    if (this.rate && enough === undefined) await sleep(LATE_SECONDS);
    const spent = enough === undefined ? seconds : (performance.now() - this.from) / 1000;
    this.over = true;
    clearInterval(pace);
    const requests = this.latencies.length;
    this.latencies.sort((a, b) => a - b);
    const quantile = (q: number): number => this.latencies[Math.floor(q * (requests - 1))] ?? Number.NaN;
    return {
      requests,
      failures: this.failures,
      perSecond: requests / spent,
      p50Milliseconds: quantile(0.5),
      p99Milliseconds: quantile(0.99),
      cpuSeconds: (user + system) / 1e6,
      resumed: requests > 0 ? this.resumed / requests : 0,
    };
  }

  /**
   * At a fixed rate, counts requests due in the interval, because a backlog from before must not count; otherwise
   * responses in the interval.
   */
  private counts({ since }: Place): boolean {
    const at = this.rate ? since : performance.now();
    return at >= this.from && at < this.until;
  }

  private keepPace(rate: number): NodeJS.Timeout {
    const begin = performance.now();
    let sent = 0;
    return setInterval(() => {
      const all = ((performance.now() - begin) * rate) / 1000;
      while (sent < all) this.begin(begin + (sent++ * 1000) / rate);
    }, 1);
  }

  private begin(since: number): void {
    const place = this.idle.shift();
    if (place) start(place, since);
    else this.due.push(since);
  }
}

function start(place: Place, since: number): void {
  place.since = since;
  place.ask();
}
