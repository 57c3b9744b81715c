import type { Config } from '../../config';
import { asRoot } from '../restore/databases';
import type { Target } from './trouble';

/** The databases as an import finds them. */
export interface Here extends Target {
  /** Tables, views, routines and events of the site's database. */
  readonly objects: number;
  /** It holds the part that a killed import left. */
  readonly part: boolean;
}

/** Older names of `utf8mb3`, which MySQL still reads. */
const ALIASES = ['utf8', 'utf8_general_ci', 'utf8_unicode_ci', 'utf8_bin'];

const asked = (name: string): string => `
SELECT 'packet', @@GLOBAL.max_allowed_packet;
SELECT 'collation', COLLATION_NAME FROM information_schema.COLLATIONS;
SELECT 'charset', CHARACTER_SET_NAME FROM information_schema.CHARACTER_SETS;
SELECT 'objects', (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${name}')
  + (SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '${name}')
  + (SELECT COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${name}');
SELECT 'part', COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${name}' AND TABLE_NAME = 'threewall_import';
`;

/** Asks the primary. @param pod its pod */
export async function hereOf(config: Config, pod: string): Promise<Here> {
  const lines = (await asRoot(config.name, pod, asked(config.database.name)))
    .split('\n')
    .map((line) => line.split('\t'));
  const values = (kind: string): string[] => lines.filter(([one]) => one === kind).map(([, value = '']) => value);
  return {
    database: config.database.name,
    group: config.database.topology === 'group',
    collations: new Set([...values('collation').map((name) => name.toLowerCase()), ...ALIASES]),
    charsets: new Set([...values('charset').map((name) => name.toLowerCase()), ...ALIASES]),
    packet: Number(values('packet')[0]),
    objects: Number(values('objects')[0]),
    part: Number(values('part')[0]) > 0,
  };
}
