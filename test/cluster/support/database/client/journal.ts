/** A moment: milliseconds since 1970 by the client's clock, which never jumps during a trial. */
export type Moment = number;

/** One acknowledged row, `direct` when it was written past the Service, to prove which servers accept writes. */
export interface Write {
  readonly id: number;
  readonly sent: Moment;
  readonly acknowledged: Moment;
  /** Pod that acknowledged it. */
  readonly server: string;
  readonly direct?: true;
}

/** An attempt that ended without an answer, or with a refusal. A write of that kind may or may not be in the table. */
export interface Failure {
  readonly sent: Moment;
  readonly ended: Moment;
  readonly reason: string;
  /** Pod of the connection; absent when none was reached. */
  readonly server?: string;
}

/** What a server answered when it was asked to write directly, from the first to the last time in a row. */
export interface Sighting {
  readonly server: string;
  /** `writable`, `read-only`, or the error that kept it from answering. */
  readonly state: string;
  readonly from: Moment;
  to: Moment;
}

/** Everything that the client saw of one trial. */
export interface Journal {
  readonly writes: Write[];
  readonly failedWrites: Failure[];
  /** Answered reads by pod. */
  readonly reads: Record<string, number>;
  readonly failedReads: Failure[];
  /** Age, in ms, of what each answered read lacked: 0 when it saw every row that was acknowledged before it was sent. */
  readonly staleness: number[];
  readonly sightings: Sighting[];
  /** Longest time, in ms, for which the client itself stood still. */
  pause: number;
}

/** How much is written, read and watched. */
export interface Pace {
  readonly writers: number;
  /** Of all writers together. */
  readonly writesPerSecond: number;
  readonly readers: number;
  readonly readsPerSecond: number;
  /** Milliseconds between two direct writes to each server. */
  readonly watchEvery: number;
}

/** A server's own answer about itself. */
export interface ServerState {
  readonly server: string;
  /** Why it did not answer; then nothing else is known. */
  readonly error?: string;
  readonly writable?: boolean;
  /** Seconds since its start. */
  readonly uptime?: number;
  /** Members that it sees ONLINE in its group, 0 without a group. */
  readonly online?: number;
  /** `ON` when it receives from a primary. */
  readonly receiver?: string;
}

/** Where the client finds the databases; handed to its pod as JSON in the environment. */
export interface Places {
  readonly primary: string;
  readonly replica: string;
  /** Name in full of every server, by pod. */
  readonly servers: Readonly<Record<string, string>>;
  readonly port: number;
  readonly schema: string;
  readonly caFile: string;
  /** Password files by account. */
  readonly passwordFiles: Readonly<Record<'app' | 'monitoring', string>>;
}
