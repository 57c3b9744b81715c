import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Config, ConfigError, parseConfig } from '../config';
import { ClusterError } from './kubectl';

/** The command line or a file that it names is wrong. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** An environment that a command works on. */
export interface Environment {
  readonly name: string;
  readonly config: Config;
  /** Folder of its manifests. */
  readonly manifests: string;
}

/** Reads the environment `name` of the project in `root`. Throws UsageError or ConfigError. */
export function environment(name: string | undefined, root = process.cwd()): Environment {
  const known = readdirSync(join(root, 'config'))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'));
  if (name === undefined) throw new UsageError(`name an environment: ${known.join(' or ')}`);
  if (!known.includes(name)) throw new UsageError(`unknown environment "${name}", there are: ${known.join(', ')}`);
  const path = join('config', `${name}.yaml`);
  const manifests = join(root, 'dist', name);
  if (!existsSync(manifests)) throw new UsageError(`dist/${name} is missing; run \`npm run synth\``);
  return { name, config: parseConfig(readFileSync(join(root, path), 'utf8'), path), manifests };
}

/** Files of manifests in the order in which they are applied. */
export const manifestFiles = ({ manifests }: Environment): string[] =>
  readdirSync(manifests)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => join(manifests, file));

/**
 * Runs a command: parses its arguments, and turns what it throws into one message and an exit code (1 the cluster, 2 the input).
 * @param options those that the command knows, in the words of node:util
 */
export async function command<T extends NonNullable<ParseArgsConfig['options']>>(
  options: T,
  run: (
    environmentName: string | undefined,
    values: ReturnType<typeof parseArgs<{ options: T }>>['values'],
  ) => Promise<void>,
): Promise<void> {
  try {
    const { positionals, values } = parse(options);
    if (positionals.length > 1) throw new UsageError(`one environment at a time, got: ${positionals.join(', ')}`);
    await run(positionals[0], values);
  } catch (error) {
    const bad = error instanceof UsageError || error instanceof ConfigError;
    if (!bad && !(error instanceof ClusterError)) throw error;
    console.error(`error: ${error.message}`);
    process.exitCode = bad ? 2 : 1;
  }
}

function parse<T extends NonNullable<ParseArgsConfig['options']>>(options: T) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
