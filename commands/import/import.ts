import { createHash, randomBytes } from 'node:crypto';
import { hasBackup } from '../../charts/backup';
import type { Config } from '../../config';
import { bytes, storageQuantity } from '../../config/fields';
import { ClusterError, clusterName, serverVersion } from '../cluster/kubectl';
import { UsageError } from '../command';
import { confirm } from '../confirm';
import { environment } from '../environment';
import { databasePods, primaryOf } from '../restore/databases';
import { ensureJob, jobDone, logOf, running } from '../restore/job';
import { makeApplier } from './applier';
import { type Facts, factsOfServer } from './facts';
import { ask, followed } from './follow';
import { followTroubles } from './followable';
import { create, finish, isReleased, log, receiverOf, remove } from './job';
import { IMPORT, type Plan } from './objects';
import { isPlainName, peerOf, sourceOf } from './source';
import { type Here, hereOf } from './target';
import { listOf, type Troubles, troublesOf } from './trouble';
import { type Dump, readDump, readDumpFile, release, sendFile, sendStream } from './upload';
import type { Wish } from './wish';

/** Space for statements of a server that is followed, in bytes. */
const ROOM = 2 ** 31;

const shortOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** Brings a database into that of the site. @returns exit code */
export async function importData(name: string | undefined, wish: Wish): Promise<number> {
  const chosen = environment(name);
  const { config } = chosen;
  if (!storageQuantity.safeParse(wish.room).success)
    throw new UsageError(`--room: must be a size like "20Gi", got "${wish.room}"`);
  // needs no cluster, and takes the longest
  const dump = wish.file !== undefined && wish.file !== '-' ? await readDumpFile(wish.file) : undefined;
  await serverVersion();
  const pods = await databasePods(config);
  if (pods.length === 0) throw new ClusterError(`${config.name} has no databases; run \`npm run up\` first`);
  const primary = await primaryOf(config.name, pods);
  if (wish.ask) return ask(chosen.name, config, wish.timeout, primary, wish.ask);
  const here = await hereOf(config, primary);
  return new Import(chosen.name, config, wish, here, primary).run(dump);
}

/** One import, from its list to its end. */
class Import {
  constructor(
    /** Name of the environment. */
    private readonly name: string,
    private readonly config: Config,
    private readonly wish: Wish,
    private readonly here: Here,
    /** Pod of the primary. */
    private readonly primary: string,
  ) {}

  async run(dump: Dump | undefined): Promise<number> {
    const { config, wish } = this;
    if (wish.from !== undefined) return this.fromServer(wish.from);
    if (dump) {
      const what = dump.sha256.slice(0, 16);
      const under = await this.underWay(what);
      const judged = this.judged(dump.facts);
      if (wish.check || judged) return judged;
      if (!under) await this.agree();
      const plan = this.plan({
        what,
        from: dump.facts.databases[0] ?? '',
        room: dump.size,
        longest: dump.facts.longest,
      });
      const job = under ?? (await create(config, plan));
      const receiver = await receiverOf(config, job);
      if (!under) await this.keep(job);
      if (!(await isReleased(config, job))) {
        await sendFile(receiver, wish.file ?? '', dump, log);
        await release(receiver, dump);
      }
      return finish(config, wish.timeout, job);
    }
    if (wish.check) return this.judged((await readDump(process.stdin)).facts);
    await this.underWay('stdin');
    await this.agree();
    const room = bytes(wish.room);
    const job = await create(config, this.plan({ what: 'stdin', from: config.database.name, room, longest: 0 }));
    const receiver = await receiverOf(config, job);
    const sent = await sendStream(receiver, process.stdin).catch(async (error) => {
      await remove(config, job);
      throw error;
    });
    const judged = this.judged(sent.facts);
    if (judged) {
      await remove(config, job);
      return judged;
    }
    await this.keep(job);
    await release(receiver, sent);
    return finish(config, wish.timeout, job);
  }

