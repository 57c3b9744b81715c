import { LATE_SECONDS, type Load, type Measured, WARM_UP_SECONDS } from './load';

/** Milliseconds before another attempt, lest a server that is down costs all CPU. */
const PAUSE_MS = 10;
const sleep = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Room for one request at a time: a connection, or one of the streams of a connection. */
export interface Place {
  /** When its request was due, in milliseconds of `performance.now()`; 0 while it has none. */
  since: number;
  /** Sends a request. */
  ask(): void;
}

/** Tells each place when to ask, and counts what comes back. */
export class Meter {
  /** Nothing is asked for or counted any more. */
  over = false;
  /** What is counted, in milliseconds of `performance.now()`. */
  private from = Number.POSITIVE_INFINITY;
  private until = Number.POSITIVE_INFINITY;
  private readonly latencies: number[] = [];
  /** Failures without an answer. */
  private broken = 0;
  private failures = 0;
  private resumed = 0;
  /** After each answer and failure that counts. */
  private onCounted: () => void = () => undefined;
  private readonly idle: Place[] = [];
  /** When requests that wait for a place were due. */
  private readonly due: number[] = [];

  /** @param rate requests per second; left out, every place asks as soon as it can */
  constructor(private readonly rate?: number) {}

  /** The place can ask. */
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

  /** The place is no more; a request that it had has failed. @returns whether it had one */
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

  /** The server has not looked at the place's request and wants it on another connection; it was due when it was. */
  askElsewhere(place: Place): void {
    this.begin(place.since);
    place.since = 0;
  }

  /** Does something again after a pause, because a connection broke. */
  later(again: () => void): void {
    setTimeout(() => this.over || again(), PAUSE_MS);
  }

  /** Lets places ask, and counts after the warm-up. */
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

  /** At a fixed rate what was due meanwhile, or what piled up before would count; else what is answered meanwhile. */
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
