import { sleep } from './eventually';
import { codeOf, type Kind, Late, Requests } from './requests';
import type { Visitor } from './visitor';

/** Each gets a quarter of the traffic. */
const KINDS: readonly Kind[] = ['HTTP/1.1 new', 'HTTP/1.1 kept', 'HTTP/2 new', 'HTTP/2 kept'];

/** Results of the requests. */
export interface Tally {
  readonly sent: number;
  readonly ok: number;
  /** All failures that a visitor would notice: `<kind>: <status or error>` and how often. */
  readonly failed: Readonly<Record<string, number>>;
  /** When the first of them were sent, as UTC times, and from which port those that were not answered. */
  readonly examples: readonly string[];
  /** Requests on streams that the server refused unread, sent again. */
  readonly refused: number;
  /** How often a request whose connection was lost under it was sent again. */
  readonly repeated: number;
  /** Seconds between the first and the last of these requests, 0 without any. */
  readonly repeating: number;
  /** Seconds between the first and the last sending of a request that failed, 0 without any. */
  readonly outage: number;
  /** Longest time, in seconds, that this machine kept the traffic itself waiting: what it could not send then, it did not. */
  readonly pause: number;
}

/** Number of failures that are listed with their time. */
const EXAMPLES = 20;
/** Seconds for which a request is sent again: a server that is killed may take some milliseconds to end, and take a new connection meanwhile. */
const PERSISTENCE = 1;
/** Between two of these. */
const PAUSE = 0.05;
/** Longest pause of this process, in seconds, whose requests are made up for. */
const CATCH_UP = 0.25;

/**
 * A steady stream of GETs at a fixed rate, half over new and half over kept connections, half HTTP/1.1 and half HTTP/2.
 */
export class Traffic {
  private sent = 0;
  private ok = 0;
  private readonly failed: Record<string, number> = {};
  private readonly examples: string[] = [];
  private repeated = 0;
  private readonly failing = new Span();
  private readonly repeating = new Span();
  private readonly running = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;
  private readonly requests: Requests;
  private pause = 0;

  /**
   * @param path what is asked for
   * @param rate requests per second
   * @param repeats whether a GET whose connection was lost is sent again over new ones, for a second at most, as browsers do and HTTP
   *   allows (https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2)
   */
  constructor(
    visitor: Visitor,
    path: string,
    rate: number,
    private readonly repeats = false,
  ) {
    this.requests = new Requests(visitor, path);
    let last = performance.now();
    let due = 0;
    this.timer = setInterval(() => {
      const passed = (performance.now() - last) / 1000;
      last += passed * 1000;
      this.pause = Math.max(this.pause, passed);
      due += Math.min(passed, CATCH_UP) * rate;
      while (this.sent < due) this.send(KINDS[this.sent % KINDS.length] ?? 'HTTP/1.1 new');
    }, 5);
  }

  get count(): number {
    return this.sent;
  }

  /** Stops sending and waits for what is under way. */
  async stop(): Promise<Tally> {
    clearInterval(this.timer);
    await Promise.all(this.running);
    this.requests.close();
    const { sent, ok, failed, examples, repeated, pause } = this;
    return {
      sent,
      ok,
      failed,
      examples,
      refused: this.requests.refused,
      repeated,
      repeating: this.repeating.seconds,
      outage: this.failing.seconds,
      pause,
    };
  }

  private send(kind: Kind): void {
    this.sent++;
    const begun = Date.now();
    const fail = (what: string, { port }: { port?: number } = {}): void => {
      this.failed[what] = (this.failed[what] ?? 0) + 1;
      this.failing.add(begun);
      const from = port ? `, from port ${port}` : '';
      if (this.examples.length < EXAMPLES) this.examples.push(`${new Date(begun).toISOString()} ${what}${from}`);
    };
    const tracked: Promise<void> = this.persist(kind, begun)
      .then(
        (status) => (status >= 200 && status < 300 ? this.ok++ : fail(`${kind}: ${status}`)),
        (error: NodeJS.ErrnoException & Partial<Late>) => fail(`${kind}: ${codeOf(error) ?? error.message}`, error),
      )
      .then(() => {
        this.running.delete(tracked);
      });
    this.running.add(tracked);
  }

  private async persist(kind: Kind, begun: number): Promise<number> {
    let end: number | undefined;
    for (let next = kind; ; next = kind.startsWith('HTTP/2') ? 'HTTP/2 new' : 'HTTP/1.1 new') {
      try {
        return await this.requests.send(next);
      } catch (error) {
        if (!this.repeats || error instanceof Late || performance.now() > (end ?? Number.POSITIVE_INFINITY))
          throw error;
        this.repeated++;
        this.repeating.add(begun);
        // at once, then with a pause
        if (end !== undefined) await sleep(PAUSE);
        end ??= performance.now() + PERSISTENCE * 1000;
      }
    }
  }
}

/** From the first to the last of some events. */
class Span {
  private first?: number;
  private last = 0;

  add(time: number): void {
    this.first = Math.min(this.first ?? time, time);
    this.last = Math.max(this.last, time);
  }

  get seconds(): number {
    return this.first === undefined ? 0 : (this.last - this.first) / 1000;
  }
}