  private async fromServer(secret: string): Promise<number> {
    const { config, wish } = this;
    const source = await sourceOf(config.name, secret, config.database.name);
    const what = shortOf(`${secret} ${source.host} ${source.database}${wish.follow ? ' follow' : ''}`);
    const end = (job: string): Promise<number> =>
      wish.follow ? followed(this.name, config, wish.timeout, job) : finish(config, wish.timeout, job);
    const under = await this.underWay(what);
    if (under) return end(under);
    const peer = await peerOf(source, config.name, this.primary);
    const follow = wish.follow ? randomBytes(24).toString('base64url') : undefined;
    const room = follow ? ROOM : 0;
    const plan = this.plan({ what, from: source.database, room, longest: 0, source: { ...source, peer }, follow });
    const check = await create(config, { ...plan, name: `${plan.name}-check`, mode: 'check' });
    let lines: string[];
    try {
      await jobDone(config.name, check, 300);
      const text = await logOf(config.name, check);
      lines = text.split('\n').flatMap((line) => (line.startsWith('[fact] ') ? [line.slice(7)] : []));
    } finally {
      await remove(config, check);
    }
    const facts = factsOfServer(lines, source.database);
    const judged = this.judged(facts, wish.follow ? followTroubles(lines, facts) : undefined);
    if (wish.check || judged) return judged;
    await this.agree();
    await this.keep(plan.name);
    if (follow) await makeApplier(config, this.primary, follow, wish.timeout);
    return end(await create(config, plan));
  }

  /** Prints the list. @returns exit code: 2 with a line that stops */
  private judged(facts: Facts, more: Troubles = { stops: [], notes: [] }): number {
    const own = troublesOf(facts, this.here);
    const stops = [...own.stops, ...more.stops];
    const notes = [...own.notes, ...more.notes];
    const count = facts.tables.length;
    console.log(`${count} table${count === 1 ? '' : 's'}; ${stops.length + notes.length || 'nothing'} to know:`);
    if (stops.length + notes.length > 0) console.log(listOf({ stops, notes }));
    if (stops.length === 0) return 0;
    console.error(
      `error: ${stops.length === 1 ? 'a line' : `${stops.length} lines`} of the list: nothing was imported`,
    );
    return 2;
  }

  /** The Job of the same import that is under way. @throws ClusterError for another one */
  private async underWay(what: string): Promise<string | undefined> {
    const [found] = await running(this.config.name, IMPORT);
    if (!found || this.wish.check) return undefined;
    if (found.label === what && what !== 'stdin') {
      console.log(`goes on with job ${found.name}`);
      return found.name;
    }
    throw new ClusterError(
      `another import is under way, job ${found.name}: wait for it, or end it: kubectl delete job ${found.name} -n ${this.config.name}`,
    );
  }

  /** Asks, once it is clear that the database may take it. */
  private async agree(): Promise<void> {
    const { config, here, wish } = this;
    const { name } = config.database;
    if (here.objects > 0 && !here.part && !wish.replace) {
      throw new UsageError(
        `database ${name} holds ${here.objects} tables, views, routines and events: --replace removes them; nothing was changed`,
      );
    }
    if (this.replaces() && !hasBackup(config)) {
      throw new UsageError(
        `--replace: there is no section backup that would keep what database ${name} holds; empty it yourself, or configure backups`,
      );
    }
    const database = `the database ${name} of ${config.name} in ${await clusterName()}`;
    const question = this.replaces() ? `This replaces all that ${database} holds.` : `This fills ${database}.`;
    if (wish.yes) console.log(question);
    else await confirm(question, config.name);
  }

  private replaces(): boolean {
    return this.here.objects > 0 && !this.here.part;
  }

  /** A backup of what will be replaced. */
  private async keep(job: string): Promise<void> {
    if (!this.replaces()) return;
    const { name } = this.config;
    console.log('a backup keeps what the database holds');
    const backup = `${job}-kept`;
    await ensureJob(name, 'backup', backup);
    await jobDone(name, backup, this.wish.timeout);
    console.log(`kept: npm run restore -- ${this.name} --at ${new Date().toISOString()} brings it back`);
  }

  private plan(more: Pick<Plan, 'what' | 'from' | 'source' | 'follow'> & { room: number; longest: number }): Plan {
    const { longest, from, ...rest } = more;
    return {
      ...rest,
      from: isPlainName(from) ? from : this.config.database.name,
      name: `import-${randomBytes(4).toString('hex')}`,
      mode: 'load',
      replace: this.here.objects > 0,
      // a statement is held by each program of the pipe
      memory: Math.max(1024, Math.ceil((longest * 4) / 2 ** 20) + 256),
      seconds: this.wish.timeout,
    };
  }
}
