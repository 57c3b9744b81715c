import { createReadStream, readFileSync } from 'node:fs';
import { idOf, keysOf, type Manifest, tablesOf } from './manifest';
import { figuresOf, push } from './metrics';
import { expired } from './retention';
import { counted, ofText, seal } from './seal';
import { type Settings, secret, storeOf } from './settings';
import { hear } from './signals';

const DAY = 86_400_000;

/** Packs and encrypts what `dump.sh` writes, puts it into the store, and says last what it is. Then old ones go. */
export async function backup(settings: Settings): Promise<void> {
  const { work, retentionDays, collector } = settings;
  const store = storeOf(settings);
  const recipient = secret(settings, 'recipient');
  await store.tidy(Date.now() - DAY);

  const source = JSON.parse(readFileSync(await hear(work, 'source.json', 600), 'utf8')) as Omit<
    Manifest,
    'dump' | 'tables'
  >;
  const id = idOf(new Date(source.time));
  const keys = keysOf(id);
  const { data, tally } = counted(createReadStream(`${work}/dump.fifo`));
  try {
    const size = await store.put(keys.dump, seal(data, recipient));
    // the end of the stream may be that of a dump that broke off: only the other container knows
    const tables = tablesOf(readFileSync(await hear(work, 'tables.tsv', 6 * 3600), 'utf8'));
    const manifest: Manifest = { ...source, dump: { bytes: tally.bytes, sha256: tally.sha256 }, tables };
    await store.put(keys.manifest, seal(ofText(JSON.stringify(manifest)), recipient));
    console.log(`backup ${id}: ${tables.length} tables, ${tally.bytes} bytes, ${size} in the store, of ${source.time}`);
  } catch (error) {
    await store.remove([keys.dump]).catch(() => undefined);
    throw error;
  }

  const old = expired(await store.list(''), retentionDays, Date.now());
  await store.remove(old);
  if (old.length > 0)
    console.log(`removed ${old.length} objects that no restore to the last ${retentionDays} days needs`);
  await push(collector, figuresOf(await store.list('')));
}
