import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_SHIPPED, keyOfPiece, keyOfUntil, type Log, logsOf, piecesIn, type Until } from './binlogs';
import { type Figures, figuresOf, push } from './metrics';
import { ofText, seal, textOf } from './seal';
import { type Settings, secret, storeOf } from './settings';
import { tell } from './signals';
import type { Store, Stored } from './store';

/** Every server's `Until`, the newest last. */
export async function untilsIn(store: Store, objects: readonly Stored[]): Promise<Until[]> {
  const keys = objects.flatMap(({ key }) => (/^binlogs\/[^/]+\/until\.json$/.test(key) ? [key] : []));
  const texts = await Promise.all(
    keys.map(async (key) => textOf((await store.get(key)) as unknown as AsyncIterable<Uint8Array>)),
  );
  return texts.map((text) => JSON.parse(text) as Until).sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
}

/** Tells `logs.sh` what is in the store already: the last file of each server, and the transactions. */
export async function plan(settings: Settings): Promise<void> {
  const store = storeOf(settings);
  const objects = await store.list('binlogs/');
  const last = new Map(logsOf(piecesIn(objects)).map((log) => [log.server, log.file]));
  tell(settings.work, 'shipped.tsv', [...last].map(([server, file]) => `${server}\t${file}\n`).join(''));
  tell(settings.work, 'covered', (await untilsIn(store, objects)).at(-1)?.gtids ?? '');
}

/** Puts the new bytes of the binary logs that `logs.sh` has fetched into the store. */
export async function ship(settings: Settings): Promise<void> {
  const store = storeOf(settings);
  let shipped: Figures = {};
  try {
    const logs = logsOf(piecesIn(await store.list('binlogs/')));
    const bytes = await shipFiles(settings, store, logs);
    const path = join(settings.work, 'until.json');
    if (!existsSync(path)) {
      console.log(`shipped ${bytes} bytes; the rest follows with the next run`);
      return;
    }
    const text = readFileSync(path, 'utf8');
    const until = JSON.parse(text) as Until;
    await store.put(keyOfUntil(until.server), ofText(text));
    shipped = { backup_binlog_last_shipped_timestamp_seconds: Date.parse(until.time) / 1000 };
    console.log(`shipped ${bytes} bytes of ${until.server}, ${ALL_SHIPPED} ${until.time}`);
  } finally {
    await push(settings.collector, { ...figuresOf(await store.list('').catch(() => [])), ...shipped });
  }
}

async function shipFiles({ work, ...settings }: Settings, store: Store, logs: readonly Log[]): Promise<number> {
  const recipient = secret({ work, ...settings }, 'recipient');
  let bytes = 0;
  for (const server of readdirSync(join(work, 'logs'))) {
    for (const file of readdirSync(join(work, 'logs', server)).sort()) {
      const path = join(work, 'logs', server, file);
      const { size } = statSync(path);
      const start = logs.find((log) => log.server === server && log.file === file)?.end ?? 0;
      if (size < start) {
        throw new Error(
          `${file} of ${server} has ${size} bytes, and ${start} were shipped: its binary logs were reset`,
        );
      }
      if (size === start) continue;
      const data = createReadStream(path, { start, end: size - 1 });
      await store.put(keyOfPiece(server, file, start, size, Date.now()), seal(data, recipient));
      bytes += size - start;
    }
  }
  return bytes;
}
