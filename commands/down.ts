import { createInterface } from 'node:readline/promises';
import { namespaceOf } from '../charts/topology';
import type { Config } from '../config';
import { command, type Environment, environment, manifestFiles, UsageError } from './environment';
import { kubectl } from './kubectl';

/** Removes what `up` applied, last file first. Namespaces, Secrets and volumes stay: they hold what cannot be made again. */
async function takeDown(chosen: Environment): Promise<void> {
  const files = manifestFiles(chosen).filter((file) => !file.endsWith('00-namespaces.yaml'));
  for (const file of files.reverse()) {
    await kubectl(['delete', '-f', file, '--ignore-not-found', '--wait=true'], { seconds: 300 });
  }
}

async function deleteData(config: Config): Promise<void> {
  for (const namespace of namespacesOf(config)) {
    await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=true'], { seconds: 300 });
  }
}

const namespacesOf = (config: Config): string[] => [namespaceOf('app', config), namespaceOf('monitoring', config)];

async function confirm(question: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new UsageError(`${question} Say --yes where nobody can answer.`);
  const line = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await line.question(`${question} Type "yes": `);
  line.close();
  if (answer.trim() !== 'yes') throw new UsageError('nothing was changed');
}

if (process.argv[1]?.endsWith('down.ts')) {
  const options = { 'delete-data': { type: 'boolean' }, yes: { type: 'boolean' } } as const;
  await command(options, async (name, values) => {
    const chosen = environment(name);
    const { config } = chosen;
    const all = values['delete-data'];
    if (all)
      await confirm(
        `This deletes every row, certificate and password of ${namespacesOf(config).join(' and ')}.`,
        values.yes,
      );
    await takeDown(chosen);
    if (all) await deleteData(config);
    console.log(
      all
        ? `${config.name} and its data are gone`
        : `${config.name} is down; volumes and Secrets stay in ${namespacesOf(config).join(' and ')} (--delete-data removes them)`,
    );
  });
}
