import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Log, logsOf, piecesIn, whole } from './binlogs';
import { backupsIn, idOf, keysOf, type Manifest, microseconds } from './manifest';
import { figuresOf, push } from './metrics';
import { MARGIN } from './retention';
import { counted, ofText, textOf, unseal } from './seal';
import { type Settings, secret, storeOf } from './settings';
import { untilsIn } from './ship';
import { hear, tell } from './signals';
import type { Store, Stored } from './store';

/** Every transaction: later than any time. */
const EVERYTHING = Number.MAX_SAFE_INTEGER;

/**
 * Brings the newest backup before a time and the binary logs since then to `scratch.sh`.
 * @param at RFC 3339, or `latest`
 */
export async function fetchBackup(settings: Settings, at: string): Promise<{ id: string }> {
  const { work } = settings;
  const store = storeOf(settings);
  const identity = secret(settings, 'identity');
  const objects = await store.list('');
  const cut = at === 'latest' ? EVERYTHING : microseconds(at);
  const { id, manifest } = await newestBefore(store, objects, cut, identity, at);
  const { logs, broken } = await logsSince(store, objects, manifest, cut, at);

  tell(
    work,
    'expected.tsv',
    manifest.tables.map((t) => `${t.schema}\t${t.table}\t${t.rows}\t${t.checksum}\n`).join(''),
  );
  tell(work, 'gtids', manifest.gtids);
  tell(work, 'cut', String(cut));
  tell(work, 'broken', broken);
  await hear(work, 'dump.fifo', 600);
  console.log(`fetches backup ${id} of ${manifest.time}, ${manifest.dump.bytes} bytes`);
  const { data, tally } = counted(unseal(await store.get(keysOf(id).dump), identity));
  await pipeline(data, createWriteStream(join(work, 'dump.fifo')));
  if (tally.bytes !== manifest.dump.bytes || tally.sha256 !== manifest.dump.sha256) {
    throw new Error(`the dump of ${id} is not what its manifest says: ${tally.bytes} of ${manifest.dump.bytes} bytes`);
  }
  await fetchLogs(store, logs, join(work, 'streams'), identity);
  tell(work, 'fetched');
  return { id };
}

async function newestBefore(store: Store, objects: readonly Stored[], cut: number, identity: string, at: string) {
  for (const { id } of backupsIn(objects).toReversed()) {
    if (Date.parse(idToTime(id)) * 1000 > cut) continue;
    const text = await textOf(unseal(await store.get(keysOf(id).manifest), identity)).catch((error) => {
      throw new Error(`manifest of backup ${id}: ${(error as Error).message}`);
    });
    const manifest = JSON.parse(text) as Manifest;
    if (microseconds(manifest.time) <= cut) return { id, manifest };
  }
  throw new Error(at === 'latest' ? 'the store holds no backup' : `the store holds no backup from before ${at}`);
}

const idToTime = (id: string): string => id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');

/** The binary logs that may hold what the backup lacks. @throws Error when they do not reach as far as is wanted */
async function logsSince(store: Store, objects: readonly Stored[], { time }: Manifest, cut: number, at: string) {
  const until = (await untilsIn(store, objects)).at(-1);
  if (at !== 'latest' && microseconds(time) < cut && (!until || microseconds(until.time) < cut)) {
    throw new Error(`the store's binary logs reach until ${until?.time ?? 'nowhere'}, not until ${at}`);
  }
  return whole(logsOf(piecesIn(objects)).filter(({ lastShipped }) => lastShipped >= Date.parse(time) - MARGIN));
}

/** Writes `streams/<n>/<file>`, a folder a server, that of the last shipment first. */
async function fetchLogs(store: Store, logs: readonly Log[], folder: string, identity: string): Promise<void> {
  const servers = [...new Set(logs.map(({ server }) => server))];
  for (const { server, file, pieces } of logs) {
    const stream = join(folder, String(servers.indexOf(server)).padStart(3, '0'));
    mkdirSync(stream, { recursive: true });
    for (const { key } of pieces) {
      const data = Readable.from(unseal(await store.get(key), identity));
      await pipeline(data, createWriteStream(join(stream, file), { flags: 'a' }));
    }
  }
}

/** A drill: what was restored is recorded in the store, and the monitoring is told. */
export async function drill(settings: Settings): Promise<void> {
  const { id } = await fetchBackup(settings, 'latest');
  const result = readFileSync(await hear(settings.work, 'result.json', 6 * 3600), 'utf8');
  const store = storeOf(settings);
  await store.put(`drills/${idOf(new Date())}.json`, ofText(JSON.stringify({ backup: id, ...JSON.parse(result) })));
  await push(settings.collector, figuresOf(await store.list('')));
  console.log(`drill: backup ${id} restored and as recorded: ${result.trim()}`);
}
