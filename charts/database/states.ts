/** Role of a server for routers and readiness, see scripts/role.lua. */
export type Role = 'primary' | 'replica' | 'leaving' | 'none';

/** A state that a database can be in. */
export interface State {
  readonly role: Role;
  /** One sentence for people; details (a position, an error) are in the readiness event. */
  readonly meaning: string;
}

/**
 * Every state of a database: written by role.sh, reported by `database_state{state="…"}`, used by alerts, and
 * explained in docs/decisions/database-invariants.md. One state at a time.
 */
export const STATES = {
  primary: { role: 'primary', meaning: 'takes writes' },
  yielding: { role: 'primary', meaning: 'the primary takes no writes while a replica is cloned from it' },
  replica: { role: 'replica', meaning: 'follows the primary and answers reads' },
  stopping: { role: 'leaving', meaning: 'the pod is about to stop: gets no new sessions' },
  'catching-up': { role: 'none', meaning: 'has not reached what the primary had when this server started' },
  lagging: { role: 'none', meaning: 'more than 10 s behind the primary' },
  'not-receiving': { role: 'none', meaning: 'the primary refuses this replica, or replication was not started' },
  'not-applying': { role: 'none', meaning: 'a transaction of the primary cannot be applied' },
  'read-only': { role: 'none', meaning: 'is the primary and takes no writes' },
  writable: { role: 'none', meaning: 'is a replica and takes writes' },
  outside: { role: 'none', meaning: 'not ONLINE in the group' },
  minority: { role: 'none', meaning: 'reaches no majority of the group' },
  apart: { role: 'none', meaning: 'holds transactions that the others lack: kept out, its data is kept' },
  'no-accounts': { role: 'none', meaning: 'not all accounts could be made: kept out' },
  silent: { role: 'none', meaning: 'the server does not answer' },
} as const satisfies Record<string, State>;

/** Name of a state. */
export type StateName = keyof typeof STATES;
