import { eventually, sleep } from '../eventually';
import { isReady, type Pod } from '../kubectl';
import { table } from '../table';
import type { TrialClient } from './client';
import type { Journal, Pace, Write } from './client/journal';
import type { Fault } from './faults';
import { databasePod, databasePods, serverNames } from './places';
import { percentile, type Summary, summaryOf } from './summary';
import { witness } from './witness';

const RECOVERY_SECONDS = 240;
/** Seconds of undisturbed traffic before and after. */
const CALM_SECONDS = 4;

/** A trial's row. */
export interface Outcome extends Summary {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** Acknowledged rows that some server lacks once all are well. */
  readonly lost: number;
  /** Seconds until every server had its role again, from the fault or, if it was undone, from the repair. */
  readonly recovery: number;
  readonly journal: Journal;
}

/**
 * Waits until every database is ready, has its role and sees the others.
 * @param restarted servers that have to be younger than a moment
 * @returns the present primary
 */
export async function allWell(
  client: TrialClient,
  restarted?: { servers: readonly string[]; since: number },
): Promise<string> {
  const names = await serverNames();
  return eventually('every database is well', RECOVERY_SECONDS, async () => {
    const pods = await databasePods();
    if (pods.filter(isReady).length !== names.length) throw new Error(`ready: ${pods.filter(isReady).length}`);
    const states = await client.states();
    const primary = await client.primary();
    const seconds = restarted ? (Date.now() - restarted.since) / 1000 : 0;
    const well = states.every(
      ({ server, error, writable, online, receiver, uptime = 0 }) =>
        !error &&
        (online === names.length || (online === 0 && (writable || receiver === 'ON'))) &&
        (!restarted?.servers.includes(server) || uptime < seconds + 1),
    );
    if (!primary || !well) throw new Error(JSON.stringify(states));
    return primary;
  });
}

/** Acknowledged rows that a server lacks, once it had time to apply what it received. */
async function lostRows(client: TrialClient, also: readonly Write[] = []): Promise<number> {
  const ids = also.map(({ id }) => id);
  const lost = new Set<number>();
  for (const server of await serverNames()) {
    let missing: number[] = [];
    await eventually(`${server} has every acknowledged row`, 60, async () => {
      missing = await client.missing(server, ids);
      return missing.length === 0;
    }).catch((error) => console.warn(String(error), missing.slice(0, 5)));
    for (const id of missing) lost.add(id);
  }
  return lost.size;
}

/** Writes and reads while `event` happens, then counts. */
export async function underTraffic(
  client: TrialClient,
  name: string,
  event: (primary: string) => Promise<{ recovery: number; also?: Write[] }>,
  pace?: Pace,
): Promise<Outcome> {
  const before = await allWell(client);
  await client.begin(pace);
  let journal: Journal | undefined;
  let result: { recovery: number; also?: Write[] };
  try {
    await sleep(CALM_SECONDS);
    result = await event(before);
    await sleep(CALM_SECONDS);
  } finally {
    journal = await client.end();
  }
  const also = result.also ?? [];
  journal.writes.push(...also);
  const after = await allWell(client);
  const lost = await lostRows(client, also);
  return { name, before, after, lost, recovery: result.recovery, journal, ...summaryOf(journal) };
}

/** One fault that hits the primary, or the victim that `choose` names. */
export const trial = (
  client: TrialClient,
  fault: Fault,
  choose: (primary: string) => Promise<string> = async (primary) => primary,
): Promise<Outcome> =>
  underTraffic(client, fault.name, async (primary) => {
    const victim: Pod = await databasePod(await choose(primary));
    let since = Date.now();
    // a server that is cut off can only be asked from within
    const inside = fault.lasts && !fault.restarts ? witness(victim, fault.lasts - 2) : Promise.resolve([]);
    await fault.strike(victim);
    const struck = since;
    if (fault.mend) {
      await sleep(fault.lasts ?? 0);
      since = Date.now();
      await fault.mend(victim);
    }
    await allWell(client, fault.restarts ? { servers: [victim.metadata.name], since: struck } : undefined);
    return { recovery: (Date.now() - since) / 1000, also: await inside };
  });

/** One trial as JSON: its row, why writes and reads failed, and when a server was what to the client. */
export function inDetail({ journal, ...row }: Outcome): string {
  const reasons: Record<string, number> = {};
  for (const [kind, failures] of [['write', journal.failedWrites] as const, ['read', journal.failedReads] as const])
    for (const { reason } of failures) reasons[`${kind} ${reason}`] = (reasons[`${kind} ${reason}`] ?? 0) + 1;
  const [readsThatFailed, sightings] = [journal.failedReads.slice(0, 40), journal.sightings.slice(0, 40)];
  return JSON.stringify({ ...row, reasons, readsThatFailed, sightings });
}

const HEAD = [
  ...['fault', 'primary', 'who accepted writes', 'acknowledged', 'lost', 'refused'],
  ...['handover s', 'write outage s', 'reads', 'failed reads', 'within s'],
  ...['stale p99 s', 'two at once', 'well after s', 'client paused s'],
];

/** The trials as a table, and their summary. */
export function report(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((o) => [
    ...[o.name, `${o.before} → ${o.after}`.replaceAll('database-', ''), o.hands, o.acknowledged, o.lost, o.refused],
    ...[o.handover.toFixed(2), o.writeOutage.toFixed(2), o.reads, o.failedReads, o.readSpan.toFixed(2)],
    ...[o.staleness.toFixed(2), o.twoAtOnce, o.recovery.toFixed(1), o.pause.toFixed(2)],
  ]);
  const summary = (what: string, values: readonly number[]): string =>
    `${what}: p50 ${percentile(values, 0.5).toFixed(2)}, p95 ${percentile(values, 0.95).toFixed(2)}, max ${Math.max(...values).toFixed(2)}`;
  return [
    table([HEAD, ...rows.map((row) => row.map(String))]),
    `${outcomes.length} trials; lost ${outcomes.reduce((sum, { lost }) => sum + lost, 0)}`,
    summary(
      'handover s',
      outcomes.map((o) => o.handover),
    ),
    summary(
      'write outage s',
      outcomes.map((o) => o.writeOutage),
    ),
    summary(
      'failed reads within s',
      outcomes.map((o) => o.readSpan),
    ),
    summary(
      'well after s',
      outcomes.map((o) => o.recovery),
    ),
  ].join('\n');
}
