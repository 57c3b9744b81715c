import type { Config } from '../../config';
import { ClusterError } from '../cluster/kubectl';
import { UsageError } from '../command';
import { asRoot } from '../restore/databases';
import { logOf, running, until } from '../restore/job';
import { end, log, reach } from './job';
import { IMPORT } from './objects';

/** What can be asked of an import that follows; the words that follow.sh reads. */
export type Ask = 'switch' | 'switch-unchecked' | 'give-up';

const STATE = /^(\S+) \[threewall\] ((?:follows|tries again): .*)$/;

/** Waits until a Job follows the old server, and says how far it is. @param name of the environment @returns exit code */
export async function followed(name: string, config: Config, seconds: number, job: string): Promise<number> {
  const states = (await linesOf(config, job)).flatMap((line) => {
    const [, time, state] = STATE.exec(line) ?? [];
    return time && state ? [`${time} ${state}`] : [];
  });
  if (states.some((state) => state.includes(' follows: '))) log(states.at(-1) ?? '');
  else await reach(config, seconds, job, /\[threewall\] follows: /);
  console.log(`The database of ${config.name} follows the old server; until the switch, nothing else may write into it.
  how far it is:  the same command again
  the switch:     stop the old site, then: npm run import -- ${name} --switch
  to give up:     npm run import -- ${name} --give-up`);
  return 0;
}

const linesOf = async ({ name }: Config, job: string): Promise<string[]> =>
  (await logOf(name, job, ['--ignore-errors']).catch(() => '')).split('\n');

/** Asks the import that follows for its end, and waits for the answer. @param primary its pod @returns exit code */
export async function ask(name: string, config: Config, seconds: number, primary: string, asked: Ask): Promise<number> {
  const [found] = await running(config.name, IMPORT);
  const table = `\`${config.database.name}\`.threewall_import`;
  const place =
    found &&
    (await asRoot(config.name, primary, `SELECT value FROM ${table} WHERE name = 'position';`).catch(() => ''));
  if (!found || !place) {
    throw new UsageError(
      found
        ? `job ${found.name} does not follow a server, or still copies it: kubectl logs job/${found.name} -n ${config.name}`
        : `no import follows a server: npm run import -- ${name} --from SECRET --follow`,
    );
  }
  const job = found.name;
  const known = new Set(await linesOf(config, job));
  await asRoot(config.name, primary, `REPLACE INTO ${table} VALUES ('wish', '${asked}');`);
  let refused: { writes: boolean; why: string } | undefined;
  try {
    await until(config.name, job, seconds, async ({ status }) => {
      for (const line of await linesOf(config, job)) {
        if (known.has(line)) continue;
        known.add(line);
        const said = /\[threewall\] (.*)/.exec(line)?.[1];
        if (said) log(said);
        const [, writes, why] = /^switch refused(, writes)?: (.*)/.exec(said ?? '') ?? [];
        if (why) refused ??= { writes: writes !== undefined, why };
      }
      return refused !== undefined || (status?.succeeded ?? 0) > 0;
    });
  } catch (error) {
    if ((await running(config.name, IMPORT)).length === 0) await end(config, job);
    throw error;
  }
  if (refused) throw refused.writes ? new UsageError(refused.why) : new ClusterError(refused.why);
  await end(config, job);
  return 0;
}
