import { backup } from './backup';
import { drill, fetchBackup } from './fetch';
import { settings } from './settings';
import { plan, ship } from './ship';
import { FAILED, tell } from './signals';

const given = settings();
const tasks: Readonly<Record<string, () => Promise<unknown>>> = {
  backup: () => backup(given),
  plan: () => plan(given),
  ship: () => ship(given),
  drill: () => drill(given),
  restore: () => fetchBackup(given, process.env.BACKUP_AT ?? 'latest'),
};

/** One task a container, named by the first argument. Whatever fails is one line, exit code 1, and known to the others. */
async function main(name = ''): Promise<void> {
  try {
    const task = tasks[name];
    if (!task) throw new Error(`unknown task "${name}", there are: ${Object.keys(tasks).join(', ')}`);
    await task();
  } catch (error) {
    const { message, cause } = error as Error;
    // of a connection that failed, only the cause says why
    console.error(`error: ${message}${cause instanceof Error ? `: ${cause.message}` : ''}`);
    tell(given.work, FAILED);
    process.exitCode = 1;
  }
}

void main(process.argv[2]);
