import { existsSync } from 'node:fs';
import { hasBackup } from '../../../charts/backup';
import { selectorOf } from '../../../charts/names';
import type { Config } from '../../../config';
import { applyTier } from './apply';
import { dropKept, endRestore, primary, restore, runNow, sql } from './backups';
import { sleep } from './eventually';
import { config, kubectl, secretValue } from './kubectl';
import { doorTo, type Program, removeProgram } from './program';
import { table } from './table';
import { rfc3339, secondBefore } from './writer';

type Store = NonNullable<Config['backup']>['store'];

const TABLE = 'site.store_trial';
const SECRET = `${config.secrets.backup}-store-trial`;
/** Text of each row, which no object of a store may contain. */
export const MARK = 'only-its-owner-may-read-this';

/**
 * The program of a store, a static one of this machine.
 * @param store that it is, for the log
 * @param variable of the environment that has its path
 * @param program its name
 * @returns its path, and `test` where there are backups and the program is there; else `test.skip`, once the log says why
 */
export function storeProgram(store: string, variable: string, program: string): { binary: string; given: jest.It } {
  const binary = process.env[variable] ?? '';
  const reason = !hasBackup(config)
    ? 'there are no backups'
    : binary === ''
      ? `${variable} names no ${program}`
      : existsSync(binary)
        ? ''
        : `${binary}, which ${variable} names, is not there`;
  if (reason === '') return { binary, given: test };
  console.log(`${store} is not tried: ${reason}`);
  return { binary: '', given: test.skip };
}

/** The backups of the site under test go into another store, which runs in the cluster. */
export class StoreTrial {
  private readonly rows: string[][] = [['step', 'value']];
  private written = 0;

  private constructor(private readonly program: Pick<Program, 'name' | 'namespace' | 'port'>) {}

  /** @param keys of the Secret, beside the password */
  static async begin(
    program: Pick<Program, 'name' | 'namespace' | 'port'>,
    store: Store,
    keys: Readonly<Record<string, string>>,
  ): Promise<StoreTrial> {
    if (!hasBackup(config)) throw new Error('there are no backups');
    const trial = new StoreTrial(program);
    const password = await secretValue(config.name, config.secrets.backup, 'password');
    const secret = {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: SECRET, namespace: config.name } },
      stringData: { password, ...keys },
    };
    for (const object of [secret, doorTo(program, config.name, selectorOf('backup', config))])
      await kubectl(['apply', '-f', '-'], { input: JSON.stringify(object) });
    const secrets = { ...config.secrets, backup: SECRET };
    const made = `DROP TABLE IF EXISTS ${TABLE}; CREATE TABLE ${TABLE} (id INT PRIMARY KEY, text TEXT);`;
    try {
      await backUpAs({ ...config, secrets, backup: { ...config.backup, store } });
      await sql(await primary(), made);
    } catch (error) {
      await trial.end();
      throw error;
    }
    return trial;
  }

  /** Prints what was noted, and leaves the site as it was: its own store has a backup of it. */
  async end(): Promise<void> {
    console.log(table(this.rows));
    await sql(await primary(), `DROP TABLE IF EXISTS ${TABLE}, ${TABLE}_large;`);
    await dropKept();
    await backUpAs(config);
    await kubectl(['delete', 'networkpolicy', `${this.program.name}-trial`, '-n', config.name, '--ignore-not-found']);
    await kubectl(['delete', 'secret', SECRET, '-n', config.name, '--ignore-not-found']);
    await removeProgram(this.program.namespace);
    await runNow('backup', 300);
  }

  note(step: string, value: string): void {
    this.rows.push([step, value]);
  }

  /** Changes a key of the Secret. */
  async give(key: string, value: string): Promise<void> {
    const patch = JSON.stringify({ stringData: { [key]: value } });
    await kubectl(['patch', 'secret', SECRET, '-n', config.name, '--type=merge', '-p', patch]);
  }

  /** A hundred rows more. */
  async fill(): Promise<void> {
    const numbers = `WITH RECURSIVE n (i) AS (SELECT ${this.written + 1} UNION ALL SELECT i + 1 FROM n WHERE i < ${this.written + 100})`;
    await sql(await primary(), `INSERT INTO ${TABLE} ${numbers} SELECT i, '${MARK}' FROM n;`);
    this.written += 100;
  }

  /** Data that no program can make smaller. */
  async enlarge(mebibytes: number): Promise<void> {
    const pod = await primary();
    await sql(pod, `CREATE TABLE IF NOT EXISTS ${TABLE}_large (id INT PRIMARY KEY AUTO_INCREMENT, b MEDIUMBLOB);`);
    const row = `INSERT INTO ${TABLE}_large (b) SELECT RANDOM_BYTES(1024) FROM information_schema.COLUMNS LIMIT 1024;`;
    for (let i = 0; i < mebibytes; i++) await sql(pod, row);
  }

  /** The command brings a dropped table back, to the second. */
  async restoresDropped(): Promise<void> {
    // the second that the wanted time leaves out
    await sleep(1.5);
    const [time = ''] = await sql(await primary(), `SELECT UTC_TIMESTAMP(6); DROP TABLE ${TABLE};`);
    const before = Date.now();
    const { code, text } = await restore(1200, '--at', secondBefore(rfc3339(time)), '--yes');
    const seconds = (Date.now() - before) / 1000;
    await endRestore(text);
    expect([code, text]).toEqual([0, expect.stringContaining('the databases are as they were at')]);
    const ids = await sql(await primary(), `SELECT id FROM ${TABLE} ORDER BY id`);
    expect(ids.map(Number)).toEqual(Array.from({ length: this.written }, (_, i) => i + 1));
    this.note('restore of a dropped table', `${seconds.toFixed(0)} s, ${this.written} of ${this.written} rows`);
  }
}

/** Backups go where a configuration says. */
async function backUpAs(wanted: Config): Promise<void> {
  await applyTier('backup', wanted);
  const args = ['rollout', 'status', 'deployment/backup-binlogs', '-n', config.name, '--timeout=240s'];
  await kubectl(args, { seconds: 250 });
}

/** A backup, binary logs, a drill and a restore go through a store. */
export async function thereAndBack(trial: StoreTrial): Promise<void> {
  await trial.fill();
  const full = await runNow('backup', 240);
  expect(full.log).toMatch(/backup of [-0-9: ]+ is stored/);
  trial.note('full backup', `${full.seconds.toFixed(0)} s`);
  await trial.fill();
  const drill = await runNow('backup-drill', 300);
  expect(drill.log).toMatch(/give what the database held/);
  trial.note('drill', `${drill.seconds.toFixed(0)} s`);
  await trial.fill();
  await trial.restoresDropped();
}
