import { piecesIn } from './binlogs';
import { backupsIn } from './manifest';
import type { Stored } from './store';

const DAY = 86_400_000;

/** A dump from a replica may lack what its primary had logged shortly before: logs this much older than a backup are kept. */
export const MARGIN = DAY;

/** A dump without its manifest may still be growing when it is younger than that. */
const ABANDONED = DAY;

/**
 * Keys that may go. A backup stays while a restore to any time of the last `days` needs it: so the newest one older than
 * that stays as well, and the newest of all in any case. Binary logs stay while a kept backup needs them, whole files only.
 * @param now milliseconds
 */
export function expired(objects: readonly Stored[], days: number, now: number): string[] {
  const backups = backupsIn(objects);
  const horizon = now - days * DAY;
  const base = backups.findLast(({ time }) => time <= horizon) ?? backups[0];
  const kept = new Set(backups.filter(({ time }) => base === undefined || time >= base.time).map(({ id }) => id));
  const complete = new Set(backups.map(({ id }) => id));
  const dumps = objects.flatMap(({ key, written }) => {
    const id = /^backups\/([^/]+)\//.exec(key)?.[1];
    if (id === undefined || kept.has(id)) return [];
    return complete.has(id) || written < now - ABANDONED ? [key] : [];
  });
  return [...dumps, ...(base ? oldLogs(objects, base.time - MARGIN) : []), ...oldRecords(objects, horizon)];
}

function oldLogs(objects: readonly Stored[], before: number): string[] {
  const pieces = piecesIn(objects);
  const last = new Map<string, number>();
  const id = ({ server, file }: { server: string; file: string }) => `${server}/${file}`;
  for (const piece of pieces) last.set(id(piece), Math.max(last.get(id(piece)) ?? 0, piece.shipped));
  return pieces.filter((piece) => (last.get(id(piece)) ?? 0) < before).map(({ key }) => key);
}

/** Results of drills; the newest one stays, it is a figure of the monitoring. */
function oldRecords(objects: readonly Stored[], before: number): string[] {
  const drills = objects.filter(({ key }) => key.startsWith('drills/'));
  return drills.filter(({ written }, i) => written < before && i < drills.length - 1).map(({ key }) => key);
}
