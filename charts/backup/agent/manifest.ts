import type { Stored } from './store';

/** A table as it was on the source in the dump's own snapshot. */
export interface Table {
  readonly schema: string;
  readonly table: string;
  readonly rows: number;
  /** XOR of the SHA-256 of every row: hexadecimal, whatever the order of the rows. */
  readonly checksum: string;
}

/** What a backup holds. It is written last: a backup without one is none. */
export interface Manifest {
  /** When the snapshot was taken by the source's clock, RFC 3339 in UTC with microseconds. */
  readonly time: string;
  /** `server_uuid` of the source. */
  readonly server: string;
  /** Transactions that the dump holds. */
  readonly gtids: string;
  readonly version: string;
  /** The dump before compression and encryption. */
  readonly dump: { readonly bytes: number; readonly sha256: string };
  readonly tables: readonly Table[];
}

/** A backup's name from the time of its start: `20260131T235959Z`. */
export const idOf = (time: Date): string => time.toISOString().replace(/[-:]|\.\d+/g, '');

/** The time that a name tells, in milliseconds. */
export const timeOf = (id: string): number =>
  Date.parse(id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

/** Keys of a backup's two objects. */
export const keysOf = (id: string) => ({
  dump: `backups/${id}/dump.sql.gz.age`,
  manifest: `backups/${id}/manifest.json.gz.age`,
});

/** A complete backup in the store. */
export interface Backup {
  readonly id: string;
  /** Of its start, in milliseconds. */
  readonly time: number;
  /** Bytes in the store. */
  readonly size: number;
}

/** The complete backups among objects, oldest first. */
export function backupsIn(objects: readonly Stored[]): Backup[] {
  const sizes = new Map(objects.map(({ key, size }) => [key, size]));
  return objects
    .flatMap(({ key }) => /^backups\/(\d{8}T\d{6}Z)\/manifest\.json\.gz\.age$/.exec(key)?.[1] ?? [])
    .flatMap((id) => {
      const { dump, manifest } = keysOf(id);
      const size = sizes.get(dump);
      return size === undefined ? [] : [{ id, time: timeOf(id), size: size + (sizes.get(manifest) ?? 0) }];
    })
    .sort((a, b) => a.time - b.time);
}

/** The tables that MySQL's client printed, one a line: schema, table, rows, checksum. */
export const tablesOf = (lines: string): Table[] =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [schema = '', table = '', rows = '', checksum = ''] = line.split('\t');
      if (!/^\d+$/.test(rows) || !/^[0-9A-F]*$/.test(checksum)) throw new Error(`not a table's record: ${line}`);
      return { schema, table, rows: Number(rows), checksum };
    });

/** Microseconds of an RFC 3339 time. */
export function microseconds(time: string): number {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  return Math.floor(Date.parse(time) / 1000) * 1_000_000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}
