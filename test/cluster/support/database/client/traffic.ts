import type { Failure, Journal, Pace } from './journal';
import { isReadOnly, now, places, reasonOf, Session, sleep } from './session';

/** Table of a trial. */
export const TABLE = `\`${places.schema}\`.\`database_trial\``;
const WRITE_TIMEOUT_MS = 2500;
const READ_TIMEOUT_MS = 1000;
const WATCH_TIMEOUT_MS = 1000;
const BETWEEN_TRIES_MS = 50;
const LAST = 8e15;

/** Writers and readers through the Services, and one watcher a server past them. */
export class TrialTraffic {
  readonly journal: Journal = {
    writes: [],
    failedWrites: [],
    reads: {},
    failedReads: [],
    staleness: [],
    sightings: [],
    pause: 0,
  };
  private running = true;
  private readonly workers: Promise<void>[];
  private readonly heart: NodeJS.Timeout;
  /** Newest `sent` of all acknowledged rows. */
  private newest = 0;

  constructor(pace: Pace) {
    let beat = now();
    this.heart = setInterval(() => {
      const late = now() - beat - 20;
      this.journal.pause = Math.max(this.journal.pause, late);
      beat = now();
    }, 20);
    const { writers, writesPerSecond, readers, readsPerSecond } = pace;
    this.workers = [
      ...Array.from({ length: writers }, (_, n) => this.write(n + 1, (1000 * writers) / writesPerSecond)),
      ...Array.from({ length: readers }, (_, n) => this.read(n, (1000 * readers) / readsPerSecond)),
      ...Object.keys(places.servers).map((server, n) => this.watch(server, LAST - (n + 1) * 1e9, pace.watchEvery)),
    ];
  }

  async stop(): Promise<Journal> {
    this.running = false;
    await Promise.all(this.workers);
    clearInterval(this.heart);
    return this.journal;
  }

  /** Calls `once` every `period` ms; what falls behind is made up for, up to a second of it. */
  private async regularly(offset: number, period: number, once: () => Promise<void>): Promise<void> {
    await sleep(offset);
    for (let due = now(); this.running; ) {
      await once();
      due = Math.max(due + period, now() - 1000);
      const wait = due - now();
      if (wait > 0) await sleep(wait);
    }
  }

  private async write(writer: number, period: number): Promise<void> {
    let session: Session | undefined;
    let id = writer * 1e9;
    await this.regularly(writer * 7, period, async () => {
      const sent = now();
      try {
        session = await usable(session, places.primary);
        await this.insert(session, ++id, WRITE_TIMEOUT_MS);
      } catch (error) {
        this.journal.failedWrites.push(failure(sent, error, session));
        session?.close();
        session = undefined;
        await sleep(BETWEEN_TRIES_MS);
      }
    });
    session?.close();
  }

  private async insert(session: Session, id: number, ms: number, direct?: true): Promise<void> {
    const sent = now();
    await session.query(`INSERT INTO ${TABLE} (id, sent) VALUES (?, ?)`, [id, sent], ms);
    this.newest = Math.max(this.newest, sent);
    this.journal.writes.push({ id, sent, acknowledged: now(), server: session.server, direct });
  }

  private async read(reader: number, period: number): Promise<void> {
    let session: Session | undefined;
    await this.regularly(reader * 11, period, async () => {
      const sent = now();
      const expected = this.newest;
      try {
        session = await usable(session, places.replica);
        const [row] = await session.query<{ newest: number | null }>(
          `SELECT MAX(sent) AS newest FROM ${TABLE}`,
          [],
          READ_TIMEOUT_MS,
        );
        const { reads, staleness } = this.journal;
        reads[session.server] = (reads[session.server] ?? 0) + 1;
        staleness.push(Math.round(Math.max(0, expected - (row?.newest ?? 0))));
      } catch (error) {
        this.journal.failedReads.push(failure(sent, error, session));
        session?.close();
        session = undefined;
        await sleep(BETWEEN_TRIES_MS);
      }
    });
    session?.close();
  }

  /** Tries to write to one server, and notes whether it did, refused or gave no answer. */
  private async watch(server: string, base: number, period: number): Promise<void> {
    let session: Session | undefined;
    let id = base;
    let last: { server: string; state: string; from: number; to: number } | undefined;
    await this.regularly(0, period, async () => {
      const from = now();
      let state = 'writable';
      try {
        session ??= await Session.open(places.servers[server] ?? server);
        await this.insert(session, ++id, WATCH_TIMEOUT_MS, true);
      } catch (error) {
        state = isReadOnly(error) ? 'read-only' : reasonOf(error);
        if (state !== 'read-only') {
          session?.close();
          session = undefined;
        }
      }
      if (last?.state === state) last.to = now();
      else {
        last = { server, state, from, to: now() };
        this.journal.sightings.push(last);
      }
    });
    session?.close();
  }
}

/** The session, or a new one if it ended while unused. */
async function usable(session: Session | undefined, host: string): Promise<Session> {
  if (session?.open) return session;
  session?.close();
  return Session.open(host);
}

const failure = (sent: number, error: unknown, session?: Session): Failure => ({
  sent,
  ended: now(),
  reason: reasonOf(error),
  server: session?.server,
});
