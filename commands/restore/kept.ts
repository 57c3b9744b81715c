import { UsageError } from '../command';
import { labelsOf, refuseOther } from './begin';
import { databasePods, restored, stateOf } from './databases';
import { ensureJob } from './job';
import { agreed, withBackups } from './restore';
import { adoptAll } from './take';
import { dropKeptVolumes, swapVolumes } from './volumes';
import { inWords, partsOf } from './wish';

/** Takes a restore back: databases and volumes get what it kept. @throws UsageError naming what is kept */
export async function undoRestore(
  name: string | undefined,
  id: string,
  { yes, only }: { readonly yes: boolean; readonly only?: string },
): Promise<void> {
  const { config } = withBackups(name);
  const parts = partsOf(config, only);
  await agreed(
    config,
    yes,
    (where) => `This replaces the data of ${inWords(parts, config)} ${where} by what restore ${id} kept.`,
  );
  const back = `${id}-undo`;
  const aim = { at: back, only };
  await refuseOther(config.name, aim);
  if (parts.includes('database')) {
    const left: string[] = [];
    for (const pod of await databasePods(config)) {
      // an undo that was killed goes on
      if (['complete', 'adopted'].includes((await stateOf(config.name, pod, back)).step)) continue;
      const kept = (await restored(config.name, pod, ['kept'])).split('\n');
      if (!kept.includes(id))
        throw new UsageError(`--undo: ${pod} keeps nothing of a restore "${id}", but of: ${kept.join(', ') || 'none'}`);
      left.push(pod);
    }
    for (const pod of left) await restored(config.name, pod, ['back', id, back]);
    await adoptAll(config, back);
    await ensureJob(config.name, 'backup', `restore-backup-${back}`);
    console.log(`the databases have what restore ${id} kept, and keep what it made; a new full backup is under way`);
  }
  if (parts.includes('volumes')) await undoVolumes();

  async function undoVolumes(): Promise<void> {
    try {
      await swapVolumes(config, back, { back: id }, labelsOf(aim));
      console.log(`${inWords(['volumes'], config)}: what restore ${id} kept, and they keep what it made`);
    } catch (error) {
      // it was one of the databases alone
      if (!(error instanceof UsageError) || only !== undefined) throw error;
      console.log(error.message);
    }
  }
}

/** Removes what restores have kept on the volumes of the databases and of the app. */
export async function dropKept(
  name: string | undefined,
  { yes, only }: { readonly yes: boolean; readonly only?: string },
): Promise<void> {
  const { config } = withBackups(name);
  const parts = partsOf(config, only);
  await agreed(config, yes, (where) => `This removes what restores have kept of ${inWords(parts, config)} ${where}.`);
  // what one has brought lies beside what is kept
  await refuseOther(config.name, { at: 'drop', only });
  if (parts.includes('database')) {
    for (const pod of await databasePods(config)) await restored(config.name, pod, ['drop']);
  }
  if (parts.includes('volumes')) await dropKeptVolumes(config);
  console.log('nothing is kept any more');
}
